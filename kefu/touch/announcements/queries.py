"""Reads about announcements."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people import paths
from kefu.people.actor import Actor
from kefu.people.models import Staff, Unit
from kefu.touch.announcements.choices import Kind, Owed, State
from kefu.touch.announcements.models import Announcement, Receipt

KIND = "announcement"
WRITE, PUBLISH = "announcements.write", "announcements.publish"
SHOWN = 200
ROW = (
    "subject_id",
    "subject__number",
    "subject__title",
    "kind",
    "state",
    "published_at",
    "effective_from",
    "effective_to",
    "late",
    "due_at",
)


def visible_to(actor: Actor) -> QuerySet[Announcement]:
    """Who publishes sees everything; others what is published for them or for everybody, what they wrote, and what the department
    that they head must hand in."""
    if actor.id is None or actor.can(PUBLISH):
        return Announcement.objects.all()
    told = Receipt.objects.filter(staff_id=actor.id).values("announcement_id")
    mine = Q(subject__owner_id=actor.id) | Q(kind=Kind.INFORMATION, unit__head=actor.id)
    return Announcement.objects.filter(mine | (Q(state=State.PUBLISHED) & (Q(posts=[], units=[]) | Q(pk__in=told))))


def get(actor: Actor, announcement_id: int) -> Announcement:
    """Raises ``NotFound`` for a hidden one."""
    found = visible_to(actor).select_related("subject", "subject__owner", "unit", "published_by").filter(pk=announcement_id).first()
    if found is None:
        raise NotFound()
    return found


def rows(
    actor: Actor, *, kind: str = "", state: str = "", owed: str = "", cursor: str | None = None, size: int = 50
) -> Page[dict[str, Any]]:
    """One page, latest first; ``owed`` (choices.Owed) keeps information that must be handed in, is overdue, or came late."""
    query = visible_to(actor).filter(_owed(owed)) if owed else visible_to(actor)
    for name, value in (("kind", kind), ("state", state)):
        if value:
            query = query.filter(**{name: value})
    listed = after(query, keys=("-subject_id",), cursor=cursor).values(*ROW, "unit__name", "unit__name_en")[: size + 1]
    return cut([dict(row) for row in listed], size=size, key=lambda row: [row["subject_id"]])


def _owed(how: str) -> Q:
    if how == Owed.LATE:
        return Q(kind=Kind.INFORMATION, late=True)
    missing = Q(kind=Kind.INFORMATION, received_at=None, state=State.DRAFT)
    return missing & Q(due_at__lt=moment.now()) if how == Owed.OVER else missing & Q(due_at__isnull=False)


def head_of(announcement: Announcement) -> int | None:
    """Who heads the department in charge of information."""
    return announcement.unit.head_id if announcement.kind == Kind.INFORMATION and announcement.unit else None


def owed(actor: Actor) -> int:
    """How much information a person's department still must hand in, at most 100; for who publishes all that is overdue."""
    own = Q(subject__owner_id=actor.id) | Q(unit__head=actor.id)
    wanted = (_owed(Owed.OPEN) & own) | _owed(Owed.OVER) if actor.can(PUBLISH) else _owed(Owed.OPEN) & own
    return len(Announcement.objects.filter(wanted).values_list("pk")[:100])


def ended(since: datetime, at: datetime) -> list[Announcement]:
    """Information that has ended in this span."""
    rows = Announcement.objects.filter(kind=Kind.INFORMATION, state=State.PUBLISHED, effective_to__gt=since, effective_to__lte=at)
    return list(rows.select_related("subject"))


def addressed(announcement: Announcement) -> list[int]:
    """The active people for whom it is: of one of the units, and holding one of the posts."""
    people = Staff.objects.filter(is_active=True)
    if announcement.units:
        within = Q(pk__in=[])
        for path in Unit.objects.filter(pk__in=announcement.units).values_list("path", flat=True):
            low, high = paths.below(path)
            within |= Q(unit__path__gte=low, unit__path__lt=high)
        people = people.filter(within)
    if announcement.posts:
        at = moment.now()
        running = Q(holdings__until=None) | Q(holdings__until__gt=at)
        people = people.filter(running, holdings__post__code__in=announcement.posts, holdings__since__lte=at)
    return list(people.order_by("pk").values_list("pk", flat=True).distinct())


def unread(actor: Actor, limit: int = 10) -> list[dict[str, Any]]:
    """What this person still has to read, the soonest due first."""
    wanted = Receipt.objects.filter(staff_id=actor.id or 0, read_at=None, due_at__isnull=False, announcement__state=State.PUBLISHED)
    named = ("announcement_id", "due_at", "announcement__kind", "announcement__subject__number", "announcement__subject__title")
    return [dict(row) for row in wanted.order_by("due_at", "announcement_id").values(*named)[:limit]]


def must_read(actor: Actor, announcement_id: int) -> bool:
    """Whether this person has not said yet that it was read."""
    return Receipt.objects.filter(announcement_id=announcement_id, staff_id=actor.id or 0, read_at=None, due_at__isnull=False).exists()


def reading(announcement_id: int) -> dict[str, Any]:
    """Who has read it and who has not (at most ``SHOWN`` of each), with the figures."""
    asked = Receipt.objects.filter(announcement_id=announcement_id, due_at__isnull=False)
    late = Q(read_at=None, due_at__lt=moment.now())
    counted = asked.aggregate(asked=Count("id"), read=Count("id", filter=Q(read_at__isnull=False)), overdue=Count("id", filter=late))
    named = ("staff__name", "staff__number", "staff__unit__name", "staff__unit__name_en", "due_at", "reminded_at", "read_at")
    missing = asked.filter(read_at=None).order_by("staff__number").values(*named)[:SHOWN]
    done = asked.filter(read_at__isnull=False).order_by("read_at", "id").values(*named)[:SHOWN]
    return {**counted, "missing": [dict(row) for row in missing], "done": [dict(row) for row in done]}


def to_remind(at: datetime, limit: int) -> list[tuple[int, int, int]]:
    """Receipts whose reminder is due: (id, announcement, person)."""
    due = Receipt.objects.filter(read_at=None, due_at__isnull=False, reminded_at=None, due_at__gt=at - timedelta(days=30))
    ready = due.filter(announcement__state=State.PUBLISHED, announcement__remind_at__lte=at).order_by("announcement_id", "id")
    return list(ready.values_list("id", "announcement_id", "staff_id")[:limit])


def waiting(actor: Actor) -> int:
    """How many were handed in and wait to be published, at most 100."""
    return len(Announcement.objects.filter(state=State.HANDED_IN).values_list("pk")[:100]) if actor.can(PUBLISH) else 0
