"""Others in a conversation: a superior is asked for help, a colleague invited, a lead joins or takes over. All of it stands on the line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people import queries as people
from kefu.people.actor import Actor
from kefu.timeline.services import record_one, watch
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries, services
from kefu.touch.conversations.choices import Role, State
from kefu.touch.conversations.handling import given, may_know, write_note
from kefu.touch.conversations.models import Companion, Conversation
from kefu.touch.customers import queries as customers
from kefu.touch.customers import services as files

MOST_EARLIER = 200
HELP = ("R-01-3.1b", "R-00-3.2b")


def superiors(actor: Any, _conversation_id: int | None) -> list[tuple[int, str]]:
    """Source of choices: whom an agent asks for help. His own superior first, then all who work in the conversations of others."""
    own = people.superior_of(actor.id) if actor.id else None
    takers = set(people.holders_of_right("contacts.take"))
    leads = (set(people.holders_of_right("conversations.lead")) | ({own} if own else set())) & takers
    named = ((pk, f"{row['number']} {row['name']}") for pk, row in people.briefs(sorted(leads - {actor.id})).items())
    return sorted(named, key=lambda pair: (pair[0] != own, pair[1]))


def first_superior(actor: Any, conversation_id: int | None) -> dict[str, Any]:
    """What the form for help begins with: the own superior, or the first who leads."""
    known = superiors(actor, conversation_id)
    return {"staff_id": known[0][0]} if known else {}


def ask_help(*, actor: Actor, id: int, staff_id: int, text: str) -> Conversation:
    """A superior is asked for help, with what is needed in a note; he is to come within the limit of the pack (R-01-3.1b)."""
    return _ask(actor, id, staff_id, Role.SUPERIOR, text)


def invite(*, actor: Actor, id: int, staff_id: int, text: str = "") -> Conversation:
    """A second agent is asked in; the conversation stays whose it is."""
    return _ask(actor, id, staff_id, Role.SECOND, text)


def _ask(actor: Actor, conversation_id: int, staff_id: int, role: Role, text: str) -> Conversation:
    helps = role == Role.SUPERIOR
    name = dict(superiors(actor, conversation_id)).get(staff_id) if helps else queries.taker(staff_id)
    if not name or staff_id == actor.id:
        raise Invalid(fields={"staff_id": _("Choose a colleague who works in the inbox.")})
    with given(actor, conversation_id, "ask_help" if helps else "invite") as held:
        if staff_id == held.contact.agent_id or held.companions.filter(staff_id=staff_id, left_at=None).exists():
            raise Conflict(_("This colleague is in the conversation or was asked already."))
        may_know(held, [staff_id])
        at = moment.now()
        Companion.objects.create(conversation=held, staff_id=staff_id, role=role, asked_by_id=actor.id, at=at)
        if text.strip():
            write_note(held, actor, text)
        kind = "conversation.help_asked" if helps else "conversation.invited"
        _record(held, actor, kind, {"to": name}, helps=helps)
        watch(subject_id=held.pk, staff_id=staff_id)
        tell(staff_ids=[staff_id], kind=kind, subject_id=held.pk, params={"name": actor.name})
        if helps:
            clock.reach(subject=held.contact.subject, moments=("help_asked",), at=at, facts=services.facts_of(held), actor_id=actor.id)
        return held


def _record(held: Conversation, actor: Actor, kind: str, data: dict[str, Any] | None = None, *, helps: bool = False) -> None:
    record_one(actor_id=actor.id, subject_id=held.pk, kind=kind, data=data, clauses=HELP if helps else ())


def join(*, actor: Actor, id: int) -> Conversation:
    """I am in it beside the agent: I read along, answer, and whisper by notes. A lead needs no asking."""
    with given(actor, id, "join") as held:
        at = moment.now()
        here, _new = Companion.objects.get_or_create(
            conversation=held, staff_id=actor.person_id, left_at=None, defaults={"role": Role.LEAD, "at": at}
        )
        here.joined_at = at
        here.save(update_fields=["joined_at"])
        _came(held, actor, "conversation.joined", helps=here.role != Role.SECOND)
        return held


def _came(held: Conversation, actor: Actor, kind: str, *, helps: bool) -> None:
    """The agent learns it; the help that was asked for has come."""
    _record(held, actor, kind, helps=helps)
    if held.contact.agent_id:
        tell(staff_ids=[held.contact.agent_id], kind=kind, subject_id=held.pk, params={"name": actor.name})
    if helps:
        at = moment.now()
        held.companions.filter(role=Role.SUPERIOR, joined_at=None, left_at=None).update(left_at=at)  # one came, the others need not
        clock.reach(subject=held.contact.subject, moments=("help_came",), at=at, facts=services.facts_of(held), actor_id=actor.id)


def leave(*, actor: Actor, id: int) -> Conversation:
    """I am out of it; what I wrote stays."""
    with given(actor, id, "leave") as held:
        held.companions.filter(staff_id=actor.person_id, left_at=None).update(left_at=moment.now())
        _record(held, actor, "conversation.left")
        return held


def take_over(*, actor: Actor, id: int) -> Conversation:
    """The lead has it from now on; who had it stays beside, to read along."""
    with given(actor, id, "take_over") as held:
        at, before = moment.now(), held.contact.agent_id
        held.companions.filter(staff_id=actor.person_id, left_at=None).update(left_at=at)
        _came(held, actor, "conversation.taken_over", helps=True)
        contacts.hand_to(contact=held.contact, agent_id=actor.person_id, at=at)
        if before is not None:
            Companion.objects.get_or_create(
                conversation=held, staff_id=before, left_at=None, defaults={"role": Role.SECOND, "at": at, "joined_at": at}
            )
        held.came_from_id = before
        held.save(update_fields=["came_from"])
        return held


def give_back(*, actor: Actor, id: int, reason: str) -> Conversation:
    """It is again whose it was before it was given to me or I took it over. Who works here no more gets nothing: it waits for anybody."""
    words = services.clean(reason, 500).strip()
    if not words:
        raise Invalid(fields={"reason": _("Please fill this in.")})
    with given(actor, id, "give_back") as held:
        at, before = moment.now(), held.came_from_id or 0
        named = people.briefs([before] if before in people.holders_of_right("contacts.take") else []).get(before)
        contacts.hand_to(contact=held.contact, agent_id=before if named else None, at=at)
        held.companions.filter(staff_id=before, left_at=None).update(left_at=at)
        held.came_from_id, held.state = None, held.state if named else State.WAITING
        held.save(update_fields=["came_from", "state"])
        to = f"{named['number']} {named['name']}" if named else ""
        _record(held, actor, "conversation.given_back", {"to": to, "reason": words})
        if named:
            tell(staff_ids=[before], kind="conversation.given_back", subject_id=held.pk, params={"name": actor.name})
        return held


def recognise(*, actor: Actor, id: int, customer: str) -> Conversation:  # noqa: A002
    """Who writes here is this customer: the talk and earlier ones of the same address belong to the file, and later ones find it.

    Raises ``Invalid`` for a word that names no customer, or more than one.
    """
    found = customers.named(actor, customer)
    if len(found) != 1:
        told = _("There is no customer with this number.") if not found else _("Several customers have it. Give the number of the file.")
        raise Invalid(fields={"customer": told})
    with given(actor, id, "recognise") as held:
        files.recognise(actor=actor, id=found[0], channel=held.contact.channel, address=_known_as(held))
        nobodys = Conversation.objects.filter(address=held.address, contact__customer=None).exclude(pk=held.pk).order_by("-last_at")
        contacts.belongs_to(ids=[held.pk, *nobodys.values_list("pk", flat=True)[:MOST_EARLIER]], customer_id=found[0])
        record_one(actor_id=actor.id, subject_id=held.pk, kind="conversation.recognised", data={"number": customers.number_of(found[0])})
        return held


def _known_as(held: Conversation) -> str:
    """By what the channel knows who writes."""
    return held.contact.phone or held.address if held.contact.channel == Channel.SMS else held.address
