"""Writing to the line: open a subject, record an event, note, watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.kit import moment
from kefu.timeline import registry
from kefu.timeline.choices import Audience
from kefu.timeline.models import Event, Note, Subject, Watcher


@dataclass(frozen=True)
class Happened:
    """One event to be recorded. ``kind`` must be declared; ``data`` holds only JSON values."""

    subject_id: int
    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    audience: Audience = Audience.STAFF
    clauses: tuple[str, ...] = ()


def record(*, actor_id: int | None, happened: Iterable[Happened], at: datetime | None = None) -> list[Event]:
    """Append events in one statement, inside the caller's transaction. Raises ``KeyError`` for an undeclared kind."""
    at = at or moment.now()
    rows = []
    for one in happened:
        registry.event_kinds[one.kind]
        rows.append(
            Event(
                subject_id=one.subject_id,
                kind=one.kind,
                actor_id=actor_id,
                at=at,
                data=one.data,
                audience=one.audience,
                clauses=list(one.clauses),
            )
        )
    return Event.objects.bulk_create(rows)


def record_one(
    *,
    actor_id: int | None,
    subject_id: int,
    kind: str,
    data: dict[str, Any] | None = None,
    audience: Audience = Audience.STAFF,
    clauses: tuple[str, ...] = (),
    at: datetime | None = None,
) -> Event:
    """Append one event."""
    return record(actor_id=actor_id, happened=[Happened(subject_id, kind, data or {}, audience, clauses)], at=at)[0]


def add_note(*, actor_id: int, subject_id: int, text: str) -> Note:
    """A remark for colleagues; the caller has judged that ``actor_id`` may see the subject."""
    note = Note.objects.create(subject_id=subject_id, author_id=actor_id, text=text)
    record_one(actor_id=actor_id, subject_id=subject_id, kind="note.added", data={"note": note.pk, "text": text[:200]})
    return note


def watch(*, subject_id: int, staff_id: int, kept: bool = False) -> None:
    """Follow a subject; following twice is following once."""
    Watcher.objects.bulk_create([Watcher(subject_id=subject_id, staff_id=staff_id, kept=kept)], ignore_conflicts=True)


def settle(*, subject: Subject, **changes: Any) -> None:
    """Write changed columns of a subject (owner, unit_path, title, secrecy, closed_at)."""
    Subject.objects.filter(pk=subject.pk).update(**changes)
    for name, value in changes.items():
        setattr(subject, name, value)
