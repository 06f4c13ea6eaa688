"""The turn of the assignment: settle offers, free what nobody answers, offer what waits. Any worker may do it, also two at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.people.models import Staff
from kefu.timeline.models import Event
from kefu.timeline.services import record_one
from kefu.touch.assignment import queries, routing
from kefu.touch.assignment.choices import GONE_SECONDS, GONE_SETTING, OFFER_SECONDS, OFFER_SETTING, Outcome
from kefu.touch.assignment.models import Offer
from kefu.touch.contacts import services as contacts
from kefu.touch.conversations import services as conversations
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.services import Conversation
from kefu.touch.presence import handling
from kefu.touch.presence import queries as presence

GIVEN = ("conversation.transferred", "conversation.given_back")
GOT = ("conversation.taken", "conversation.taken_over", "conversation.reopened", "conversation.replied", *GIVEN)


def turn() -> int:
    """One turn of every second; the answer is how many offers were made."""
    at = moment.now()
    settle(at)
    made = 0
    for among in queries.paces():
        free_silent(at, among)
        made += offer_waiting(at, among)
    return made


def settle(at: datetime) -> int:
    """End the offers that were answered, that nobody needs any more, whose time ran out or whose person has gone; how many."""
    rows = Offer.objects.filter(ended_at=None).values_list(
        "pk", "staff_id", "until", "conversation__state", "conversation__contact__agent_id"
    )
    found = list(rows[: queries.MOST])
    here = {staff for staff, _since in presence.ready()} if found else set()
    count = 0
    for pk, staff, until, state, agent in found:
        if state != State.WAITING:
            outcome = Outcome.TAKEN if agent == staff else Outcome.WITHDRAWN
        elif until <= at or staff not in here:
            outcome = Outcome.PASSED
        else:
            continue
        count += Offer.objects.filter(pk=pk, ended_at=None).update(ended_at=at, outcome=outcome)
    return count


def free_silent(at: datetime, among: list[str]) -> int:
    """Conversations wait again whose agent has signed off since, was not here when a colleague gave a live one, or has not answered in
    time (R-03-8.1.2a); how many."""
    gone = {channel: queries.seconds(GONE_SETTING, channel, GONE_SECONDS) for channel in among}
    rows = queries.perhaps_free(at, among, min(gone.values()))
    found = list(rows.values_list("pk", "contact__agent_id", "account__channel", queries.BEGAN, "first_reply_at")[: queries.MOST])
    if not found:
        return 0
    off, got = presence.signed_off({row[1] for row in found}), _got(row[0] for row in found)
    count = 0
    for pk, agent, channel, began, replied in found:
        since, silence = off.get(agent), queries.patience(channel)
        left = since is not None and since <= at - gone[channel] and _is_away(since, got.get(pk), at, channel)
        late = silence is not None and replied is None and at - began > silence
        if left or late:
            count += _free(pk, agent, at, since if left else None, silence if late else None)
    return count


class Got(NamedTuple):
    """When a conversation last came to its agent, or was last answered by him; ``given``: when a colleague last gave it to somebody."""

    at: datetime
    given: datetime | None = None


def _got(ids: Iterable[int]) -> dict[int, Got]:
    rows = Event.objects.filter(subject_id__in=list(ids), kind__in=GOT).order_by().values_list("subject_id")
    found: Iterable[Any] = rows.annotate(given=Max("at", filter=Q(kind__in=GIVEN)), latest=Max("at"))
    return {pk: Got(latest, given) for pk, given, latest in found}


def _is_away(since: datetime, got: Got | None, at: datetime, channel: str) -> bool:
    """Whether who signed off at ``since`` is away from what she got: she went later, or a colleague gave her a live one while she was away
    and it has lain there as long as an offer does. A letter may be meant for tomorrow."""
    if got is None or since >= got.at:
        return True
    held = queries.seconds(OFFER_SETTING, channel, OFFER_SECONDS)
    return queries.patience(channel) is not None and got.given == got.at and got.at <= at - held


@transaction.atomic
def _free(pk: int, agent: int, at: datetime, off_since: datetime | None, silence: timedelta | None) -> bool:
    """Let it wait again, if it is still that agent's, and the agent has gone since getting it or was silent for too long."""
    held = conversations.lock(pk)
    if held is None or held.state != State.OPEN or held.contact.agent_id != agent:
        return False
    got = _got([pk]).get(pk, Got(held.contact.received_at))
    gone = off_since is not None and _is_away(off_since, got, at, held.account.channel)
    mute = silence is not None and held.first_reply_at is None and _overdue(held, got.at, at, silence)
    if not (gone or mute):
        return False
    contacts.hand_to(contact=held.contact, agent_id=None, at=at)
    held.state = State.WAITING
    held.save(update_fields=["state"])
    Offer.objects.filter(conversation_id=pk, ended_at=None).update(ended_at=at, outcome=Outcome.WITHDRAWN)
    Offer.objects.create(conversation_id=pk, staff_id=agent, at=at, until=at, ended_at=at, outcome=Outcome.LOST)
    data = {"reason": "gone" if gone else "silent"}
    clauses = () if gone else ("R-03-8.1.2a",)
    record_one(actor_id=None, subject_id=pk, kind="conversation.freed", data=data, clauses=clauses, at=at)
    return True


def _overdue(held: Conversation, got: datetime, at: datetime, silence: timedelta) -> bool:
    """Who got it within the first time has until that ends; who got it later has as long again."""
    due = (held.handed_at or held.contact.received_at) + silence
    return at > (due if got <= due else got + silence)


def offer_waiting(at: datetime, among: list[str]) -> int:
    """Offer what waits to those who are free; how many offers were made."""
    talks = queries.waiting(at, among)
    if not talks:
        return 0
    plan = routing.plan(talks, queries.free(), skilled=queries.skilled_accounts(), at=at)
    return sum(offer(conversation_id=talk, staff_id=staff, at=at) for talk, staff in plan)


def offer(*, conversation_id: int, staff_id: int, at: datetime) -> bool:
    """Ask one person, if the conversation still waits and the person still has room; both are held, so that two workers never ask twice."""
    try:
        with transaction.atomic():
            held = conversations.lock(conversation_id)
            if held is None or held.state != State.WAITING or not handling.hold_ready(staff_id):
                return False
            channel = held.account.channel
            if queries.loads([staff_id])[staff_id][channel] >= presence.capacity(channel):
                return False
            if queries.patience(channel) is None and queries.is_asked([staff_id]):
                return False
            until = at + queries.seconds(OFFER_SETTING, channel, OFFER_SECONDS)
            Offer.objects.create(conversation=held, staff_id=staff_id, at=at, until=until)
            name = Staff.objects.values_list("name", flat=True).get(pk=staff_id)
            record_one(actor_id=None, subject_id=held.pk, kind="conversation.offered", data={"to": name}, at=at)
            tell(staff_ids=[staff_id], kind="conversation.offered", subject_id=held.pk)
    except IntegrityError:
        return False
    return True
