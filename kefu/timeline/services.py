"""Writing to the line: open a subject, record an event, note, watch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from kefu.kit import moment, prepared
from kefu.timeline import registry, waking
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.models import Event, Note, SealedCopy, Subject, Watcher
from kefu.timeline.waking import Word


def open_subject(
    *,
    kind: str,
    number: str,
    title: str = "",
    unit_path: str = "",
    owner_id: int | None = None,
    secrecy: Secrecy = Secrecy.ORDINARY,
) -> Subject:
    """A new subject. Raises ``KeyError`` for an undeclared kind."""
    registry.subject_kinds[kind]
    return Subject.objects.create(kind=kind, number=number, title=title, unit_path=unit_path, owner_id=owner_id, secrecy=secrecy)


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
    rows, waited_for = [], []
    for one in happened:
        waited_for.append(registry.event_kinds[one.kind].at_once)
        rows.append(
            prepared.made(
                Event,
                subject_id=one.subject_id,
                kind=one.kind,
                actor_id=actor_id,
                at=at,
                data=one.data,
                audience=one.audience,
                clauses=list(one.clauses),
            )
        )
    prepared.insert(rows, keyed=any(waited_for))
    if any(waited_for):
        transaction.on_commit(lambda: waking.say(*[Word(waking.EVENT, row.pk) for row in rows]), robust=True)
    return rows


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


def canonical(body: dict[str, Any]) -> str:
    """The one written form of a body, over which its hash is taken."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def seal(*, subject_id: int, body: dict[str, Any], keep_until: date | None = None) -> SealedCopy:
    """Keep ``body`` (JSON values, dates as ISO text) in canonical form with its SHA-256."""
    text = canonical(body)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return SealedCopy.objects.create(subject_id=subject_id, body=text, sha256=digest, keep_until=keep_until)


def is_intact(copy: SealedCopy) -> bool:
    """Whether a sealed copy still has the hash that it was sealed with."""
    return hashlib.sha256(copy.body.encode()).hexdigest() == copy.sha256


def settle(*, subject: Subject, **changes: Any) -> None:
    """Write changed columns of a subject (owner, unit_path, title, secrecy, closed_at)."""
    Subject.objects.filter(pk=subject.pk).update(**changes)
    for name, value in changes.items():
        setattr(subject, name, value)


def move_paths(*, old: str, new: str, upper: str) -> int:
    """Subjects of the units from ``old`` up to ``upper`` (half-open) stand under ``new`` now: who leads a moved unit keeps its cases."""
    moved = Subject.objects.filter(unit_path__gte=old, unit_path__lt=upper)
    return moved.update(unit_path=Concat(Value(new), Substr(F("unit_path"), len(old) + 1)))


def blank_events(subject_id: int, keys: Collection[str] | None = None) -> int:
    """Empty the data of a subject's events (only the entries ``keys``, if given), marking each as blanked; the answer is how many.

    That the event happened, when and by whom, stays: the trigger of the line lets nothing else be changed.
    """
    at = moment.now()
    events = Event.objects.filter(subject_id=subject_id)
    if keys is None:
        return events.filter(blanked_at=None).update(data={}, blanked_at=at)
    count = 0
    for event_id, data in events.values_list("pk", "data"):
        kept = {name: value for name, value in data.items() if name not in keys}
        if kept != data:
            count += events.filter(pk=event_id).update(data=kept, blanked_at=at)
    return count


def blank_notes(subject_id: int) -> int:
    """Empty the remarks on a subject; the answer is how many."""
    return Note.objects.filter(subject_id=subject_id).exclude(text="").update(text="")
