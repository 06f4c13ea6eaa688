"""What arrives: a new conversation, or the next turn of one. Delivered twice, stored once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.clock import standing
from kefu.engines.files import kinds
from kefu.engines.files import services as files
from kefu.engines.notify.services import tell
from kefu.engines.privacy.services import blank_events, blank_notes
from kefu.engines.rulebook.queries import setting
from kefu.engines.search import services as search
from kefu.engines.search.cut import Cut, of_message
from kefu.engines.search.services import Document
from kefu.kit import driven, hot, moment, prepared, sentences
from kefu.kit.errors import Conflict, Invalid, Text, TooMuch
from kefu.people.actor import SYSTEM
from kefu.people.models import Unit
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one, settle
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.queries import KIND as CONTACT
from kefu.touch.contacts.services import Contact
from kefu.touch.conversations.choices import UNDELIVERED, Auto, Delivery, Direction, State
from kefu.touch.conversations.models import Account as Account  # channels hold one
from kefu.touch.conversations.models import Attachment
from kefu.touch.conversations.models import Conversation as Conversation
from kefu.touch.conversations.models import Message as Message
from kefu.touch.customers import queries as customers

LETTERS = contacts.LETTERS
REOPEN_DAYS = "conversation.reopen_days"
MOST_TEXT, MOST_HTML, MOST_FILES = 1_000_000, 2_000_000, 100
_REFUSED, _TOO_MANY = _("%(name)s: %(why)s"), _("%(name)s: more than %(most)s files")


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a message; ``content()`` makes its bytes when they are stored."""

    name: str
    content: Callable[[], bytes]
    cid: str = ""


@dataclass(frozen=True)
class Incoming:
    """A message as its channel read it. ``reply`` is the new text of ``text``; ``html`` is harmless already; ``phone`` is the sender's.
    ``robot``: where nobody has the talk yet, a robot of the channel answers first. ``cut``: what is searched of it, if that is cut already.
    """

    foreign_id: str
    sender: str
    name: str = ""
    title: str = ""
    text: str = ""
    reply: str = ""
    html: str = ""
    auto: Auto = Auto.NONE
    at: datetime | None = None
    phone: str = ""
    robot: bool = False
    files: Sequence[Enclosed] = field(default_factory=tuple)
    cut: Cut | None = None


def foreign(identifier: str) -> str:
    """An identifier of a channel as it is stored: its hash, where it is longer than the column."""
    return identifier if len(identifier) <= 255 else f"sha256:{hashlib.sha256(identifier.encode()).hexdigest()}"


def receive(*, account: Account, incoming: Incoming, conversation_id: int | None = None, ever: bool = False) -> tuple[Message, bool]:
    """Store a message that arrived; answers it and whether it is new. All of it is written, or nothing.

    ``conversation_id`` is the conversation that the channel found it answers. A closed one is taken up again within the days of the
    setting ``conversation.reopen_days``; later, a new one follows it (``ever``: however late, it is the same one). What a machine wrote
    reopens nothing and starts no clock.
    """
    held = stored(account, incoming.foreign_id)
    if held:
        return held, False
    try:
        with transaction.atomic():
            return store(account=account, incoming=incoming, conversation_id=conversation_id, ever=ever), True
    except IntegrityError:
        held = stored(account, incoming.foreign_id)
        if held is None:
            raise
        return held, False


_delivered = hot.Rows(
    lambda: Message.objects.filter(account_id=hot.Slot("account"), foreign_id=hot.Slot("foreign", CharField())).order_by("id")[:1]
)
_locked = hot.Rows(
    lambda: (
        Conversation.objects.select_for_update(of=("contact", "self"))  # as whoever opens a case from a contact
        .select_related("contact__subject", "contact__agent", "account__unit")
        .filter(pk=hot.Slot("id"))
    )
)


def stored(account: Account, identifier: str) -> Message | None:
    """The message that a channel calls so, if it arrived already."""
    found: list[Message] = _delivered(account=account.pk, foreign=foreign(identifier))
    return found[0] if found else None


def store(*, account: Account, incoming: Incoming, conversation_id: int | None = None, ever: bool = False) -> Message:
    """As ``receive``, in the transaction of a caller who expects that it is new, and looks at what is ``stored`` only when told otherwise:
    raises ``IntegrityError`` for one that arrived already, and then all of that transaction is undone."""
    at, identifier = moment.now(), foreign(incoming.foreign_id)
    answered = lock(conversation_id) if conversation_id else None
    follows = None
    if answered and answered.state == State.CLOSED and not incoming.auto and not ever and not _fresh(answered, at):
        answered, follows = None, answered
    conversation = answered or _begin(account, identifier, incoming, follows, at)
    message = prepared.made(
        Message, conversation_id=conversation.pk, account_id=account.pk, direction=Direction.IN, at=at, sender=incoming.sender[:254],
        text=clean(incoming.text, MOST_TEXT), reply=clean(incoming.reply, MOST_TEXT), html=clean(incoming.html, MOST_HTML),
        foreign_id=identifier, auto=incoming.auto,
    )  # fmt: skip
    prepared.insert([message])
    message.conversation = conversation
    _keep_files(message, incoming.files)
    if answered:
        _answered(answered, message, by_person=not incoming.auto, robot=incoming.robot)
    else:
        _wrote(message)
    return message


def _wrote(message: Message) -> None:
    record_one(
        actor_id=None, subject_id=message.conversation_id, kind="conversation.wrote", data={"message": message.pk}, at=message.at
    )  # fmt: skip


def lock(conversation_id: int) -> Conversation | None:
    """The conversation with its contact, held until the transaction ends; who may see it was judged before."""
    found: list[Conversation] = _locked(id=conversation_id)
    return found[0] if found else None


def clean(text: str, most: int) -> str:
    """Text that a database stores: without NUL, cut at ``most``."""
    return text.replace("\x00", "")[:most]


def _fresh(conversation: Conversation, at: datetime) -> bool:
    days = int(setting(REOPEN_DAYS, default=7))
    return conversation.closed_at is not None and at <= conversation.closed_at + timedelta(days=days)


def _begin(account: Account, identifier: str, incoming: Incoming, follows: Conversation | None, at: datetime) -> Conversation:
    """A new contact with its conversation; its first reply is owed from now, if a person wrote."""
    # Whose identity on the channel it is was said by somebody; a phone may be of a whole household.
    known = customers.by_email(incoming.sender) or (customers.of_phone(incoming.phone) if incoming.phone else [])
    actor = replace(SYSTEM, unit_path=account.unit.path)
    contact, _new = contacts.receive(
        actor=actor, channel=Channel(account.channel), waits=True, **contact_of(account, identifier, incoming, known)
    )
    title = title_of(incoming)
    conversation = Conversation.objects.create(
        contact=contact, account=account, thread=new_thread(), title=title, address=incoming.sender.lower()[:254], follows=follows,
        last_at=at, last_in_at=at, robot=incoming.robot, state=State.ROBOT if incoming.robot else State.WAITING,
    )  # fmt: skip
    if title:
        settle(subject=contact.subject, title=title[:80])
    search.index(**vars(found_by(contact, incoming)), fresh=True)
    if not incoming.auto and not incoming.robot:
        clock.reach(subject=contact.subject, moments=("written",), at=at, facts=facts_of(conversation), fresh=True)
    return conversation


def way_in(channel: str, address: str, name: Text) -> Account | None:
    """A way in that nobody has to set up (the portal, a counter, the city hotline); it belongs to the centre (``tasks.keep_ways``).

    None while there is no unit that it could belong to.
    """
    rows = Account.objects.select_related("unit")
    found = rows.filter(channel=channel, address=address).first()
    if found is not None:
        return found
    unit = Unit.objects.filter(active=True).order_by(Case(When(code="centre", then=0), default=1), "path").first()
    if unit is None:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        return rows.get_or_create(channel=channel, address=address, defaults={"name": str(name)[:80], "unit": unit})[0]


def begin_on(*, contact: Contact, account: Account, incoming: Incoming, file_ids: Sequence[int] = ()) -> Conversation:
    """A contact that was received just now becomes a talk, what it says is the first turn; in the caller's transaction, who knows that it
    is new. Whose contact it is has the talk, else it waits. ``file_ids``: what is stored with the contact already (decision 0030)."""
    at, title = moment.now(), title_of(incoming)
    talk = prepared.made(
        Conversation, contact_id=contact.pk, account_id=account.pk, thread=new_thread(), title=title, address=incoming.sender.lower()[:254],
        last_at=at, last_in_at=at, state=State.OPEN if contact.agent_id else State.WAITING,
    )  # fmt: skip
    prepared.insert([talk])
    talk.contact, talk.account = contact, account
    message = prepared.made(
        Message, conversation_id=contact.pk, account_id=account.pk, direction=Direction.IN, at=at, sender=incoming.sender[:254],
        text=clean(incoming.text, MOST_TEXT), reply=clean(incoming.reply or incoming.text, MOST_TEXT),
        foreign_id=foreign(incoming.foreign_id),
    )  # fmt: skip
    prepared.insert([message])
    hang(message, file_ids)
    _wrote(message)
    search.index(**vars(found_by(contact, incoming)), fresh=True)
    clock.reach(subject=contact.subject, moments=("written",), at=at, facts=facts_of(talk))
    return talk


def hang(message: Message, file_ids: Sequence[int]) -> None:
    """Files that are stored with the conversation already are of this message."""
    if file_ids:
        prepared.insert([prepared.made(Attachment, message_id=message.pk, file_id=one) for one in file_ids])


def contact_of(account: Account, identifier: str, incoming: Incoming, known: list[dict[str, Any]]) -> dict[str, Any]:
    """The contact of a message that begins a conversation; ``known`` are the customers whom its sender may be."""
    marked = hashlib.sha256(f"{account.pk} {identifier}".encode()).hexdigest()
    fields = {"name": clean(incoming.name, 80), "content": clean(incoming.reply or incoming.title, 20_000)}
    fields |= {"phone": incoming.phone[:40]} if incoming.phone else {}
    if len(known) == 1:
        fields |= {"customer_id": known[0]["customer_id"], "name": known[0]["customer__name"], "address": known[0]["customer__address"]}
    return {**fields, "foreign_id": f"conversation:{marked}"}


def title_of(incoming: Incoming) -> str:
    """The name of a conversation that begins with this."""
    return clean(incoming.title, 200).replace("\n", " ").strip()


def found_by(contact: Contact, incoming: Incoming) -> Document:
    """By what a contact that begins with this is found."""
    body, hidden = of_message(incoming.title, incoming.reply), f"{contact.name} {incoming.sender}"
    return Document(contact.pk, CONTACT, contact.subject.number, body, hidden, ready=incoming.cut)


def to_people(held: Conversation, *, at: datetime, why: str, actor_id: int | None = None) -> None:
    """The robot has done its part: a person is owed from now on, and the first reply with it (R-03-8.1.2a, decision 0025)."""
    held.state, held.handed_at = State.WAITING, at
    prepared.save(held, "state", "handed_at")
    record_one(actor_id=actor_id, subject_id=held.pk, kind="conversation.handed_over", data={"why": why}, at=at)
    clock.reach(subject=held.contact.subject, moments=("written",), at=at, facts=facts_of(held), actor_id=actor_id)


def facts_of(conversation: Conversation) -> dict[str, object]:
    """What conditions of limits may ask of a conversation."""
    return {"channel": conversation.account.channel, "account": conversation.account.address}


def new_thread() -> str:
    """Sixteen characters by which an answer finds its conversation, and that nobody guesses."""
    return contacts.letters(16)


def _keep_files(message: Message, enclosed: Sequence[Enclosed]) -> None:
    """Keep the files of a message; those that are not taken are named on it with the reason."""
    refused = []
    for one in enclosed[:MOST_FILES]:
        try:
            stored = files.store(
                actor_id=None, upload=io.BytesIO(one.content()), name=one.name, subject_id=message.conversation_id, allow=kinds.USUAL
            )
        except (Invalid, TooMuch) as error:
            refused.append(refusal(one, error))
            continue
        Attachment.objects.get_or_create(message=message, file=stored, defaults={"cid": one.cid[:200]})
    refused += [too_many(one) for one in enclosed[MOST_FILES:]]
    if refused:
        message.trouble = sentences.together(refused)
        message.save(update_fields=["trouble"])


def refusal(one: Enclosed, error: Invalid | TooMuch) -> str:
    """A file that was not taken, as the message keeps it."""
    return sentences.keep(_REFUSED, name=one.name[:60], why=sentences.of_error(error))


def too_many(one: Enclosed) -> str:
    """A file beyond the last that is taken, as the message keeps it."""
    return sentences.keep(_TOO_MANY, name=one.name[:60], most=MOST_FILES)


def enclose(message_id: int, enclosed: Sequence[Enclosed]) -> None:
    """Keep files of a message that came after it, in the caller's transaction; what is not taken is named on the message."""
    _keep_files(Message.objects.select_for_update(of=("self",)).get(pk=message_id), enclosed)


def not_kept(message_id: int, why: str) -> None:
    """A file of a message that arrived could not be had; said on the message."""
    Message.objects.filter(pk=message_id, direction=Direction.IN).update(trouble=clean(why, 500))


def delivered(message_id: int, delivery: Delivery, trouble: str = "") -> None:
    """How far a message has come, as its channel learnt; who wrote it is told when it did not arrive. The same twice tells nobody again."""
    with transaction.atomic():
        found = Message.objects.select_for_update(of=("self",)).filter(pk=message_id, direction=Direction.OUT).first()
        if found is None or (found.delivery == delivery and found.trouble == trouble[:500]):
            return
        came, found.delivery, found.trouble = found.delivery, delivery, clean(trouble, 500)
        found.save(update_fields=["delivery", "trouble"])
        if delivery == came:
            return
        arrived = delivery not in UNDELIVERED
        there = "conversation.arrived" if delivery == Delivery.ARRIVED else "conversation.sent"
        kind = there if arrived else "conversation.undelivered"
        data = {"message": found.pk, **({} if arrived else {"trouble": found.trouble})}
        record_one(actor_id=None, subject_id=found.conversation_id, kind=kind, data=data)
        if arrived:
            return
        agent = Conversation.objects.filter(pk=found.conversation_id).values_list("contact__agent_id", flat=True).first()
        whom = {one for one in (found.author_id, agent) if one}
        tell(staff_ids=whom, kind="conversation.undelivered", subject_id=found.conversation_id)


def _answered(conversation: Conversation, message: Message, *, by_person: bool, robot: bool) -> None:
    """The customer has written again: the conversation is the agent's turn once more, a closed one opens."""
    at = conversation.last_at = conversation.last_in_at = message.at
    reopened = by_person and conversation.state == State.CLOSED
    known = conversation.state == State.OPEN and conversation.account.channel == Channel.CHAT  # the agent sits before it
    agent = conversation.contact.agent
    if by_person and conversation.state in (State.PENDING, State.CLOSED):
        if agent is None or not agent.is_active:
            contacts.hand_to(contact=conversation.contact, agent_id=None, at=at)
        conversation.state = State.OPEN if agent is not None and agent.is_active else State.WAITING
    if reopened:
        _wrote(message)
        conversation.closed_at, conversation.wrap_up = None, ""
        contacts.open_again(contact=conversation.contact)
        record_one(actor_id=None, subject_id=conversation.pk, kind="conversation.came_back", at=at)
    robots = reopened and conversation.robot and conversation.handed_at is None
    if robots and robot:
        conversation.state = State.ROBOT
    with driven.together():
        if not reopened:
            _wrote(message)
        prepared.save(conversation, "last_at", "last_in_at", "state", "closed_at", "wrap_up")
    if robots and not robot:
        to_people(conversation, at=at, why="off")
    if by_person:
        again = ("wrote_again",) if conversation.first_reply_at is not None else ()
        moved(conversation, again, at=at, actor_id=None)
    if agent is not None and agent.is_active and by_person and not known:
        tell(staff_ids=[agent.pk], kind="conversation.answered", subject_id=conversation.pk)


def moved(conversation: Conversation, moments: Sequence[str], *, at: datetime, actor_id: int | None) -> None:
    """Something was said: what is owed is owed again, where its clock stood still; then these moments are reached."""
    subject = conversation.contact.subject
    owed = standing.owed(subject.pk)
    if owed.stands:
        with suppress(Conflict):
            standing.resume(subject=subject, at=at, actor_id=actor_id)
    if moments:
        clock.reach(subject=subject, moments=moments, at=at, facts=facts_of(conversation), actor_id=actor_id, fresh=not owed.open)


def blank(ids: Sequence[int]) -> int:
    """Blank what was said in these conversations, with whom and about what; gives how many rows were touched. That they were, stays."""
    rows = Message.objects.filter(conversation_id__in=ids).update(text="", reply="", html="", sender="", foreign_id=None, trouble="")
    rows += Contact.objects.filter(pk__in=ids).update(name="", phone="", address="", content="", wishes="", record={})
    rows += files.erase(Attachment.objects.filter(message__conversation_id__in=ids).values_list("file_id", flat=True))
    rows += files.erase_of(ids)
    Subject.objects.filter(pk__in=ids).update(title="")
    search.remove(list(ids))
    rows += sum(blank_events(one) + blank_notes(one) for one in ids)
    # Each keeps an address of its own, or all that were erased would look like those of one person.
    erased = Concat(Value("erased:"), Cast(F("pk"), CharField()))
    return rows + Conversation.objects.filter(pk__in=ids).update(title="", address=erased)
