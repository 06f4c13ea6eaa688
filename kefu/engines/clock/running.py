"""What services and ticker both need of one obligation: its schedule, its event, who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kefu.engines.clock import moments, rules
from kefu.engines.clock.arithmetic import Pause
from kefu.engines.clock.calendar import Calendar
from kefu.engines.clock.choices import State, Unit
from kefu.engines.clock.models import Obligation
from kefu.people import queries as people
from kefu.timeline.models import Subject
from kefu.timeline.services import Happened

OWNER, UNIT_HEAD, POST = "owner", "unit_head", "post:"
SUPERIOR = {"superior": 1, "superior2": 2}


def schedule(row: Obligation, pauses: Iterable[Pause] = ()) -> list[moments.Step]:
    """All steps of the ticker for this obligation."""
    rule = rules.current().by_id.get(row.rule_id or 0)
    warn = rule.warn_points if rule else row.frozen.get("warn", ())
    ups = rule.steps if rule else row.frozen.get("steps", ())
    calendar = rules.calendar_from(row.frozen)
    unit = row.frozen.get("unit") or Unit.CLOCK_HOUR
    return moments.steps(calendar, unit, row.started_at, row.due_at, warn, ups, pauses)


def first_warning(row: Mapping[str, Any], calendar: Calendar, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When the first warning of an obligation is due, from its row."""
    rule = rules.current().by_id.get(row["rule_id"] or 0)
    points = rule.warn_points if rule else row["frozen"].get("warn", ())
    unit = row["frozen"].get("unit") or Unit.CLOCK_HOUR
    return next(iter(moments.warned_at(calendar, unit, row["started_at"], row["due_at"], points, pauses)), None)


def left(row: Obligation, pauses: Iterable[Pause] = ()) -> list[moments.Step]:
    """The steps that are still to be done."""
    found = schedule(row, pauses)
    return moments.undone(found, warned=row.warned, overdue=row.overdue_at is not None, escalated=row.escalated)


def pauses_of(ids: Iterable[int]) -> dict[int, list[Pause]]:
    """The finished pauses of obligations."""
    found: dict[int, list[Pause]] = {}
    rows = Obligation.pauses.through.objects.filter(obligation_id__in=list(ids), pause__until__isnull=False)
    for obligation_id, since, until in rows.values_list("obligation_id", "pause__since", "pause__until"):
        if until is not None:
            found.setdefault(obligation_id, []).append((since, until))
    return found


def set_next(row: Obligation, pauses: Iterable[Pause] = ()) -> None:
    """Write down when the ticker has to look again; a row that does not run has no such time."""
    todo = left(row, pauses) if row.state == State.RUNNING else []
    row.next_tick_at = todo[0].at if todo else None


def skip_past(row: Obligation, at: datetime, pauses: Iterable[Pause] = ()) -> None:
    """After a new due time: what lies in the past by the new schedule is not done again, what lies ahead will be."""
    found = schedule(row, pauses)
    row.warned = sum(step.kind == moments.WARN and step.at <= at for step in found)
    row.escalated = sum(step.kind == moments.ESCALATE and step.at <= at for step in found)
    row.overdue_at = None
    set_next(row, pauses)


def happened(row: Obligation, kind: str, **data: Any) -> Happened:
    """The event of an obligation, with the clauses that it serves."""
    facts = {"obligation": row.pk, "code": row.code, "name": row.name, "name_en": row.name_en, "due": row.due_at.isoformat(), **data}
    return Happened(row.subject_id, kind, facts, clauses=tuple(row.clauses))


def person_for(addressed_to: str, subject: Subject) -> int | None:
    """The one person who answers: the owner of the subject, or the head of its unit; None where a whole post does."""
    if addressed_to == OWNER:
        return subject.owner_id
    if addressed_to == UNIT_HEAD:
        return head_of(subject.unit_path)
    return None


def head_of(path: str) -> int | None:
    """The head of the unit, as the process knows it for a few seconds (opening an order asks for the same few units)."""
    if not path:
        return None
    heads = rules.current().heads
    if path not in heads:
        heads[path] = people.head_above(path)
    return heads[path]


def answering(row: Obligation) -> list[int]:
    """Who is told of this obligation: its owner, the holders of its post, or else the head of its unit."""
    if row.owner_id is not None:
        return [row.owner_id]
    found = _holders(row.addressed_to, row.unit_path) if row.addressed_to.startswith(POST) else []
    if not found:
        head = people.head_above(row.unit_path) if row.unit_path else None
        found = [head] if head is not None else []
    return found


def above(row: Obligation, to: str) -> list[int]:
    """Whom an escalation step reaches."""
    if to.startswith(POST):
        return _holders(to, row.unit_path)
    if to == OWNER:
        return [row.subject.owner_id] if row.subject.owner_id is not None else []
    found: int | None = None
    if to in SUPERIOR and row.owner_id is not None:
        found = people.superior_of(row.owner_id, levels=SUPERIOR[to])
    elif row.unit_path:
        found = people.head_above(row.unit_path, levels=SUPERIOR.get(to, 1))
    return [found] if found is not None else []


def _holders(addressed_to: str, path: str) -> list[int]:
    """Holders of a post whose reach covers the unit; all holders, if none does."""
    code = addressed_to.removeprefix(POST)
    return (people.holders(code, path=path) if path else []) or people.holders(code)
