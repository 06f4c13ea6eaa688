"""Reads about conversations."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from kefu.engines.privacy.masking import mask
from kefu.engines.privacy.sources import columns
from kefu.engines.rulebook.queries import code_items
from kefu.kit import hot, phone, sentences
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.kit.waiting import MOST
from kefu.people import queries as people
from kefu.people.actor import Actor, actor_of, faceless
from kefu.timeline.queries import visible
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.queries import KIND as CONTACT
from kefu.touch.contacts.queries import Contact
from kefu.touch.conversations.choices import ADDRESSES, RESENDABLE, RUNNING, WITH_PEOPLE, Delivery, Direction, Role, State
from kefu.touch.conversations.models import Attachment, Companion, Conversation
from kefu.touch.conversations.models import Message as Message  # channels read what they show
from kefu.touch.conversations.policies import Facts
from kefu.touch.customers.registry import untold

KIND = "conversation"
TABS: dict[str, tuple[State, ...]] = {
    "mine": (State.OPEN, State.PENDING),
    "waiting": (State.WAITING,),
    "running": RUNNING,
    "help": WITH_PEOPLE,
    "closed": (State.CLOSED,),
}
ROW = (
    "contact_id", "contact__subject__number", "contact__channel", "state", "title", "address", "contact__name", "last_at", "last_in_at",
    "first_reply_at", "contact__agent__name", "contact__agent__number", "account__name",
)  # fmt: skip
MESSAGE = ("id", "direction", "author__name", "author__number", "at", "sender", "text", "reply", "auto", "delivery", "trouble")
MOST_MESSAGES = 200
NEWEST = 5000


def visible_to(actor: Actor) -> QuerySet[Conversation]:
    """The conversations whose contact a person sees."""
    return Conversation.objects.filter(visible(actor, "contact__subject__", kind=CONTACT))


def get(actor: Actor, conversation_id: int) -> Conversation:
    """One conversation with its contact; raises ``NotFound`` for a hidden one."""
    found: list[Conversation] = _whole(faceless(actor), id=conversation_id, me=actor.id or 0)
    if not found:
        raise NotFound()
    return found[0]


def lock(actor: Actor, conversation_id: int) -> Conversation:
    """The same, held until the transaction ends."""
    found: list[Conversation] = _locked(faceless(actor), id=conversation_id, me=actor.id or 0)
    if not found:
        raise NotFound()
    return found[0]


_ALONG = ("contact__subject", "contact__customer", "contact__agent", "account__unit")
_whole = hot.Rows(lambda actor: visible_to(actor).select_related(*_ALONG).filter(pk=hot.Slot("id")))
_locked = hot.Rows(
    lambda actor: visible_to(actor).select_related(*_ALONG).select_for_update(of=("contact", "self")).filter(pk=hot.Slot("id"))
)
_not_there = hot.Read(
    lambda: Message.objects.filter(
        account_id=hot.Slot("account"), delivery__in=RESENDABLE, conversation_id=hot.Slot("conversation")
    ).values("id")[:1]
)
_THERE = ("staff_id", "staff__name", "staff__number", "role", "at", "joined_at")
_there = hot.Read(lambda: Companion.objects.filter(conversation_id=hot.Slot("id"), left_at=None).order_by("id").values(*_THERE))


def facts(
    conversation: Conversation, actor: Actor | None = None, command: str = "", there: Sequence[dict[str, Any]] | None = None
) -> Facts:
    """What the judge needs; for one ``command`` of ``actor`` only what that depends on. ``there`` are its ``companions``, if known."""
    contact = conversation.contact
    failed = command in ("", "resend") and bool(_not_there(account=conversation.account_id, conversation=conversation.pk))
    own = actor is not None and actor.id is not None and contact.agent_id == actor.id
    if there is None:
        there = () if own else companions(conversation.pk)
    asked = frozenset(one["staff_id"] for one in there if one["joined_at"] is None)
    beside = frozenset(one["staff_id"] for one in there if one["joined_at"] is not None)
    return Facts(conversation.state, contact.agent_id, contact.outcome, contact.channel, failed, asked, beside, conversation.came_from_id)


def companions(conversation_id: int) -> list[dict[str, Any]]:
    """Who was asked in or is in it beside the agent, in the order of asking."""
    return _there(id=conversation_id)


def _undelivered(conversation: Conversation) -> QuerySet[Message]:
    return Message.objects.filter(account_id=conversation.account_id, delivery__in=RESENDABLE, conversation=conversation)


def new_key(_actor: Any, _conversation_id: int) -> dict[str, Any]:
    """What a form for a reply begins with: a key of its own."""
    return {"key": secrets.token_urlsafe(12)}


def undelivered(actor: Any, conversation_id: int | None) -> list[tuple[int, str]]:
    """Source of choices: the messages of a conversation that did not arrive, newest first."""
    found = visible_to(actor).filter(pk=conversation_id or 0).first()
    rows = _undelivered(found).order_by("-id").values_list("pk", "reply")[:50] if found else ()
    return [(pk, " ".join(reply.split())[:60]) for pk, reply in rows]


def rows(actor: Actor, *, tab: str = "running", cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """One page. What waits comes by age, oldest first; all else by the last turn, newest first."""
    query = visible_to(actor)
    if tab in TABS:
        query = query.filter(state__in=TABS[tab])
    if State.CLOSED not in TABS.get(tab, TABS["closed"]):
        query = query.filter(closed_at=None)
    if tab == "mine":
        # Reckoned, so that no index of all that a person ever had is taken in place of that of what runs.
        beside = Exists(Companion.objects.filter(conversation=OuterRef("pk"), staff_id=actor.id or 0, left_at=None))
        query = query.annotate(held_by=Coalesce("contact__agent_id", 0)).filter(Q(held_by=actor.id or 0) | beside)
    elif tab == "help":
        query = query.filter(pk__in=_asked_for().values("conversation_id"))
    keys = ("last_at", "contact_id") if tab == "waiting" else ("-last_at", "-contact_id")
    found = after(query, keys=keys, cursor=cursor).values(*ROW)[: size + 1]
    return cut([dict(row) for row in found], size=size, key=lambda row: [row["last_at"], row["contact_id"]])


def how_many_wait(actor: Actor) -> int:
    """How many nobody has taken, up to ``MOST``."""
    return len(visible_to(actor).filter(state=State.WAITING).order_by().values_list("pk")[:MOST])


def _asked_for() -> QuerySet[Companion]:
    """Superiors who were asked for help and are not there yet."""
    return Companion.objects.filter(role=Role.SUPERIOR, joined_at=None, left_at=None)


def help_asked(ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """For a list: who is asked for help in each conversation and is not there yet."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _asked_for().filter(conversation_id__in=ids).order_by("id").values("conversation_id", "staff_id", "staff__name"):
        found.setdefault(row["conversation_id"], []).append(dict(row))
    return found


def how_many_ask(actor: Actor) -> int:
    """In how many conversations this person is asked for help and is not there yet, up to ``MOST``."""
    asked = _asked_for().filter(staff_id=actor.id or 0, conversation__state__in=WITH_PEOPLE)
    return len(asked.order_by().values_list("pk")[:MOST])


def messages(conversation_id: int, after: int = 0) -> list[dict[str, Any]]:
    """The newest turns and notes (those after the turn ``after``), oldest first, each with its files; the caller has judged that the
    conversation may be seen."""
    found = _messages(id=conversation_id, after=after)[::-1]
    files = attachments(row["id"] for row in found if row["encloses"])
    return [{**row, "trouble": sentences.shown(row["trouble"]), "files": files.get(row["id"], [])} for row in found]


def for_colleagues(channel: str, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turns as colleagues read them: a number that a visitor of a chat left stands masked, and as ``left``; ``revealed`` gives it whole."""
    return [_veiled(row) if channel == Channel.CHAT and row["direction"] == Direction.IN else row for row in turns]


def _veiled(row: dict[str, Any]) -> dict[str, Any]:
    number = phone.leading(row["text"])
    masked = mask("phone", number)
    return {**row, "left": masked, **{name: row[name].replace(number, masked, 1) for name in ("text", "reply")}} if number else row


def revealed(contact_id: int, field: str) -> tuple[str, str] | None:
    """The class and the whole value of one personal field of a contact; ``turn7`` is the number left with this turn of its talk."""
    if not (field.startswith("turn") and field[4:].isdecimal() and len(field) < 20):
        return _column(contact_id, field)
    turn = Message.objects.filter(conversation_id=contact_id, pk=int(field[4:]), direction=Direction.IN).values_list("text", flat=True)
    number = phone.leading(turn.first() or "")
    return ("phone", number) if number else None


def _newest() -> QuerySet[Message, Any]:
    rows = Message.objects.filter(conversation_id=hot.Slot("id"), id__gt=hot.Slot("after")).order_by("-id")
    rich = Case(When(html="", then=False), default=True)
    return rows.annotate(rich=rich, encloses=encloses()).values(*MESSAGE, "rich", "encloses")[:MOST_MESSAGES]


def encloses() -> Exists:
    """For a query of messages: whether files hang on each."""
    return Exists(Attachment.objects.filter(message_id=OuterRef("pk")))


_messages = hot.Read(_newest)
_column = columns("contacts.Contact")


def attachments(message_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The files of each message."""
    ids = list(message_ids)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _attached(ids=ids) if ids else ():
        found.setdefault(row["message_id"], []).append(row)
    return found


_attached = hot.Read(
    lambda: (
        Attachment.objects.filter(message_id__in=hot.listed("ids"), file__voided_at=None)
        .order_by("id")
        .values("message_id", "file_id", "file__name", "file__size", "file__media_type", "cid")
    )
)


def page_of(actor: Actor, conversation_id: int, message_id: int) -> tuple[str, dict[str, dict[str, Any]]]:
    """The harmless HTML of a message, and its own pictures by the name it calls them; raises ``NotFound`` for a hidden one."""
    conversation = get(actor, conversation_id)
    html = Message.objects.filter(conversation=conversation, pk=message_id).exclude(html="").values_list("html", flat=True).first()
    if html is None:
        raise NotFound()
    return html, {one["cid"]: one for one in attachments([message_id]).get(message_id, []) if one["cid"]}


def page_images(conversation_id: int) -> list[dict[str, Any]]:
    """The pages of a fax as pictures, in order; the caller has judged that the conversation may be seen."""
    rows = Attachment.objects.filter(message__conversation_id=conversation_id, cid__startswith="page-", file__voided_at=None)
    return [dict(row) for row in rows.order_by("id").values("file_id", "file__name")]


def contacts_of(actor: Actor, customer_id: int, channel: str) -> QuerySet[Contact]:
    """The contacts of a customer, written or not, that a person sees and of which he may know whose they are."""
    query = contacts.visible_to(actor).filter(~untold(actor, "led_to_id"), customer_id=customer_id)
    return query.filter(channel=channel) if channel else query


def is_conversation() -> Exists:
    """For a query of contacts: whether the contact has turns, and so lies in the inbox."""
    return Exists(Conversation.objects.filter(pk=OuterRef("pk")))


def has_turns(contact_id: int) -> bool:
    """Whether a contact is a conversation; says nothing about who may see it."""
    return Conversation.objects.filter(pk=contact_id).exists()


def earlier(actor: Actor, conversation: Conversation, limit: int = 5) -> list[dict[str, Any]]:
    """The other conversations with the same address that the person sees, newest first."""
    others = visible_to(actor).filter(address=conversation.address).exclude(pk=conversation.pk).order_by("-last_at", "-contact_id")
    return [dict(row) for row in others.values("contact_id", "title", "state", "last_at")[:limit]]


def latest_with(account_id: int, address: str) -> int | None:
    """The last conversation of a way in with an address; says nothing about who may see it."""
    rows = Conversation.objects.filter(account_id=account_id, address=address.lower()[:254]).order_by("-last_at", "-contact_id")
    return rows.values_list("pk", flat=True).first()


def said_between(account_id: int, address: str, text: str, start: datetime, end: datetime) -> bool:
    """Whether somebody wrote these words in that time; says nothing about who may see it."""
    rows = Message.objects.filter(conversation__address=address.lower(), account_id=account_id, direction=Direction.IN, text=text)
    return rows.filter(at__gte=start, at__lt=end).exists()


def masked(address: str) -> str:
    """An address as those see it who need not know it: a number, a mail address, a person at WeChat, who is only counted, or a visitor."""
    kind, _sign, number = address.partition(":")
    if kind in ADDRESSES:
        return str(ADDRESSES[kind]) % {"number": number}
    return mask("phone", phone.shown(address)) if address.lstrip("+").isdecimal() else mask("email", address)


def by_thread(thread: str) -> int | None:
    """The conversation with this thread word; says nothing about who may see it."""
    return Conversation.objects.filter(thread=thread).values_list("pk", flat=True).first()


def of_messages(account_id: int, identifiers: list[str]) -> int | None:
    """The conversation of the first of these messages that is known; says nothing about who may see it."""
    known = dict(Message.objects.filter(account_id=account_id, foreign_id__in=identifiers).values_list("foreign_id", "conversation_id"))
    return next((known[one] for one in identifiers if one in known), None)


def known(account_id: int, identifiers: Collection[str]) -> set[str]:
    """Which of these messages are here; says nothing about who may see them."""
    wanted = list(set(identifiers) - {""})
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        rows = Message.objects.filter(account_id=account_id, foreign_id__in=wanted[start : start + 500])
        found.update(one or "" for one in rows.values_list("foreign_id", flat=True))
    return found


def outgoing(account_id: int, identifiers: list[str]) -> int | None:
    """Our own message among these; says nothing about who may see it."""
    rows = Message.objects.filter(account_id=account_id, foreign_id__in=identifiers, direction=Direction.OUT)
    return rows.values_list("pk", flat=True).first()


def how_many_are(account_id: int, delivery: Delivery, most: int) -> int:
    """How many messages of a way in stand like this, counted to ``most``."""
    return len(Message.objects.filter(account_id=account_id, delivery=delivery).order_by().values_list("pk")[:most])


def by_machines(conversation_id: int, since: datetime, most: int) -> int:
    """How many turns machines wrote since then, counted to ``most``."""
    rows = Message.objects.filter(conversation_id=conversation_id, direction=Direction.IN, at__gte=since).exclude(auto="")
    return len(rows.order_by("-id").values_list("pk")[:most])


def last_letter(conversation_id: int) -> dict[str, Any] | None:
    """The newest turn that a person outside wrote."""
    rows = Message.objects.filter(conversation_id=conversation_id, direction=Direction.IN, auto="").order_by("-id")
    found = rows.values("foreign_id", "sender", "at", "reply", "text").first()
    return dict(found) if found else None


def identifiers(conversation_id: int, most: int) -> list[str]:
    """What the channel calls the newest turns, oldest first."""
    rows = Message.objects.filter(conversation_id=conversation_id, foreign_id__isnull=False).exclude(direction=Direction.NOTE)
    return [one or "" for one in rows.order_by("-id").values_list("foreign_id", flat=True)[:most]][::-1]


def taker(staff_id: int) -> str:
    """Number and name of somebody who may take conversations; "" for anybody else."""
    one = actor_of(staff_id) if 0 < staff_id < 2**63 else None
    return f"{one.number} {one.name}" if one and one.can("contacts.take") else ""


def named_in(text: str) -> list[int]:
    """The colleagues who are named in a note by number or name: "@021", "@陈静". A longer name is not the shorter one in it."""
    if "@" not in text:
        return []
    known = people.briefs(people.holders_of_right("contacts.take"))
    words = sorted(((row[part], pk) for pk, row in known.items() for part in ("number", "name")), key=lambda pair: -len(pair[0]))
    found: list[int] = []
    for rest in text.split("@")[1:]:
        best = next((word for word, _pk in words if rest.startswith(word)), "")
        found += [pk for word, pk in words if word == best and best]
    return list(dict.fromkeys(found))


def units(_actor: Any, _conversation_id: int | None) -> list[tuple[int, str]]:
    """Source of choices: the units."""
    return people.unit_choices()


def said(conversation_id: int) -> str:
    """The last words of the customer."""
    row = Message.objects.filter(conversation_id=conversation_id, direction=Direction.IN).order_by("-id").values_list("reply").first()
    return row[0] if row else ""


def asked(conversation_id: int) -> str:
    """What the customer asks now: his last turns since somebody answered, at most three; short words alone ask nothing."""
    words: list[str] = []
    for row in _latest(id=conversation_id):
        if row["direction"] == Direction.OUT and words:
            break
        if row["direction"] == Direction.IN:
            words.append(row["reply"])
    return "\n".join(reversed(words))[:500]


_latest = hot.Read(
    lambda: (
        Message.objects.filter(conversation_id=hot.Slot("id"), auto="")
        .exclude(direction=Direction.NOTE)
        .order_by("-id")
        .values("direction", "reply")[:3]
    )
)


def unfit_words(text: str) -> list[str]:
    """The words of the list ``sensitive_words`` that stand in a text that goes to a customer (R-01-4.2). Chinese ones are found whatever
    spaces or marks stand between their signs, those in letters only as whole words."""
    plain = text.casefold()
    close = re.sub(r"[\W_]+", "", plain)
    words = set(re.findall(r"[a-z']+", plain))
    named = [str(item["name"]) for item in code_items("sensitive_words")]
    return [name for name in named if (name.casefold() in words if name.isascii() else name.casefold() in close)]


def last_of_accounts() -> dict[int, tuple[datetime | None, datetime | None]]:
    """When something last came in and went out by each way in, as far as the newest ``NEWEST`` conversations tell."""
    found: dict[int, tuple[datetime | None, datetime | None]] = {}
    rows = Conversation.objects.order_by("-last_at", "-contact_id").values_list("account_id", "last_in_at", "last_out_at")
    for account, came, went in rows[:NEWEST]:
        before = found.get(account, (None, None))
        found[account] = (max(filter(None, (before[0], came)), default=None), max(filter(None, (before[1], went)), default=None))
    return found
