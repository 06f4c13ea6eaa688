"""Reads about mailboxes and the quarantine. Who sets up mailboxes sees no letters; who leads the inbox does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.engines.files import services as files
from kefu.engines.mail import reading
from kefu.engines.privacy.masking import mask
from kefu.kit import sentences
from kefu.kit.errors import NotFound, Text
from kefu.kit.health import Ill, Way
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import SYSTEM, Actor
from kefu.touch.channels.email.choices import Settled
from kefu.touch.channels.email.models import Mailbox, Outgoing, Quarantined, Recipients
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Delivery, Direction, Health
from kefu.touch.conversations.registry import Head
from kefu.touch.conversations.services import Account, Conversation

KIND = "quarantined"
MANAGE, OPEN = "mailboxes.manage", "conversations.lead"
MOST = 100
PLUS = re.compile(r"^(.+)\+([2-9a-hj-np-zA-HJ-NP-Z]{16})@(.+)$")
LOOK = gettext_lazy("Look at them in the inbox and under Settings, Mailboxes.")
ACCOUNT = ("id", "name", "address", "unit_id", "unit__name", "active", "health", "trouble", "tried_at")
# What may be read of a mailbox's servers: no secret is among it.
KEPT = (
    *("sender_name", "signature", "acknowledgement", "token", "imap_host", "imap_port", "imap_security", "folder", "since"),
    *("smtp_host", "smtp_port", "smtp_security", "sign_in", "user", "token_url", "client_id", "scope"),
)
BOX = (*KEPT, "fetched_at", "sent_at", "send_trouble")
DEFAULTS: dict[str, Any] = {name: getattr(Mailbox(), name) for name in BOX}
ROW = ("id", "account__name", "why", "detail", "sender", "title", "at", "tries", "settled", "file_id", "file__size")


def mailboxes(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The mailboxes; none for who neither sets them up nor leads the inbox."""
    if actor.id is not None and not (actor.can(MANAGE) or actor.can(OPEN)):
        return []
    rows = Account.objects.filter(channel=Channel.EMAIL, **which).order_by("name", "pk").values(*ACCOUNT)
    found = [{**row, **DEFAULTS, "waits": 0, "failed": 0, "quarantined": 0} for row in rows]
    by_id = {row["id"]: row for row in found}
    for box in Mailbox.objects.filter(pk__in=list(by_id)).values("account_id", *BOX):
        by_id[box.pop("account_id")].update(box)
    for row in found:
        row |= counts(row["id"])
    return found


def counts(account_id: int) -> dict[str, int]:
    """What of a mailbox waits to be sent, failed lately, and lies in quarantine; each counted to ``MOST``."""
    boxed = Quarantined.objects.filter(settled=Settled.OPEN, account_id=account_id).values_list("pk")[:MOST]
    waits, failed = (conversations.how_many_are(account_id, one, MOST) for one in (Delivery.QUEUED, Delivery.FAILED))
    return {"waits": waits, "failed": failed, "quarantined": len(boxed)}


def fetched() -> list[tuple[int, str]]:
    """The mailboxes in use whose letters are fetched: id and address."""
    rows = Mailbox.objects.filter(account__active=True).exclude(imap_host="").order_by("account__address")
    return [(pk, address) for pk, address in rows.values_list("pk", "account__address")]


class Known(NamedTuple):
    """A trouble of servers: by which of its words it is known, what it is for a reader, and what to do about it."""

    by: tuple[str, ...]
    what: Text
    advice: Text


_TOKEN = Known(
    ("no token", "token address"),
    gettext_lazy("The token address gives no access token."),
    gettext_lazy("Check the token address: it must begin with https://, and this machine must be able to reach it."),
)
_KNOWN = (
    _TOKEN,
    Known(
        ("sign-in", "token"),
        gettext_lazy("The server does not take user and password."),
        gettext_lazy(
            "Check user and password. Many providers want an authorisation code instead of the password; a token may have to be given anew."
        ),
    ),
    Known(
        ("certificate",),
        gettext_lazy("The certificate of the server is not trusted; nothing was sent to it."),
        gettext_lazy(
            "The certificate must be valid for this name of the server. One of your own authority is trusted if KEFU_MAIL_CA_FILE names it."
        ),
    ),
    Known(
        ("ssl", "tls"),
        gettext_lazy("The server does not speak this protection at this port."),
        gettext_lazy("Check the port and the protection: 993 and 465 speak TLS, 143 and 587 STARTTLS."),
    ),
    Known(
        ("name or service", "getaddrinfo", "no address", "nodename", "name resolution"),
        gettext_lazy("There is no server of this name."),
        gettext_lazy("Check the name of the server."),
    ),
    Known(
        ("refused",),
        gettext_lazy("Nobody answers at this port of the server."),
        gettext_lazy("Check name and port of the server, and that this machine may reach it."),
    ),
    Known(
        ("timed out",),
        gettext_lazy("The server did not answer in time."),
        gettext_lazy("Check name and port of the server, and that this machine may reach it."),
    ),
    Known(
        ("unreachable", "reset", "no route", "closed", "eof"),
        gettext_lazy("The connection to the server was broken off."),
        gettext_lazy("Check name and port of the server, and that this machine may reach it."),
    ),
    Known(
        ("nonexistent", "mailbox doesn't exist", "unknown mailbox", "select failed"),
        gettext_lazy("The server has no such folder."),
        gettext_lazy("Check the name of the folder; the usual one is INBOX."),
    ),
)  # fmt: skip
_WAIT = Known((), gettext_lazy("The server asks to wait."), gettext_lazy("The server asks to wait; it is tried again by itself."))
_OTHER = Known(
    (),
    gettext_lazy("The server cannot be used now."),
    gettext_lazy("It is tried again by itself; if it stays so, ask whoever runs the mail server."),
)


def known(trouble: str) -> Known:
    """What the trouble of a server is, told by the words of the server or of the system."""
    said = trouble.lower()
    if said.startswith("535"):
        return _KNOWN[1]
    if said[:1] == "4" and said[:3].isdigit():
        return _WAIT
    return next((one for one in _KNOWN if any(word in said for word in one.by)), _OTHER)


_BY_TEXT: dict[str, Known] = {}
_SAID = gettext_lazy("%(what)s Original message: %(said)s")
_COPY = gettext_lazy("No copy went to %(whom)s: %(why)s")
_ONE = gettext_lazy("%(whom)s: %(why)s")
# What a server will never take, by the code that it says it with (RFC 3463), else by its words.
_REFUSALS: tuple[tuple[re.Pattern[str], Text], ...] = tuple(
    (re.compile(by, re.IGNORECASE), what)
    for by, what in (
        (r"\b5\.1\.(?:0|1|3|6|10)\b|user unknown|unknown user|no such user|does not exist", gettext_lazy("There is no such mail address.")),
        (r"\b5\.(?:1\.2|4\.4)\b|host unknown|domain not found", gettext_lazy("There is no mail server for this address.")),
        (r"\b5\.2\.2\b|quota|mailbox (?:is )?full|over ?quota", gettext_lazy("The mailbox of the recipient is full.")),
        (r"\b5\.2\.1\b|disabled|suspended", gettext_lazy("The mailbox of the recipient takes no letters.")),
        (r"\b5\.(?:2\.3|3\.4)\b|^552\b|too (?:large|big)", gettext_lazy("The letter is too large for the server of the recipient.")),
        (r"cannot be written to", gettext_lazy("This is no address that a letter can be sent to.")),
        (r"\b5\.7\.\d+\b|spam|blocked|policy", gettext_lazy("The server refuses the letter by its rules against unwanted mail.")),
    )
)
_REFUSED = gettext_lazy("The letter was not taken.")
SIGN_IN = "sign-in: "


def ill(said: str) -> str:
    """Why a server cannot be used, as it is stored (kit.sentences): what it is, by ``known``, and its own words beside that."""
    return sentences.keep(known(said).what, said=said.removeprefix(SIGN_IN))


def told(stored: str) -> tuple[Known, str]:
    """What ``ill`` stored: what it is and what to do, and the words of the server."""
    text, places = sentences.apart(stored)
    if not _BY_TEXT:
        with translation.override(None):
            _BY_TEXT.update({str(one.what): one for one in (*_KNOWN, _WAIT, _OTHER)})
    said = places.get("said", "")
    return _BY_TEXT.get(text) or known(said), said


def ill_in_words(stored: str) -> str:
    """What ``ill`` stored, in one line in the active language."""
    if not stored:
        return ""
    one, said = told(stored)
    return str(_SAID) % {"what": one.what, "said": said}


def unsent(said: str, *, final: bool = False) -> str:
    """Why a letter was not taken, as it is stored: what the answer of a server means, and the answer itself. ``final``: it came back."""
    if sentences.is_kept(said):
        return said
    final = final or re.match(r"\s*5(?:\d\d\b|\.\d)", said) is not None or _REFUSALS[5][0].search(said) is not None
    named = (what for by, what in _REFUSALS if by.search(said))
    return sentences.keep(_SAID, what=next(named, _REFUSED) if final else known(said).what, said=said.removeprefix(SIGN_IN))


def homeless() -> int:
    """How many letters to no mailbox lie in quarantine, counted to ``MOST``."""
    return len(Quarantined.objects.filter(settled=Settled.OPEN, account=None).values_list("pk")[:MOST])


def health() -> list[Way]:
    """How each mailbox fares, and letters that belong to none."""
    last, found = conversations.last_of_accounts(), []
    for row in mailboxes(SYSTEM):
        came, went = last.get(row["id"], (None, None))
        ills = tuple(_ills(row)) if row["active"] else ()
        tried = not row["imap_host"] or row["fetched_at"] is not None
        url, failing = "/settings/mailboxes", row["failed"] + row["quarantined"]
        found.append(
            Way(_("Mailbox"), row["address"], url, row["active"], tried, came, row["sent_at"] or went, row["waits"], failing, ills)
        )
    if count := homeless():
        ill = Ill(_("Letters to no mailbox in quarantine: %(count)s") % {"count": count}, str(LOOK))
        found.append(Way(_("Mailbox"), _("No mailbox"), "/settings/mailboxes", failing=count, ills=(ill,)))
    return found


def _ills(row: dict[str, Any]) -> Iterator[Ill]:
    if row["health"] == Health.FAILING:
        yield Ill(
            _("Letters cannot be fetched: %(trouble)s") % {"trouble": ill_in_words(row["trouble"])}, str(told(row["trouble"])[0].advice)
        )
    elif row["imap_host"] and row["fetched_at"] is None:
        yield Ill(_("Not fetched yet"), _("Start a worker, or try `kefu mail fetch`."))
    if row["send_trouble"]:
        why = row["send_trouble"]
        yield Ill(_("Letters cannot be sent: %(send_trouble)s") % {"send_trouble": ill_in_words(why)}, str(told(why)[0].advice))
    if row["failed"] or row["quarantined"]:
        yield Ill(_("%(failed)s letters not sent, %(quarantined)s in quarantine") % row, str(LOOK))


def mailbox(actor: Actor, account_id: int) -> dict[str, Any]:
    """One mailbox; raises ``NotFound`` for who may not see it."""
    found = mailboxes(actor, pk=account_id)
    if not found:
        raise NotFound()
    return found[0]


def by_address(address: str) -> Account | None:
    """The mailbox in use with this address, for what arrives by itself."""
    boxes = Account.objects.filter(channel=Channel.EMAIL, active=True, address__iexact=address.strip())
    return boxes.select_related("unit").first()


def quarantined(actor: Actor, *, settled: Settled = Settled.OPEN, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """What waits for a person, or was ``settled`` that way, newest first."""
    if not actor.can(OPEN):
        return Page([], None)
    rows = after(Quarantined.objects.filter(settled=settled), keys=("-id",), cursor=cursor).values(*ROW)[: size + 1]
    shown_rows = [{**row, "detail": sentences.shown(row["detail"])} for row in rows]
    return cut(shown_rows, size=size, key=lambda row: [row["id"]])


def entry(actor: Actor, entry_id: int) -> Quarantined:
    """One message of the quarantine; raises ``NotFound`` for who does not lead the inbox."""
    found = Quarantined.objects.select_related("file", "account", "settled_by").filter(pk=entry_id).first() if actor.can(OPEN) else None
    if found is None:
        raise NotFound()
    return found


def opened(row: Quarantined) -> dict[str, Any]:
    """What can be read of it: the letter as it was understood, and the first lines of its bytes."""
    data = files.read(row.file_id)
    try:
        letter: dict[str, Any] | None = reading.read(data).as_json()
    except Exception:  # it lies here because it is odd
        letter = None
    return {"letter": letter, "head": data[:4000].decode("utf-8", "replace")}


def shown(name: str, address: str) -> str:
    """One recipient as those see him who need not know him."""
    return f"{mask('name', name)} {mask('email', address)}".strip()


def refusals(refused: Mapping[str, str], *, copies: bool = False) -> str:
    """Whom a server takes no letter for, and why, as it is stored; no whole address stands in it. ``copies``: others have the letter."""
    text = _COPY if copies else _ONE
    each = ((mask("email", one), unsent(said.replace(one, mask("email", one)))) for one, said in refused.items())
    return sentences.together(sentences.keep(text, whom=whom, why=why) for whom, why in each)


def own_addresses() -> set[str]:
    """The addresses of all mailboxes of the centre, in small letters."""
    return {one.lower() for one in Account.objects.filter(channel=Channel.EMAIL).values_list("address", flat=True)}


def one_of_several(message_id: int, address: str) -> str:
    """This address, if the letter went to it and to others; else nothing."""
    named = Recipients.objects.filter(pk=message_id).values_list("cc", "bcc").first()
    to = Outgoing.objects.filter(pk=message_id).values_list("recipient", flat=True).first()
    several = {each.lower() for pairs in named or () for _name, each in pairs}
    return address if named and address.lower() in several | {(to or "").lower()} else ""


def heads(conversation: Conversation, messages: Sequence[Mapping[str, Any]]) -> dict[int, Head]:
    """To and from whom these letters of a conversation went, where that is more than the mailbox and who began it. An answer to all is
    offered at the newest that came."""
    rows = {row.pk: row for row in Recipients.objects.filter(pk__in=[one["id"] for one in messages])}
    came = [one["id"] for one in messages if one["direction"] == Direction.IN and not one["auto"]]
    own = own_addresses() if rows else set()
    sent = _sent([one for one in messages if one["direction"] == Direction.OUT and one["id"] in rows])
    found = {}
    for one in messages:
        other = one["direction"] == Direction.IN and one["sender"] and one["sender"].lower() != conversation.address
        row = rows.get(one["id"]) or (Recipients() if other else None)
        if row is not None:
            went = sent.get(one["id"])
            lines = (went.to if went else row.to, row.cc, row.bcc)
            to, cc, bcc = ([_named(pair, own) + (went.state(pair[1]) if went else "") for pair in line if pair[1]] for line in lines)
            everybody = [(key, shown(*pair)) for key, pair in keyed(row, own)] if came and one["id"] == came[-1] else []
            found[one["id"]] = Head(mask("email", one["sender"]) if other else "", to, cc, bcc, row.more, everybody)
    return found


class Went(NamedTuple):
    """A reply with copies: to whom it goes beside them, how it went, and whom it has not reached."""

    to: list[tuple[str, str]]
    delivery: str
    left: set[str]

    def state(self, address: str) -> str:
        """How it went with one of them, to stand behind his address."""
        missed = address.lower() in self.left if self.left else self.delivery != Delivery.SENT
        failed = Delivery.QUEUED if self.delivery == Delivery.QUEUED else Delivery.FAILED
        return _(" (%(state)s)") % {"state": (failed if missed else Delivery.SENT).label}


def _sent(messages: Sequence[Mapping[str, Any]]) -> dict[int, Went]:
    """How these replies with copies went."""
    ways = {one["id"]: one["delivery"] for one in messages}
    rows = Outgoing.objects.filter(pk__in=ways).values_list("pk", "recipient", "left") if ways else ()
    return {pk: Went([("", to)], ways[pk], {one.lower() for one in left}) for pk, to, left in rows}


def _named(pair: Sequence[str], own: set[str]) -> str:
    name, address = pair
    return address if address.lower() in own else shown(name, address)


def bare(address: str) -> str:
    """An address in small letters without the thread word of our own answers."""
    plus = PLUS.match(address)
    return f"{plus[1]}@{plus[3]}".lower() if plus else address.lower()


def keyed(row: Recipients, own: set[str]) -> list[tuple[str, Sequence[str]]]:
    """Who gets a copy of an answer to all, each by a key: whom a letter named, without the mailboxes of the centre."""
    return [(f"{row.pk}.{place}", pair) for place, pair in enumerate((*row.to, *row.cc)) if pair[1] and bare(pair[1]) not in own]
