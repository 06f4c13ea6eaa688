"""Reads: who else looks at a record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kefu.kit import moment
from kefu.people.actor import Actor
from kefu.touch.presence.models import Viewer

# Two beats of the page (20 s) and some delay.
FRESH = timedelta(seconds=50)


def others(actor: Actor, subject_id: int) -> list[dict[str, Any]]:
    """Name and number of the others whose page of this record is open now; the caller has judged that the record may be seen."""
    rows = Viewer.objects.filter(subject_id=subject_id, seen_at__gt=moment.now() - FRESH).exclude(staff_id=actor.id or 0)
    return [dict(row) for row in rows.order_by("staff__number").values("staff__name", "staff__number")[:10]]
