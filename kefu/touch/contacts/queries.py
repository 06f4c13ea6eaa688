"""Reads about contacts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from kefu.kit import hot, moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.timeline.queries import visible
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.models import Contact as Contact
from kefu.touch.knowledge.registry import Asked

KIND = "contact"
ROW = (
    "subject_id", "subject__number", "channel", "foreign_id", "outcome", "led_to_id", "received_at", "name", "phone", "content",
    "agent__number",
)  # fmt: skip
LONG_SETTLED, MOST_ASKED, MOST_READ = timedelta(days=7), 3_000, 400
MORE = ("address", "wishes", "appointment_at", "order_type", "ended_at")


def visible_to(actor: Actor) -> QuerySet[Contact]:
    return Contact.objects.filter(visible(actor, "subject__", kind=KIND))


def get(actor: Actor, contact_id: int) -> Contact:
    found = visible_to(actor).select_related("subject", "customer", "agent").filter(pk=contact_id).first()
    if found is None:
        raise NotFound()
    return found


def open_contacts(actor: Actor, limit: int = 50, but: Q | Exists | None = None) -> list[dict[str, Any]]:
    """What still lies on the desk, oldest first: forms nobody has taken yet, visitors who wait. ``but`` names what lies elsewhere."""
    rows = visible_to(actor).filter(outcome=Outcome.OPEN).order_by("received_at")
    if but is not None:
        rows = rows.exclude(but)
    return [
        dict(row)
        for row in rows.values("subject_id", "subject__number", "channel", "received_at", "name", "phone", "content", "agent__name")[:limit]
    ]


def at_hand(actor: Actor, limit: int, but: Q | Exists | None = None) -> list[dict[str, Any]]:
    """What of the desk is a person's to do, oldest first: what nobody has taken yet, and what the person took and did not finish."""
    rows = visible_to(actor).filter(Q(agent=None) | Q(agent_id=actor.id or 0), outcome=Outcome.OPEN).order_by("received_at", "pk")
    if but is not None:
        rows = rows.exclude(but)
    return [dict(row) for row in rows.values("subject_id", "subject__number", "channel", "received_at", "name", "phone", "content")[:limit]]


def taken_today(actor: Actor, limit: int = 15) -> list[dict[str, Any]]:
    """What a person took today, newest first; what is still open stands elsewhere."""
    begun, _ended = day_span(timezone.localdate(moment.now()))
    rows = visible_to(actor).filter(agent_id=actor.id or 0, received_at__gte=begun).exclude(outcome=Outcome.OPEN).order_by("-received_at")
    return [dict(row) for row in rows.values("subject_id", "channel", "received_at", "name", "phone", "content", "outcome")[:limit]]


def rows(
    actor: Actor, *, outcome: Outcome | None = None, foreign_id: str = "", cursor: str | None = None, size: int = 50
) -> Page[dict[str, Any]]:
    """One page of contacts, newest first."""
    query = visible_to(actor)
    if outcome:
        query = query.filter(outcome=outcome)
    if foreign_id:
        query = query.filter(foreign_id=foreign_id)
    found = after(query, keys=("-subject_id",), cursor=cursor).values(*ROW)[: size + 1]
    return cut([dict(row) for row in found], size=size, key=lambda row: [row["subject_id"]])


def of_customer(actor: Actor, customer_id: int, limit: int = 20) -> list[dict[str, Any]]:
    rows = visible_to(actor).filter(customer_id=customer_id).order_by("-subject_id")
    return [
        dict(row)
        for row in rows.values(
            "subject_id", "subject__number", "channel", "received_at", "content", "outcome", "agent__number", "led_to_id"
        )[:limit]
    ]


def day_span(day: date) -> tuple[datetime, datetime]:
    """The instants where a day of the centre begins and ends."""
    zone = timezone.get_current_timezone()
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def of_day(actor: Actor, day: date) -> QuerySet[Contact]:
    """The contacts of one day in order, for the day work record (F-2, R-04-3.5.2)."""
    start, end = day_span(day)
    return (
        visible_to(actor)
        .filter(received_at__gte=start, received_at__lt=end)
        .select_related("subject", "agent", "led_to")
        .order_by("received_at", "pk")
    )


def leading_to(actor: Actor, subject_id: int) -> list[dict[str, Any]]:
    """The contacts that led to a case the person sees: the first one, and every urge after it."""
    return _leading(id=subject_id)


def without_source(begin: datetime, end: datetime) -> list[Asked]:
    """What staff settled by an answer in this span without saying what it rests on (R-02F-3.4); nobody says that nothing was found."""
    wanted = Contact.objects.filter(received_at__gte=begin - LONG_SETTLED, received_at__lt=end, ended_at__gte=begin, ended_at__lt=end)
    rows = wanted.filter(outcome=Outcome.SETTLED, answer_source="", agent__isnull=False).exclude(content="").order_by("ended_at", "pk")
    found = rows.values_list("pk", "ended_at", "content", "name", "address", "phone")[:MOST_ASKED]
    return [Asked(content[:MOST_READ], at or begin, pk, sure=False, private=tuple(told)) for pk, at, content, *told in found]


_LED = ("subject_id", "subject__number", "channel", "received_at", "agent__name", "agent__number", "outcome")
_leading = hot.Read(lambda: Contact.objects.filter(led_to_id=hot.Slot("id")).order_by("subject_id").values(*_LED))
