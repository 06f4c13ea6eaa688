"""What people do with a conversation. Each call judges, writes and records in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.clock import standing
from kefu.engines.clock.choices import Cause
from kefu.engines.files import queries as stored
from kefu.engines.files import services as attaching
from kefu.engines.intake.services import Answer, once
from kefu.engines.notify.services import tell
from kefu.engines.rulebook.queries import code_items
from kefu.kit import driven, moment, prepared
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor, actor_of
from kefu.people.models import Unit
from kefu.timeline.choices import Secrecy
from kefu.timeline.services import record_one, watch
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.services import Contact
from kefu.touch.conversations import policies, queries, services
from kefu.touch.conversations.choices import MOVES, RESENDABLE, Delivery, Direction, State
from kefu.touch.conversations.models import Attachment, Conversation, Message
from kefu.touch.conversations.registry import Copies, Outlet, outlets


@contextmanager
def given(actor: Actor, conversation_id: int, command: str) -> Iterator[Conversation]:
    """The conversation, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    with transaction.atomic():
        held = queries.lock(actor, conversation_id)
        facts = queries.facts(held, actor, command)
        if command not in policies.allowed(actor, facts):
            outlet = outlets.get(facts.channel)
            if command == "reply" and outlet is not None and outlet.elsewhere:
                raise Conflict(outlet.elsewhere, code="no_way_out")
            mine = MOVES[command].who & policies.relations(actor, facts)
            if mine or (actor.can("contacts.take") and held.state not in MOVES[command].states):
                raise Conflict(_("The conversation has moved on meanwhile. Look at it again."))
            raise NotAllowed(_("A colleague has this conversation. Ask for a transfer, or leave a note."))
        yield held


def _write(held: Conversation, actor: Actor, event: str, at: datetime, data: dict[str, Any] | None = None, **changes: Any) -> Conversation:
    for name, value in changes.items():
        setattr(held, name, value)
    with driven.together():
        if changes:
            prepared.save(held, *changes)
        record_one(actor_id=actor.id, subject_id=held.pk, kind=event, data=data, at=at)
    return held


def take(*, actor: Actor, id: int) -> Conversation:
    """It is mine now. Raises ``Conflict`` if somebody was quicker."""
    with given(actor, id, "take") as held:
        at = moment.now()
        if held.state == State.ROBOT:
            services.to_people(held, at=at, why="taken", actor_id=actor.id)
        outlet = outlets.get(held.contact.channel)
        if outlet is not None and outlet.taken is not None:
            outlet.taken(actor, held)
        return get(held, actor, at)


def get(held: Conversation, actor: Actor, at: datetime) -> Conversation:
    """A conversation that is held and judged is this person's now."""
    contacts.hand_to(contact=held.contact, agent_id=actor.person_id, at=at)
    return _write(held, actor, "conversation.taken", at, state=State.OPEN, came_from_id=None)


def answered(held: Conversation, actor: Actor, at: datetime) -> None:
    """The customer is answered face to face by this person: the first reply that was owed is met, the talk stays in hand."""
    if held.state != State.OPEN or held.contact.agent_id != actor.person_id:
        get(held, actor, at)
    services.moved(held, ("replied",), at=at, actor_id=actor.id)
    held.last_out_at, held.first_reply_at = at, held.first_reply_at or at
    prepared.save(held, "last_out_at", "first_reply_at")


def reply(
    *, actor: Actor, id: int, text: str, files: Sequence[int] = (), key: str = "", cc: str = "", bcc: str = "", also: Sequence[str] = ()
) -> Message:
    """An answer to the customer, on the channel he wrote on; the first reply that was owed is met. Whose it was nobody's, it is mine now.

    A form that is sent again with its ``key``, since the line broke before the answer came, is written once. Raises ``Invalid`` for what
    the channel does not take, ``Conflict`` with what hinders it.
    """
    copies = Copies(cc.strip(), bcc.strip(), tuple(also))
    if not key:
        return _reply(actor, id, text, files, copies)

    def make() -> Answer:
        return 200, {"message": _reply(actor, id, text, files, copies).pk}

    # Whoever changed the words since, or to whom they go, means another reply.
    said = (f"{text}\0{copies}" if copies else text).encode()
    whole = f"{key[:40]}:{hashlib.sha256(said).hexdigest()[:16]}"
    (_status, told), _again = once(actor=actor, door=f"conversation.reply.{id}", key=whole, body=said, make=make)
    return Message.objects.get(pk=told["message"])


def _reply(actor: Actor, id: int, text: str, files: Sequence[int], copies: Copies) -> Message:  # noqa: A002
    with given(actor, id, "reply") as held:
        outlet = outlets[held.account.channel]
        if hindrance := outlet.hindrance(held.account):
            raise Conflict(hindrance, code="no_way_out")
        at = moment.now()
        made = _composed(held, actor, outlet, text, files, at)
        if copies:
            _copied(outlet, made, copies)
        if outlet.send:
            outlet.send(made)
        services.moved(held, ("replied",), at=at, actor_id=actor.id)
        if held.contact.agent_id is None:
            contacts.hand_to(contact=held.contact, agent_id=actor.person_id, at=at)
        changes = {"state": State.PENDING, "last_at": at, "last_out_at": at, "first_reply_at": held.first_reply_at or at}
        _write(held, actor, "conversation.replied", at, {"message": made.pk}, **changes)
        return made


def _copied(outlet: Outlet, made: Message, copies: Copies) -> None:
    if outlet.copy is None:
        raise Invalid(fields={"cc": _("Only replies by e-mail go to others beside the customer.")})
    outlet.copy(made, copies)


def _composed(held: Conversation, actor: Actor, outlet: Outlet, text: str, files: Sequence[int], at: datetime) -> Message:
    """The message with its files, as far as the channel takes them."""
    text = services.clean(text, outlet.most_text + 1).strip()
    if not text:
        raise Invalid(fields={"text": _("Please fill this in.")})
    if len(text) > outlet.most_text:
        raise Invalid(fields={"text": _("At most %(most)d characters fit here.") % {"most": outlet.most_text}})
    if unfit := queries.unfit_words(text):
        raise Invalid(fields={"text": _("Please say it in other words: %(words)s") % {"words": ", ".join(unfit)}})
    ids = list(dict.fromkeys(files))
    if ids:
        attaching.attach(actor=actor, file_ids=ids, subject_id=held.pk)
    size = sum(one["size"] for one in stored.briefs(ids).values()) if ids else 0
    if len(ids) > outlet.most_files or size > outlet.most_bytes:
        most = {"files": outlet.most_files, "size": outlet.most_bytes // 1024 // 1024}
        raise Invalid(fields={"files": _("At most %(files)d files of %(size)d MB together can be sent here.") % most})
    made = prepared.made(
        Message, conversation_id=held.pk, account_id=held.account_id, direction=Direction.OUT, author_id=actor.person_id, at=at,
        text=text, reply=text, delivery=Delivery.QUEUED if outlet.send else Delivery.SENT,
    )  # fmt: skip
    prepared.insert([made])
    made.conversation, made.account = held, held.account
    if ids:
        Attachment.objects.bulk_create(Attachment(message=made, file_id=one) for one in ids)
    return made


def resend(*, actor: Actor, id: int, message_id: int) -> Message:
    """Send a reply that did not arrive once more. Raises ``Invalid`` for another one, ``Conflict`` with what hinders it."""
    with given(actor, id, "resend") as held:
        found = Message.objects.filter(conversation=held, delivery__in=RESENDABLE, pk=message_id).first()
        if found is None:
            raise Invalid(fields={"message_id": _("This message needs no second try.")})
        outlet = outlets[held.account.channel]
        if hindrance := outlet.hindrance(held.account):
            raise Conflict(hindrance, code="no_way_out")
        found.delivery, found.trouble = Delivery.QUEUED, ""
        found.save(update_fields=["delivery", "trouble"])
        if outlet.send:
            outlet.send(found)
        _write(held, actor, "conversation.resent", moment.now(), {"message": found.pk})
        return found


def note(*, actor: Actor, id: int, text: str) -> Message:
    """A remark that nobody outside sees. Its agent learns of it; who is named in it ("@021", "@name") is pointed to the conversation."""
    with given(actor, id, "note") as held:
        made = write_note(held, actor, text)
        named = set(queries.named_in(made.text)) - {actor.id}
        may_know(held, named)
        for staff_id in named:
            watch(subject_id=held.pk, staff_id=staff_id)
        tell(staff_ids=named, kind="conversation.mentioned", subject_id=held.pk, params={"name": actor.name})
        agent = held.contact.agent_id
        if agent and agent != actor.id and agent not in named:
            tell(staff_ids=[agent], kind="conversation.whispered", subject_id=held.pk, params={"name": actor.name})
        return made


def write_note(held: Conversation, actor: Actor, text: str) -> Message:
    """A note in a conversation that is held."""
    text = services.clean(text, 5000).strip()
    if not text:
        raise Invalid(fields={"text": _("Please fill this in.")})
    made = Message.objects.create(
        conversation=held, account=held.account, direction=Direction.NOTE, author_id=actor.person_id, at=moment.now(), text=text, reply=text
    )
    record_one(actor_id=actor.id, subject_id=held.pk, kind="conversation.noted", data={"message": made.pk}, at=made.at)
    return made


def mention(*, actor: Actor, id: int, staff_id: int, text: str) -> Message:
    """Point a colleague to the conversation with a note that names him; from now on the colleague follows it."""
    named = queries.taker(staff_id)
    if not named:
        raise Invalid(fields={"staff_id": _("Choose a colleague who works in the inbox.")})
    with given(actor, id, "mention") as held:
        may_know(held, [staff_id])
        made = write_note(held, actor, f"@{named} {text}")
        watch(subject_id=held.pk, staff_id=staff_id)
        tell(staff_ids=[staff_id], kind="conversation.mentioned", subject_id=held.pk, params={"name": actor.name})
        return made


def may_know(held: Conversation, staff_ids: Iterable[int]) -> None:
    """Who is drawn into a talk sees it from then on: into a secret one only who may see secrets. Raises ``Invalid``."""
    if held.contact.subject.secrecy == Secrecy.ORDINARY:
        return
    if not all((one := actor_of(staff_id)) and one.can("secrets.see") for staff_id in staff_ids):
        raise Invalid(_("This is secret. Only colleagues who may see secrets can be drawn in."), code="secret")


def transfer(*, actor: Actor, id: int, agent_id: int | None = None, unit_id: int | None = None, reason: str = "") -> Conversation:
    """To another agent, or to the waiting list of a unit. Exactly one of the two is named (``Invalid``)."""
    if (agent_id is None) == (unit_id is None):
        raise Invalid(fields={"agent_id": _("Choose an agent or a unit.")})
    with given(actor, id, "transfer") as held:
        if agent_id is not None:
            return _to_agent(held, actor, agent_id, reason)
        unit = Unit.objects.filter(pk=unit_id or 0, active=True).first()
        if unit is None:
            raise Invalid(fields={"unit_id": _("There is no such unit.")})
        at = moment.now()
        contacts.hand_to(contact=held.contact, agent_id=None, unit_path=unit.path, at=at)
        data = {"to": unit.name, "reason": reason[:500]}
        return _write(held, actor, "conversation.transferred", at, data, state=State.WAITING)


def _to_agent(held: Conversation, actor: Actor, agent_id: int, reason: str) -> Conversation:
    name = queries.taker(agent_id)
    if not name or agent_id == held.contact.agent_id:
        raise Invalid(fields={"agent_id": _("Choose a colleague who works in the inbox.")})
    may_know(held, [agent_id])
    at, before = moment.now(), held.contact.agent_id
    contacts.hand_to(contact=held.contact, agent_id=agent_id, at=at)
    if agent_id != actor.id:
        tell(staff_ids=[agent_id], kind="conversation.given", subject_id=held.pk, params={"name": actor.name})
    state = State.OPEN if held.state == State.WAITING else State(held.state)
    return _write(held, actor, "conversation.transferred", at, {"to": name, "reason": reason[:500]}, state=state, came_from_id=before)


def pend(*, actor: Actor, id: int, reason: str) -> Conversation:
    """It is the customer's turn; a first reply that is owed stands still until the customer writes (R-02C-6.2)."""
    with given(actor, id, "pend") as held:
        at = moment.now()
        words = services.clean(reason, 500)
        try:
            standing.pause(subject=held.contact.subject, reason="customer", cause=Cause.CUSTOMER, evidence=words, at=at, actor_id=actor.id)
        except Conflict:
            words = reason  # nothing is owed that could stand still
        return _write(held, actor, "conversation.pended", at, {"reason": words[:500]}, state=State.PENDING)


def close(*, actor: Actor, id: int, wrap_up: str) -> Conversation:
    """Talked out, for a reason of the list. A contact that led to nothing else is settled; junk is void, as is the reply it was owed."""
    reasons = {item["code"]: item for item in code_items("wrap_up_reasons")}
    if wrap_up not in reasons:
        raise Invalid(fields={"wrap_up": _("Choose a reason.")})
    junk = bool((reasons[wrap_up]["extra"] or {}).get("void"))
    with given(actor, id, "close") as held:
        outlet = outlets.get(held.contact.channel)
        if outlet is not None and outlet.closing is not None:
            outlet.closing(held, junk)
        return end(held, actor, wrap_up, junk=junk)


def end_with(*, actor: Actor, contact: Contact, wrap_up: str) -> None:
    """The contact has led to something, or ended by its record: its talk is over too, on channels where the contact is the whole matter
    (``Outlet.ends``). The caller holds the contact and has judged."""
    outlet = outlets.get(contact.channel)
    held = services.lock(contact.pk) if outlet is not None and outlet.ends else None
    if held is not None and held.state != State.CLOSED:
        end(held, actor, wrap_up)


def end(held: Conversation, actor: Actor, wrap_up: str, *, junk: bool = False) -> Conversation:
    """Close a conversation that is held and judged."""
    at = moment.now()
    subject = held.contact.subject
    services.moved(held, () if junk else ("closed",), at=at, actor_id=actor.id)
    if junk:
        clock.void(subject=subject, reason=wrap_up, at=at, actor_id=actor.id)
    if held.contact.outcome == Outcome.OPEN:
        contacts.finish(actor=actor, contact=held.contact, outcome=Outcome.VOID if junk else Outcome.SETTLED, at=at)
    return _write(
        held, actor, "conversation.closed", at, {"wrap_up": wrap_up}, state=State.CLOSED, closed_at=at, wrap_up=wrap_up, came_from_id=None
    )


def reopen(*, actor: Actor, id: int, reason: str) -> Conversation:
    """There is something to add: it is the conversation of the one who opens it again."""
    with given(actor, id, "reopen") as held:
        at = moment.now()
        contacts.open_again(contact=held.contact)
        contacts.hand_to(contact=held.contact, agent_id=actor.person_id, at=at)
        data = {"reason": services.clean(reason, 500)}
        return _write(held, actor, "conversation.reopened", at, data, state=State.OPEN, closed_at=None, wrap_up="", came_from_id=None)
