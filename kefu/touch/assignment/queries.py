"""Reads: what waits, who is free, what is offered to whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from kefu.engines.rulebook.queries import setting
from kefu.kit import hot, language, moment
from kefu.kit.errors import Text
from kefu.people import queries as people
from kefu.people.actor import Actor, actor_of
from kefu.timeline.choices import Secrecy
from kefu.touch.assignment.choices import (
    CHANNELS,
    CHANNELS_SETTING,
    OTHER,
    OVERFLOW_SECONDS,
    OVERFLOW_SETTING,
    SILENCE_SECONDS,
    SILENCE_SETTING,
    Outcome,
)
from kefu.touch.assignment.models import Offer, Skill
from kefu.touch.assignment.routing import Colleague, Free, Waiting
from kefu.touch.contacts.choices import ICONS
from kefu.touch.contacts.queries import Contact
from kefu.touch.conversations import queries as conversations
from kefu.touch.conversations.choices import Direction, State
from kefu.touch.conversations.queries import Message
from kefu.touch.conversations.services import Account, Conversation
from kefu.touch.customers.choices import Tier
from kefu.touch.presence import queries as presence
from kefu.touch.presence.choices import State as Presence

MOST = 200
REST, LONG_REST = timedelta(seconds=60), timedelta(minutes=10)  # before a person is asked again: where the customer sits, and else
BEGAN = Coalesce("handed_at", "contact__received_at")  # since when a person is waited for
MOST_COUNTED = 1000
MOST_OFFERED, MOST_LOOKED_AT = 20, 60  # of colleagues: what a list shows, and among how many who has room is looked for
AT_HAND = (
    "contact_id", "contact__channel", "state", "title", "contact__agent_id", "contact__agent__name", "contact__outcome", "contact__name",
    "address", "began",
)  # fmt: skip
IN_VAIN = (Outcome.PASSED, Outcome.DECLINED, Outcome.LOST)


def channels() -> list[str]:
    """The channels whose conversations are offered; those of the others lie in the inbox until somebody takes them."""
    held = setting(CHANNELS_SETTING, default=CHANNELS)
    return [str(one) for one in held] if isinstance(held, list | tuple) else list(CHANNELS)


def seconds(key: str, channel: str, default: float) -> timedelta:
    """A setting in seconds: one figure for all channels, or one for each, with ``other`` for those that are not named."""
    held = setting(key, default=default)
    if isinstance(held, dict):
        held = held.get(channel, held.get(OTHER, default))
    return timedelta(seconds=float(held))


def patience(channel: str) -> timedelta | None:
    """How long a customer sits before an unanswered talk of this channel (R-03-8.1.2a); None where nobody sits: a letter, an SMS."""
    held = setting(SILENCE_SETTING % channel, default=SILENCE_SECONDS.get(channel))
    return timedelta(seconds=float(held)) if held else None


def paces() -> list[list[str]]:
    """The channels that are offered: those where the customer sits, then the others. Each kind is looked through by itself, so that a
    heap of letters hides no chat."""
    live = [channel for channel in channels() if patience(channel)]
    return [found for found in (live, [channel for channel in channels() if channel not in live]) if found]


def waiting(at: datetime, among: Sequence[str]) -> list[Waiting]:
    """What of these channels (of one pace) is offered to nobody right now, oldest first; what only machines wrote is offered to nobody."""
    served = Contact.objects.filter(customer_id=OuterRef("contact__customer_id"), agent__isnull=False).exclude(pk=OuterRef("pk"))
    rows = Conversation.objects.filter(state=State.WAITING, account__channel__in=among).exclude(
        pk__in=Offer.objects.filter(ended_at=None).values("conversation_id")
    )
    live = bool(patience(among[0]))
    if not live:
        rows = rows.filter(Exists(Message.objects.filter(conversation_id=OuterRef("pk"), direction=Direction.IN, auto="")))
    last = Subquery(served.order_by("-subject_id").values("agent_id")[:1])
    names = (
        "contact_id",
        "account_id",
        "account__channel",
        "began",
        "contact__customer__tier",
        "follows__contact__agent_id",
        "contact__subject__secrecy",
    )
    found = list(rows.order_by("last_at", "contact_id").annotate(last=last, began=BEGAN).values(*names, "last")[:MOST])
    tries: dict[int, Counter[int]] = defaultdict(Counter)
    resting: dict[int, set[int]] = defaultdict(set)
    past = Offer.objects.filter(conversation_id__in=[row["contact_id"] for row in found], outcome__in=IN_VAIN)
    for talk, staff, ended in past.values_list("conversation_id", "staff_id", "ended_at"):
        tries[talk][staff] += 1
        if ended is not None and ended > at - (REST if live else LONG_REST):
            resting[talk].add(staff)
    return [
        Waiting(
            id=row["contact_id"], account=row["account_id"], channel=row["account__channel"], since=row["began"],
            key=row["contact__customer__tier"] == Tier.KEY, last_agent=row["follows__contact__agent_id"] or row["last"],
            tries=tries[row["contact_id"]], resting=frozenset(resting[row["contact_id"]]),
            secret=row["contact__subject__secrecy"] != Secrecy.ORDINARY, live=live,
            overflow=seconds(OVERFLOW_SETTING, row["account__channel"], OVERFLOW_SECONDS),
        )
        for row in found
    ]  # fmt: skip


def loads(staff_ids: Iterable[int]) -> dict[int, Counter[str]]:
    """How many conversations each person has, by channel, with those that are offered right now. What waits for a customer who does
    not sit before it is no load: an answered letter."""
    ids = list(staff_ids)
    held: dict[int, Counter[str]] = defaultdict(Counter)
    sits = [channel for channel in channels() if patience(channel)]
    talks = Conversation.objects.filter(contact__agent_id__in=ids).order_by()
    talks = talks.filter(Q(state=State.OPEN) | Q(state=State.PENDING, account__channel__in=sits))
    for staff, channel, count in talks.values_list("contact__agent_id", "account__channel").annotate(n=Count("pk")):
        held[staff][channel] += count
    offered = Offer.objects.filter(ended_at=None, staff_id__in=ids).values_list("staff_id", "conversation__account__channel")
    for staff, channel in offered:
        held[staff][channel] += 1
    return held


def is_asked(staff_ids: Iterable[int]) -> set[int]:
    """Those to whom something is offered right now before which no customer sits."""
    sits = [channel for channel in channels() if patience(channel)]
    rows = Offer.objects.filter(ended_at=None, staff_id__in=list(staff_ids)).exclude(conversation__account__channel__in=sits)
    return set(rows.values_list("staff_id", flat=True))


def free() -> list[Free]:
    """Those who are ready and may take conversations, with load, capacity and skills."""
    actors = {staff: (since, actor) for staff, since in presence.ready() if (actor := actor_of(staff)) and actor.can("contacts.take")}
    ready = {staff: since for staff, (since, _actor) in actors.items()}
    load = loads(ready)
    levels: dict[int, dict[int, int]] = defaultdict(dict)
    for staff, account, level in Skill.objects.filter(staff_id__in=ready).values_list("staff_id", "account_id", "level"):
        levels[staff][account] = level
    asked = is_asked(ready)
    worked = dict(
        Offer.objects.filter(staff_id__in=ready, outcome=Outcome.TAKEN).order_by().values_list("staff_id").annotate(at=Max("ended_at"))
    )
    capacity = {channel: presence.capacity(channel) for channel in channels()}
    return [
        Free(
            id=staff, idle_since=max(since, worked.get(staff) or since), load=load[staff], capacity=capacity, levels=levels[staff],
            asked=staff in asked, knows=actors[staff][1].can("secrets.see"),
        )
        for staff, since in ready.items()
    ]  # fmt: skip


def colleagues(actor: Actor, conversation_id: int, q: str = "", *, takers: bool = False) -> list[Colleague]:
    """Whom this conversation may be shown to and who fits ``q``, at most one more than ``MOST_OFFERED``; with ``takers`` not who has it.

    Who is ready with room for one more of its channel comes first, the own unit before the others. Into a secret one only who may see
    secrets is drawn. Raises ``NotFound`` for a hidden conversation.
    """
    contact = conversations.get(actor, conversation_id).contact
    rights = ("contacts.take",) if contact.subject.secrecy == Secrecy.ORDINARY else ("contacts.take", "secrets.see")
    near = Case(When(unit_id=actor.unit_id, then=0), default=1)
    ready = Case(When(Exists(presence.ready_ones("pk")), then=0), default=1)
    but = [actor.id or 0, *([contact.agent_id] if takers and contact.agent_id else [])]
    rows = people.find_holders(rights, q, MOST_LOOKED_AT, but=but, first=(ready, near))
    states = presence.states_of(row["id"] for row in rows)
    load = loads(staff for staff, state in states.items() if state == Presence.READY)
    most = presence.capacity(contact.channel)
    found = [
        Colleague(
            id=row["id"], number=row["number"], name=row["name"], unit=row["unit__name"], is_near=row["unit_id"] == actor.unit_id,
            state=states[row["id"]], load=load[row["id"]][contact.channel] if row["id"] in load else 0, most=most,
        )
        for row in language.spoken(rows, "unit__name")
    ]  # fmt: skip
    return sorted(found, key=lambda one: (not one.has_room, not one.is_near, not one.is_ready))[: MOST_OFFERED + 1]


def choices(found: Iterable[Colleague]) -> list[tuple[int, Text]]:
    """What a list to choose from says of each: number, name, unit, state, and how full who is ready is."""

    def said(one: Colleague) -> str:
        stands = f"{one.state.label} {one.load}/{one.most}" if one.is_ready else str(one.state.label)
        return f"{one.number} {one.name} · {one.unit} · {stands}"

    return [(one.id, said(one)) for one in found]


def perhaps_free(at: datetime, among: Sequence[str], gone: timedelta) -> QuerySet[Conversation]:
    """What people have of these channels whose agent has been signed off for so long, or that nobody has answered in time."""
    rows = Conversation.objects.filter(state=State.OPEN, account__channel__in=among, contact__agent__isnull=False).annotate(began=BEGAN)
    late = Q(contact__agent__in=presence.who_signed_off(at - gone))
    if silence := patience(among[0]):
        late |= Q(first_reply_at=None, began__lt=at - silence)
    return rows.filter(late)


def skilled_accounts() -> frozenset[int]:
    """The ways in that somebody has a skill for."""
    return frozenset(Skill.objects.order_by().values_list("account_id", flat=True).distinct())


def offered_to(actor: Actor) -> list[dict[str, Any]]:
    """What a person is asked to take right now, with the seconds that are left."""
    at = moment.now()
    rows = Offer.objects.filter(staff_id=actor.id or 0, ended_at=None, until__gt=at).order_by("until")
    names = (
        "conversation_id",
        "until",
        "conversation__title",
        "conversation__contact__name",
        "conversation__account__name",
        "conversation__account__channel",
    )
    return [
        {**row, "left": int((row["until"] - at).total_seconds()), "icon": ICONS[row["conversation__account__channel"]]}
        for row in rows.values(*names)[:10]
    ]


def is_offered(actor: Actor, conversation_id: int) -> bool:
    return bool(_offered(id=conversation_id, staff=actor.id or 0))


_offered = hot.Read(
    lambda: Offer.objects.filter(conversation_id=hot.Slot("id"), staff_id=hot.Slot("staff"), ended_at=None).order_by().values("id")[:1]
)


def counted(actor: Actor, state: State) -> list[dict[str, Any]]:
    """Channel and since when of the conversations that a person sees and that stand so, the oldest first, at most ``MOST_COUNTED``."""
    rows = conversations.visible_to(actor).filter(state=state).order_by("last_at", "contact_id").annotate(began=BEGAN)
    return [dict(row) for row in rows.values("contact__channel", "began")[:MOST_COUNTED]]


def at_hand(actor: Actor, channel: str = "") -> list[dict[str, Any]]:
    """What waits and what is in hand, of one channel or of all: of each no more than ``MOST``, those that nobody has answered yet first."""
    found: list[dict[str, Any]] = []
    for state in (State.WAITING, State.OPEN):
        rows = conversations.visible_to(actor).filter(state=state, **({"contact__channel": channel} if channel else {}))
        rows = rows.annotate(began=BEGAN).order_by("last_at", "contact_id")
        unanswered = list(rows.filter(first_reply_at=None).values(*AT_HAND)[:MOST])
        rest = rows.filter(first_reply_at__isnull=False).values(*AT_HAND)[: MOST - len(unanswered)] if len(unanswered) < MOST else ()
        found += [dict(row) for row in (*unanswered, *rest)]
    return found


def accounts(_actor: Any, _id: int | None) -> list[tuple[int, str]]:
    """Source of choices: the ways in."""
    return list(Account.objects.filter(active=True).order_by("channel", "name").values_list("pk", "name"))


def places(accounts: Iterable[int]) -> dict[int, int]:
    """The places of all that wait at these ways in, oldest first, each way in counted to ``MOST``; one statement for each."""
    found: dict[int, int] = {}
    for account in set(accounts):
        rows = Conversation.objects.filter(state=State.WAITING, account_id=account).order_by(BEGAN, "pk")
        found.update({pk: number for number, pk in enumerate(rows.values_list("pk", flat=True)[:MOST], 1)})
    return found
