"""From the bytes of a letter to a turn of a conversation. Whatever the bytes are, they are kept."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from kefu.engines.files import services as files
from kefu.engines.mail import reading
from kefu.engines.mail.reading import Message as Letter
from kefu.engines.mail.recipients import Others, others
from kefu.kit import moment, prepared, sentences
from kefu.kit.errors import KefuError, Unavailable
from kefu.touch.channels.email import queries
from kefu.touch.channels.email.choices import Settled, Why
from kefu.touch.channels.email.models import Acknowledged, Mailbox, Outgoing, Quarantined, Recipients
from kefu.touch.channels.email.registry import acknowledging, letter_takers
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations import routing as beginnings
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import Auto, Delivery
from kefu.touch.conversations.routing import Arrived
from kefu.touch.conversations.services import Account, Conversation, Enclosed, Incoming

log = logging.getLogger("kefu.email")
_TOKEN = re.compile(r"\[#([2-9A-HJ-NP-Z]{16})\]")
_OWN = re.compile(r"<kefu\.([2-9A-HJ-NP-Z]{16})\.\d+@[^<>\s]{1,250}>")
MOST_REFERENCES, MOST_HOPS, MOST_HEAD = 50, 50, 300_000
MOST_BY_MACHINES, MACHINES_WITHIN = 20, timedelta(hours=1)
A_DAY = timedelta(days=1)
_NOBODY = re.compile(r"(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|owner-|.*-request@|.*-bounces@)", re.IGNORECASE)
_MACHINE = re.compile(
    rb"^(?:auto-submitted:(?!\s*no\b)|precedence:\s*(?:bulk|junk|list|auto)|list-(?:id|post|unsubscribe):|x-auto-response-suppress:"
    rb"|return-path:\s*<>|feedback-id:)",
    re.IGNORECASE | re.MULTILINE,
)
_EMPTY, _NO_HEADER = gettext_lazy("It is empty"), gettext_lazy("It has no header as letters have")
_LARGER = gettext_lazy("It is larger than %(size)d MB")
_PASSED_ON = gettext_lazy("%(hops)d servers have passed it on")
_OWN_LETTER = gettext_lazy("It was sent by this mailbox itself")
_FLOOD = gettext_lazy("%(most)d automatic answers came within an hour")
_HEADERS = ("message/rfc822", "text/rfc822-headers")


class NoMailbox(Exception):
    """No mailbox of the centre is named by the letter."""


class Loop(Exception):
    """The letter goes round between machines; the text is a stored sentence (kit.sentences)."""


@dataclass(frozen=True)
class Ingested:
    """What became of a letter: ``stored``, ``known`` (it is here already), ``quarantined``, or ``taken`` by another channel.

    ``id`` is the conversation or the entry, 0 for what another channel took.
    """

    result: str
    id: int


def ingest(data: bytes, *, account: Account | None = None) -> Ingested:
    """Take in one letter; ``account`` is the mailbox it lay in, else its addresses tell. It is stored when this returns.

    What cannot be read or stored lies in quarantine then. Raises ``Unavailable`` or ``OperationalError`` if nothing can be stored now:
    then the sender has to offer it again.
    """
    try:
        return _take_in(data, account)
    except reading.NotAMail as error:
        return quarantine(data, account=account, why=Why.NO_MAIL, detail=_no_mail(data, error))
    except NoMailbox as error:
        return quarantine(data, account=account, why=Why.NO_MAILBOX, detail=str(error))
    except Loop as error:
        return quarantine(data, account=account, why=Why.LOOP, detail=str(error))
    except (Unavailable, OperationalError, InterfaceError):
        raise
    except Exception as error:  # one letter never stops the others
        log.exception("a letter could not be taken in")
        return quarantine(data, account=account, why=Why.BROKEN, detail=_broken(error))


def _no_mail(data: bytes, error: reading.NotAMail) -> str:
    if not data.strip():
        return sentences.keep(_EMPTY)
    size = reading.MAX_BYTES // 1024 // 1024
    return sentences.keep(_LARGER, size=size) if len(data) > reading.MAX_BYTES else sentences.keep(_NO_HEADER)


def _broken(error: Exception) -> str:
    return sentences.of_error(error) if isinstance(error, KefuError) else sentences.plain(f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class Opened:
    """A letter of a batch, by the names of all letters that it is or names; ``arrived`` answers it with its files on the disk (None if that
    cannot be), and is None for one that goes its way alone: unreadable, an answer to us, a bounce, going round."""

    data: bytes
    identifier: str = ""
    named: frozenset[str] = frozenset()
    personal: bool = False
    arrived: Callable[[], Arrived | None] | None = None
    others: Others | None = None


def opened(data: bytes, account: Account, letter: Letter | None = None, disk: Executor | None = None) -> Opened:
    """Read a letter, unless that is done, without the database; ``disk`` begins to keep its files meanwhile."""
    try:
        letter = letter or reading.read(data)
        told, named = _incoming(letter, account), _identifiers(letter)
        _to, thread = _named(letter)
        answers = thread or letter.auto == Auto.BOUNCE or any(_OWN.fullmatch(one) for one in named)
        own = letter.sender is not None and letter.sender.address.lower() == account.address.lower()
        identifier = talks.foreign(told.foreign_id)
        head = _head(data)
        alone = answers or own or _hops(head) > MOST_HOPS
        arrived = partial(_laid, told)
        if disk and told.files and not alone:
            arrived = partial(disk.submit(_laid, told).result)
        every = frozenset((identifier, *map(talks.foreign, named)))
        return Opened(data, identifier, every, _by_person(head, letter), None if alone else arrived, _others(letter, account))
    except Exception:  # one letter never stops the others; ``ingest`` says what is wrong with it
        return Opened(data)


@dataclass(frozen=True)
class Sorted:
    """A letter that was looked at: ``arrived`` if it begins a conversation as far as is known, else it goes its way alone."""

    letter: Opened
    arrived: Arrived | None


def watched(account: Account) -> bool:
    """Whether another channel looks at each letter of this mailbox."""
    return any(taker.watches(account) for taker in letter_takers)


def sort(letters: Sequence[Opened], account: Account) -> list[Sorted]:
    """See which letters begin conversations, and that their files are kept: what needs no transaction. Raises ``Unavailable``."""
    alone = watched(account)
    known = conversations.known(account.pk, frozenset().union(*(one.named for one in letters)))
    return [Sorted(one, one.arrived() if one.arrived and not alone and not one.named & known else None) for one in letters]


def _laid(incoming: Incoming) -> Arrived | None:
    try:
        return beginnings.laid(incoming)
    except Unavailable:
        raise
    except Exception:  # it goes its way alone, and what is wrong with it is said there
        return None


def ingest_many(letters: Sequence[Sorted], *, account: Account) -> list[str]:
    """Take in the letters of one mailbox in their order; what became of each (``Ingested.result``). Raises as ``ingest`` does.

    Those that begin conversations are stored in one go. A letter that names another of them waits until that is stored.
    """
    done: list[str] = []
    waiting: list[Sorted] = []
    seen: set[str] = set()
    for one in letters:
        if one.arrived is None or one.letter.named & seen:
            done += [*_begin(waiting, account), ingest(one.letter.data, account=account).result]
            waiting = []
        else:
            waiting.append(one)
        seen.add(one.letter.identifier)
    return done + _begin(waiting, account)


def _begin(letters: list[Sorted], account: Account) -> list[str]:
    """Store them together; if that cannot be, each by itself, so that only the one in the way is put aside."""
    arrived = [one.arrived for one in letters if one.arrived]
    if not arrived:
        return []
    try:
        with transaction.atomic():
            begun = beginnings.begin(account=account, letters=arrived)
            held = [(message.pk, one.letter.others) for message, one in zip(begun, letters, strict=True) if one.letter.others]
            _keep_others(held)
            _acknowledge(account, [message.conversation_id for message, one in zip(begun, letters, strict=True) if one.letter.personal])
    except (Unavailable, OperationalError, InterfaceError):
        raise
    except Exception:
        log.info("letters are taken in one by one", exc_info=True)
        return [ingest(one.letter.data, account=account).result for one in letters]
    return ["stored"] * len(letters)


def _take_in(data: bytes, account: Account | None) -> Ingested:
    letter = reading.read(data)
    to, thread = _named(letter)
    account = account or _account(to)
    _no_loop(data, letter, account)
    if any(taker.take(account, letter) for taker in letter_takers):
        return Ingested("taken", 0)
    named = _identifiers(letter)
    with transaction.atomic():
        conversation_id = _answered(account, named, thread)
        if letter.auto and conversation_id:
            _no_flood(conversation_id)
        message, new = talks.receive(account=account, incoming=_incoming(letter, account), conversation_id=conversation_id)
        if new and (beside := _others(letter, account)):
            _keep_others([(message.pk, beside)])
        if new and letter.auto == Auto.BOUNCE and letter.bounce.get("action", "failed") == "failed":
            _came_back(account, letter, named)
        if new and not conversation_id and _by_person(_head(data), letter):
            _acknowledge(account, [message.conversation_id])
    return Ingested("stored" if new else "known", message.conversation_id)


def _others(letter: Letter, account: Account) -> Others | None:
    return others(letter.to, letter.cc, own=account.address, bare=queries.bare)


def _keep_others(letters: Sequence[tuple[int, Others]]) -> None:
    prepared.insert([prepared.made(Recipients, message_id=pk, to=one.to, cc=one.cc, more=one.more) for pk, one in letters])


def _no_loop(data: bytes, letter: Letter, account: Account) -> None:
    """A letter that passed too many servers, or that the mailbox wrote itself, goes round."""
    hops = _hops(_head(data))
    if hops > MOST_HOPS:
        raise Loop(sentences.keep(_PASSED_ON, hops=hops))
    own = letter.sender is not None and letter.sender.address.lower() == account.address.lower()
    if own and not conversations.outgoing(account.pk, [letter.message_id]):
        raise Loop(sentences.keep(_OWN_LETTER))


def _head(data: bytes) -> bytes:
    end = data.find(b"\r\n\r\n", 0, MOST_HEAD) + 1 or MOST_HEAD
    return data[: data.find(b"\n\n", 0, end) + 1 or end]


def _by_person(head: bytes, letter: Letter) -> bool:
    """Whether a person wrote it, lately and to be answered: only then a machine may answer (RFC 3834)."""
    old = letter.date is not None and letter.date.tzinfo is not None and letter.date < moment.now() - A_DAY
    sender = letter.sender.address if letter.sender else ""
    return bool(sender) and not (letter.auto or old or _NOBODY.match(sender) or _MACHINE.search(head))


def _acknowledge(account: Account, begun: Sequence[int]) -> None:
    """Queue a word to those who began these conversations, in the caller's transaction: once a day each, never to a mailbox of our own."""
    if not begun or not Mailbox.objects.filter(pk=account.pk).exclude(Q(acknowledgement="") | Q(smtp_host="")).exists():
        return
    whom = {address: pk for pk, address in Conversation.objects.filter(pk__in=begun).order_by("-pk").values_list("pk", "address")}
    told = Acknowledged.objects.filter(
        conversation__address__in=list(whom), conversation__account=account, at__gt=moment.now() - A_DAY
    ).values_list("conversation__address", flat=True)
    own = Account.objects.filter(channel=Channel.EMAIL).annotate(small=Lower("address")).filter(small__in=list(whom))
    for address in whom.keys() - set(told) - set(own.values_list("small", flat=True)):
        Acknowledged.objects.create(conversation_id=whom[address])
        for queue in acknowledging:
            queue(whom[address])


def _hops(head: bytes) -> int:
    """How many servers have passed a letter on."""
    return head.lower().count(b"\nreceived:")


def _no_flood(conversation_id: int) -> None:
    since = moment.now() - MACHINES_WITHIN
    if conversations.by_machines(conversation_id, since, MOST_BY_MACHINES) >= MOST_BY_MACHINES:
        raise Loop(sentences.keep(_FLOOD, most=MOST_BY_MACHINES))


def _came_back(account: Account, letter: Letter, named: list[str]) -> None:
    """A bounce: the reply that it is about did not arrive."""
    found = conversations.outgoing(account.pk, [talks.foreign(one) for one in named])
    if found:
        why = f"{letter.bounce.get('status', '')} {letter.bounce.get('reason', '')}".strip() or letter.subject
        if whom := queries.one_of_several(found, letter.bounce.get("recipient", "")):  # the others have it
            left = Outgoing.objects.values_list("left", flat=True).get(pk=found)
            Outgoing.objects.filter(pk=found).update(left=list(dict.fromkeys([*left, whom])))
            why = queries.refusals({whom: why})
        talks.delivered(found, Delivery.BOUNCED, queries.unsent(why, final=True))


def _named(letter: Letter) -> tuple[list[str], str]:
    """The addresses a letter went to, without the thread word of our own answers, and that word."""
    found, thread = [], ""
    for one in [*letter.to, *letter.cc]:
        plus = queries.PLUS.match(one.address)
        found.append(queries.bare(one.address))
        thread = thread or (plus[2].upper() if plus else "")
    told = _TOKEN.search(letter.subject)
    return found, thread or (told[1] if told else "")


def _account(to: Iterable[str]) -> Account:
    boxes = list(Account.objects.filter(channel=Channel.EMAIL, active=True).select_related("unit").order_by("pk"))
    by_address = {one.address.lower(): one for one in boxes}
    for address in to:
        if address in by_address:
            return by_address[address]
    if len(boxes) == 1:
        return boxes[0]
    raise NoMailbox(", ".join(list(to)[:5]))


def _answered(account: Account, named: list[str], thread: str) -> int | None:
    """The conversation that a letter answers: by the thread word, else by the letters it names, the nearest first."""
    words = [thread, *(own[1] for one in named if (own := _OWN.fullmatch(one)))]
    for word in dict.fromkeys(words):
        if word and (found := conversations.by_thread(word)):
            return found
    return conversations.of_messages(account.pk, [talks.foreign(one) for one in named])


def _identifiers(letter: Letter) -> list[str]:
    """The letters that this one answers, the nearest first; of a bounce also those it brings back or quotes."""
    named = [letter.in_reply_to, *reversed(letter.references[-MOST_REFERENCES:])]
    if letter.auto == Auto.BOUNCE:
        named += [_identifier(one.content()) for one in letter.attachments if one.type in _HEADERS]
        named += [found[0] for found in _OWN.finditer(letter.text[:100_000])]
    return [one for one in named if one]


def _identifier(data: bytes) -> str:
    try:
        return reading.read(data).message_id
    except reading.NotAMail:
        return ""


def _incoming(letter: Letter, account: Account) -> Incoming:
    sender = letter.sender
    asked = letter.reply_to[0] if letter.reply_to and not letter.auto else None
    if asked and asked.address and asked.address.lower() != account.address.lower():
        sender = replace(asked, name=asked.name or (sender.name if sender else ""))
    return Incoming(
        foreign_id=letter.message_id or f"fingerprint:{letter.fingerprint}",
        sender=sender.address if sender else "",
        name=sender.name if sender else "",
        title=letter.subject,
        text=letter.text,
        reply=letter.reply or letter.text,
        html=letter.html,
        auto=Auto(letter.auto),
        files=[Enclosed(one.name, one.content, one.cid) for one in letter.attachments],
        cut=letter.cut,
    )


@transaction.atomic
def quarantine(data: bytes, *, account: Account | None, why: Why, detail: str) -> Ingested:
    """Keep the bytes until a person has looked; the same ones lie here once."""
    digest = hashlib.sha256(data).hexdigest()
    held = Quarantined.objects.filter(digest=digest).first()
    detail = talks.clean(detail, 500)
    if held:
        Quarantined.objects.filter(pk=held.pk).update(
            tries=F("tries") + 1, why=why, detail=detail, settled=Settled.OPEN, settled_at=None, settled_by=None, reason=""
        )
        return Ingested("quarantined", held.pk)
    sender, title = _glimpse(data)
    kept = files.keep_letter(data, name="message.eml")
    made = Quarantined.objects.create(
        account=account, file=kept, digest=digest, why=why, detail=detail, sender=sender[:254], title=talks.clean(title, 200)
    )
    return Ingested("quarantined", made.pk)


def _glimpse(data: bytes) -> tuple[str, str]:
    """Sender and subject, as far as they can be told."""
    try:
        letter = reading.read(data[:200_000])
    except Exception:  # it lies here because it is odd
        return "", ""
    return (letter.sender.address if letter.sender else ""), letter.subject
