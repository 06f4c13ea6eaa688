"""Writes: a page is open; old rows go."""

from __future__ import annotations

from datetime import timedelta

from kefu.kit import moment
from kefu.people.actor import Actor
from kefu.touch.presence.models import Viewer

KEPT = timedelta(hours=1)


def seen(*, actor: Actor, subject_id: int) -> None:
    """This person has the page of the record open; the caller has judged that the record may be seen. One statement."""
    row = Viewer(subject_id=subject_id, staff_id=actor.person_id, seen_at=moment.now())
    Viewer.objects.bulk_create([row], update_conflicts=True, unique_fields=["subject", "staff"], update_fields=["seen_at"])


def forget_old() -> int:
    """Drop who looked more than an hour ago; the answer is how many rows went."""
    return Viewer.objects.filter(seen_at__lt=moment.now() - KEPT).delete()[0]
