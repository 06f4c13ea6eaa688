"""Reads: one's own notices, and who has not acknowledged in time."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kefu.engines.notify.models import Notice
from kefu.engines.notify.registry import notice_kinds
from kefu.kit import paging
from kefu.kit.language import pick, worded
from kefu.people.actor import Actor
from kefu.timeline.registry import subject_kinds

MANY = 99
_FIELDS = (
    "id",
    "kind",
    "params",
    "at",
    "read_at",
    "needs_ack",
    "acked_at",
    "ack_due_at",
    "subject_id",
    "subject__kind",
    "subject__number",
    "subject__title",
    "instead_of__name",
)


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """Notices are for the one who was told."""
    return Notice.objects.filter(recipient_id=actor.id or 0)


def unread(actor: Actor) -> int:
    """How many are unread, counted no further than ``MANY + 1``."""
    return visible_to(actor).filter(read_at=None)[: MANY + 1].count()


def badge(count: int) -> str:
    """The count as the bell shows it: "" for none, "99+" at most."""
    return "" if not count else f"{MANY}+" if count > MANY else str(count)


def latest(actor: Actor, limit: int = 8) -> list[dict[str, Any]]:
    return [drawn(row) for row in visible_to(actor).order_by("-id").values(*_FIELDS)[:limit]]


def page(actor: Actor, *, only_unread: bool = False, cursor: str | None = None, size: int = 50) -> paging.Page[dict[str, Any]]:
    """One page of own notices, newest first."""
    query = visible_to(actor).filter(read_at=None) if only_unread else visible_to(actor)
    rows = list(paging.after(query, keys=("-id",), cursor=cursor).values(*_FIELDS)[: size + 1])
    found = paging.cut(rows, size=size, key=lambda row: [row["id"]])
    return paging.Page([drawn(row) for row in found.rows], found.next)


def drawn(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its ``text`` in the active language, its ``icon`` and the ``url`` of its subject ("" without one)."""
    kind = notice_kinds.get(row["kind"])
    places: dict[str, Any] = defaultdict(
        str, {"number": row["subject__number"] or "", "title": row["subject__title"] or "", **row["params"]}
    )
    if places["name_en"]:
        places["name"] = pick(places["name"], places["name_en"])
    if kind:
        places.update(worded(places, kind.names))
    home = subject_kinds.get(row["subject__kind"] or "")
    return row | {
        "text": str(kind.text) % places if kind else row["kind"],
        "icon": kind.icon if kind else "bell",
        "url": home.url(row["subject_id"]) if home and row["subject_id"] else str(row["params"].get("url", "")),
    }


def unacknowledged(*, before: datetime, limit: int = 200) -> list[Notice]:
    """Notices whose acknowledgement was due before ``before`` and is still missing, the longest overdue first."""
    return list(Notice.objects.filter(needs_ack=True, acked_at=None, ack_due_at__lt=before).order_by("ack_due_at", "id")[:limit])


def newest() -> int:
    """The highest id of all notices, 0 without any."""
    return Notice.objects.order_by("-id").values_list("id", flat=True).first() or 0


def newer(than: int, limit: int = 2_000) -> list[tuple[int, int]]:
    """Notices above an id, as (id, recipient), lowest first: for the stream that rings bells, not for a person to read."""
    return list(Notice.objects.filter(pk__gt=than).order_by("pk").values_list("pk", "recipient_id")[:limit])
