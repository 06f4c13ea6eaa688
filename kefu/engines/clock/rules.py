"""The limits as the process knows them: read from the database every few seconds, ready to be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.engines.clock import calendars
from kefu.engines.clock.arithmetic import Limit
from kefu.engines.clock.calendar import Calendar
from kefu.engines.clock.models import LimitRule
from kefu.engines.filters.memory import compiled

CACHE_SECONDS = 5.0
_lock = threading.Lock()


@dataclass(frozen=True)
class Rule:
    """One version of a limit, its condition already read."""

    id: int
    code: str
    name: str
    name_en: str
    subject_kind: str
    starts_on: str
    met_by: frozenset[str]
    holds: Callable[..., bool]
    limit: Limit
    calendar: str
    warn_points: tuple[float, ...]
    steps: tuple[Mapping[str, Any], ...]
    addressed_to: str
    valid_from: datetime
    valid_to: datetime | None
    clauses: tuple[str, ...]
    active: bool

    def in_force(self, at: datetime) -> bool:
        return self.active and self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class RuleSet:
    """All versions of all limits, sorted by what starts them; copies and unit heads are kept as long as the set is."""

    by_id: Mapping[int, Rule] = field(default_factory=dict)
    starting: Mapping[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict)
    copies: dict[int, tuple[Calendar, dict[str, Any]]] = field(default_factory=dict)
    heads: dict[str, int | None] = field(default_factory=dict)

    def started_by(self, subject_kind: str, moments: frozenset[str], at: datetime) -> list[Rule]:
        """The versions in force at ``at`` that one of ``moments`` starts for a subject of this kind."""
        return [rule for moment in sorted(moments) for rule in self.starting.get((subject_kind, moment), ()) if rule.in_force(at)]

    def frozen(self, rule: Rule) -> tuple[Calendar, dict[str, Any]]:
        """The calendar that the rule counts on, and the copy of both that an obligation keeps."""
        calendar = calendars.named(rule.calendar)
        held = self.copies.get(rule.id)
        if held is None or held[0] is not calendar:
            held = (calendar, copy_of(rule.limit, rule.calendar, calendar))
            self.copies[rule.id] = held
        return held


_held: tuple[float, RuleSet] = (0.0, RuleSet())


def forget() -> None:
    """Read limits and calendars again at the next need."""
    global _held
    calendars.forget()
    with _lock:
        _held = (0.0, RuleSet())


def current() -> RuleSet:
    """The limits, at most ``CACHE_SECONDS`` old."""
    global _held
    until, found = _held
    if until <= time.monotonic():
        found = load()
        with _lock:
            _held = (time.monotonic() + CACHE_SECONDS, found)
    return found


def load() -> RuleSet:
    by_id = {row.pk: read(row) for row in LimitRule.objects.order_by("code", "valid_from")}
    starting: dict[tuple[str, str], tuple[Rule, ...]] = {}
    for rule in by_id.values():
        key = (rule.subject_kind, rule.starts_on)
        starting[key] = (*starting.get(key, ()), rule)
    return RuleSet(by_id, starting)


def read(row: LimitRule) -> Rule:
    return Rule(
        id=row.pk,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        subject_kind=row.subject_kind,
        starts_on=row.starts_on,
        met_by=frozenset(row.met_by),
        holds=compiled(row.condition),
        limit=limit_of(row),
        calendar=row.calendar,
        warn_points=tuple(row.warn_points),
        steps=tuple(row.steps),
        addressed_to=row.addressed_to,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        clauses=tuple(row.clauses),
        active=row.active,
    )


def limit_of(row: LimitRule) -> Limit:
    return Limit(number(row.amount), row.unit, row.start_rule, row.end_rule, row.rest_rule, row.pausable)


def number(amount: Any) -> int | float:
    """A stored amount without needless decimals."""
    return int(amount) if amount == int(amount) else float(amount)


def copy_of(limit: Limit, code: str, calendar: Calendar) -> dict[str, Any]:
    """The JSON copy of limit and calendar that an obligation keeps. The official holidays are not copied: they are the same for all."""
    return {
        "amount": limit.amount,
        "unit": limit.unit,
        "start": limit.start,
        "end": limit.end,
        "rest": limit.rest,
        "pausable": limit.pausable,
        "calendar": code,
        "timezone": calendar.timezone,
        "week": [[list(span) for span in spans] for spans in calendar.week],
    }


def limit_from(copy: Mapping[str, Any]) -> Limit | None:
    """The limit in a frozen copy; None for a due time that was set from outside."""
    if not copy.get("amount"):
        return None
    return Limit(copy["amount"], copy["unit"], copy["start"], copy["end"], copy["rest"], copy["pausable"])


def calendar_from(copy: Mapping[str, Any]) -> Calendar:
    """The calendar by which an obligation runs: its own week, with the holidays and exceptions known today."""
    live = calendars.all_calendars().get(copy.get("calendar", ""))
    week = tuple(tuple((span[0], span[1]) for span in spans) for spans in copy.get("week") or ()) or None
    if live is not None and (week is None or (live.week == week and live.timezone == copy["timezone"])):
        return live
    base = live or Calendar(timezone=copy.get("timezone", "Asia/Shanghai"))
    return Calendar(
        timezone=copy.get("timezone", base.timezone),
        week=week or base.week,
        holidays=base.holidays,
        workdays=base.workdays,
        exceptions=base.exceptions,
        makeup=base.makeup,
        known_years=base.known_years,
    )
