"""Reads: what waits, who is free, what is offered to whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from kefu.engines.rulebook.queries import setting
from kefu.kit import hot, moment
from kefu.people.actor import Actor, actor_of
from kefu.touch.assignment.choices import CHANNELS, CHANNELS_SETTING, Outcome
from kefu.touch.assignment.models import Offer, Skill
from kefu.touch.assignment.routing import Free, Waiting
from kefu.touch.contacts.queries import Contact
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.services import Account, Conversation
from kefu.touch.customers.choices import Tier
from kefu.touch.presence import queries as presence

MOST = 200
REST = timedelta(seconds=60)
BEGAN = Coalesce("handed_at", "contact__received_at")  # since when a person is waited for
IN_VAIN = (Outcome.PASSED, Outcome.DECLINED, Outcome.LOST)


def channels() -> list[str]:
    """The channels whose conversations are offered; those of the others lie in the inbox until somebody takes them."""
    held = setting(CHANNELS_SETTING, default=CHANNELS)
    return [str(one) for one in held] if isinstance(held, list | tuple) else list(CHANNELS)


def waiting(at: datetime, among: Iterable[str]) -> list[Waiting]:
    """What is offered to nobody right now, oldest first."""
    served = Contact.objects.filter(customer_id=OuterRef("contact__customer_id"), agent__isnull=False).exclude(pk=OuterRef("pk"))
    rows = Conversation.objects.filter(state=State.WAITING, account__channel__in=list(among)).exclude(
        pk__in=Offer.objects.filter(ended_at=None).values("conversation_id")
    )
    last = Subquery(served.order_by("-subject_id").values("agent_id")[:1])
    names = (
        "contact_id",
        "account_id",
        "account__channel",
        "began",
        "contact__customer__tier",
        "follows__contact__agent_id",
    )
    found = list(rows.order_by("last_at", "contact_id").annotate(last=last, began=BEGAN).values(*names, "last")[:MOST])
    tries: dict[int, Counter[int]] = defaultdict(Counter)
    resting: dict[int, set[int]] = defaultdict(set)
    past = Offer.objects.filter(conversation_id__in=[row["contact_id"] for row in found], outcome__in=IN_VAIN)
    for talk, staff, ended in past.values_list("conversation_id", "staff_id", "ended_at"):
        tries[talk][staff] += 1
        if ended is not None and ended > at - REST:
            resting[talk].add(staff)
    return [
        Waiting(
            id=row["contact_id"], account=row["account_id"], channel=row["account__channel"], since=row["began"],
            key=row["contact__customer__tier"] == Tier.KEY, last_agent=row["follows__contact__agent_id"] or row["last"],
            tries=tries[row["contact_id"]], resting=frozenset(resting[row["contact_id"]]),
        )
        for row in found
    ]  # fmt: skip


def loads(staff_ids: Iterable[int]) -> dict[int, Counter[str]]:
    """How many conversations each person has, by channel, with those that are offered right now."""
    ids = list(staff_ids)
    held: dict[int, Counter[str]] = defaultdict(Counter)
    talks = Conversation.objects.filter(contact__agent_id__in=ids, state__in=(State.OPEN, State.PENDING)).order_by()
    for staff, channel, count in talks.values_list("contact__agent_id", "account__channel").annotate(n=Count("pk")):
        held[staff][channel] += count
    offered = Offer.objects.filter(ended_at=None, staff_id__in=ids).values_list("staff_id", "conversation__account__channel")
    for staff, channel in offered:
        held[staff][channel] += 1
    return held


def free(among: Iterable[str]) -> list[Free]:
    """Those who are ready and may take conversations, with load, capacity and skills."""
    ready = {staff: since for staff, since in presence.ready() if (actor := actor_of(staff)) and actor.can("contacts.take")}
    load = loads(ready)
    levels: dict[int, dict[int, int]] = defaultdict(dict)
    for staff, account, level in Skill.objects.filter(staff_id__in=ready).values_list("staff_id", "account_id", "level"):
        levels[staff][account] = level
    worked = dict(
        Offer.objects.filter(staff_id__in=ready, outcome=Outcome.TAKEN).order_by().values_list("staff_id").annotate(at=Max("ended_at"))
    )
    capacity = {channel: presence.capacity(channel) for channel in among}
    return [
        Free(id=staff, idle_since=max(since, worked.get(staff) or since), load=load[staff], capacity=capacity, levels=levels[staff])
        for staff, since in ready.items()
    ]


def skilled_accounts() -> frozenset[int]:
    """The ways in that somebody has a skill for."""
    return frozenset(Skill.objects.order_by().values_list("account_id", flat=True).distinct())


def offered_to(actor: Actor) -> list[dict[str, Any]]:
    """What a person is asked to take right now, with the seconds that are left."""
    at = moment.now()
    rows = Offer.objects.filter(staff_id=actor.id or 0, ended_at=None, until__gt=at).order_by("until")
    names = ("conversation_id", "until", "conversation__title", "conversation__contact__name", "conversation__account__name")
    return [{**row, "left": int((row["until"] - at).total_seconds())} for row in rows.values(*names)[:10]]


def is_offered(actor: Actor, conversation_id: int) -> bool:
    return bool(_offered(id=conversation_id, staff=actor.id or 0))


_offered = hot.Read(
    lambda: Offer.objects.filter(conversation_id=hot.Slot("id"), staff_id=hot.Slot("staff"), ended_at=None).order_by().values("id")[:1]
)


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
