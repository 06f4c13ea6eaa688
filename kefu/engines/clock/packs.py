"""The pack sections `calendars`, `limits` and `duties`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kefu.engines.clock import reading, recurrences, rules, versions
from kefu.engines.clock.arithmetic import usual
from kefu.engines.clock.choices import EndRule, RestDayRule, StartRule
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.models import LimitRule, Recurrence, WorkCalendar
from kefu.engines.filters.tree import parse
from kefu.engines.rulebook.registry import Change, PackContext, Reference, RuleKind, RuleRow
from kefu.kit.errors import Invalid

WarnPoint = float
Addressed = Field(default="owner", pattern=r"^(owner|unit_head|post:[\w.-]+)$")


def _fits(read: Callable[[Any], Any], value: Any) -> Any:
    """``value`` if it can be read; pydantic wants ``ValueError``."""
    try:
        read(value)
    except (Impossible, Invalid) as error:
        raise ValueError(error.message()) from None
    return value


class EscalationStep(BaseModel):
    """Carried to ``to`` after a share of the limit (0 < x < 1) or x hours after the due time (0, or x >= 1). ``owner``: of the case."""

    model_config = ConfigDict(extra="forbid")
    after: float = Field(ge=0, le=8760)
    to: str = Field(pattern=r"^(owner|superior|superior2|unit_head|post:[\w.-]+)$")


class CalendarRow(RuleRow):
    name: str
    name_en: str = ""
    timezone: str = "Asia/Shanghai"
    week: dict[str, list[list[str]]] = {}
    always: bool = False
    makeup: list[list[str]] = []
    follows_holidays: bool = True

    @model_validator(mode="after")
    def readable(self) -> CalendarRow:
        _fits(reading.calendar, {"timezone": self.timezone, "week": self.stored_week, "makeup": self.makeup})
        return self

    @property
    def stored_week(self) -> dict[str, list[list[str]]]:
        return {day: [["00:00", "24:00"]] for day in reading.WEEKDAYS} if self.always else self.week

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "name_en": self.name_en,
            "timezone": self.timezone,
            "week": self.stored_week,
            "makeup": self.makeup,
            "follows_holidays": self.follows_holidays and not self.always,
            "clauses": self.clauses,
        }


class LimitRow(RuleRow):
    """One limit. ``start``, ``end`` and ``rest`` left out are the usual ones of the unit (arithmetic.py)."""

    name: str
    name_en: str = ""
    subject_kind: str
    starts_on: str
    met_by: list[str] = []
    condition: dict[str, Any] = {}
    amount: float = Field(gt=0)
    unit: Literal["minute", "clock_hour", "business_hour", "calendar_day", "working_day", "month"]
    start: StartRule | None = None
    end: EndRule | None = None
    rest: RestDayRule | None = None
    calendar: str
    pausable: bool = True
    warn: list[WarnPoint] = []
    escalation: list[EscalationStep] = []
    addressed_to: str = Addressed
    valid_from: date | None = None
    active: bool = True

    @field_validator("condition")
    @classmethod
    def condition_reads(cls, value: dict[str, Any]) -> dict[str, Any]:
        return _fits(parse, value)  # type: ignore[no-any-return]

    @field_validator("warn")
    @classmethod
    def warnings_fit(cls, value: list[float]) -> list[float]:
        if any(x <= 0 for x in value):
            raise ValueError("a warning is a share of the limit (0 < x < 1) or hours before its end (x >= 1)")
        return value

    @model_validator(mode="after")
    def counts(self) -> LimitRow:
        _fits(lambda row: usual(row.amount, row.unit), self)
        return self

    def values(self) -> dict[str, Any]:
        limit = usual(self.amount, self.unit, start=self.start or "", end=self.end or "", rest=self.rest or "")
        return {
            "name": self.name,
            "name_en": self.name_en,
            "subject_kind": self.subject_kind,
            "starts_on": self.starts_on,
            "met_by": self.met_by,
            "condition": self.condition,
            "amount": Decimal(str(rules.number(self.amount))),
            "unit": self.unit,
            "start_rule": str(limit.start),
            "end_rule": str(limit.end),
            "rest_rule": str(limit.rest),
            "calendar": self.calendar,
            "pausable": self.pausable,
            "warn_points": [rules.number(x) for x in self.warn],
            "steps": [{"after": rules.number(step.after), "to": step.to} for step in self.escalation],
            "addressed_to": self.addressed_to,
            "clauses": self.clauses,
            "active": self.active,
        }


class DutyRow(RuleRow):
    name: str
    name_en: str = ""
    rule: dict[str, Any]
    limit: dict[str, Any] = {}
    calendar: str
    addressed_to: str = Field(pattern=r"^post:[\w.-]+$")
    warn: list[WarnPoint] = []
    escalation: list[EscalationStep] = []
    active: bool = True

    _rhythm_keys: ClassVar[frozenset[str]] = frozenset({"every", "at", "weekday", "day", "month", "working_days_only"})

    @model_validator(mode="after")
    def readable(self) -> DutyRow:
        unknown = set(self.rule) - self._rhythm_keys
        if unknown:
            raise ValueError(f"a rhythm has no {sorted(unknown)[0]!r}")
        _fits(recurrences.check, self.rule)
        if self.limit:
            _fits(reading.limit, self.limit)
        return self

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "name_en": self.name_en,
            "rule": self.rule,
            "limit": self.limit,
            "calendar": self.calendar,
            "addressed_to": self.addressed_to,
            "warn_points": self.warn,
            "steps": [step.model_dump() for step in self.escalation],
            "clauses": self.clauses,
            "active": self.active,
        }


def _to_calendar(row: Any) -> Iterable[Reference]:
    return [Reference("calendars", row.calendar, "calendar")]


def plan_calendars(rows: list[CalendarRow], context: PackContext) -> list[Change]:
    held = {row.code: row for row in WorkCalendar.objects.all()}

    def write(row: CalendarRow) -> None:
        WorkCalendar.objects.update_or_create(code=row.code, defaults={**row.values(), "pack": context.pack_code})
        rules.forget()

    # A calendar that left the pack stays: limits of the past were reckoned by it.
    return [_compare("calendars", row, held.get(row.code), functools.partial(write, row)) for row in rows]


def _compare(kind: str, row: Any, before: Any, apply: Callable[[], None]) -> Change:
    if before is None:
        return Change(kind, row.code, "new", row.name, apply, tuple(row.clauses))
    different = [name for name, value in row.values().items() if getattr(before, name) != value]
    if not different:
        return Change(kind, row.code, "same", clauses=tuple(row.clauses))
    return Change(kind, row.code, "changed", ", ".join(different), apply, tuple(row.clauses))


def _begins(row: LimitRow) -> datetime | None:
    return timezone.make_aware(datetime.combine(row.valid_from, time())) if row.valid_from else None


def plan_limits(rows: list[LimitRow], context: PackContext) -> list[Change]:
    """A new limit begins when its row or pack says; a changed figure never begins before now."""
    changes = [_plan_limit(row, context) for row in rows]
    kept = {row.code for row in rows}
    gone = LimitRule.objects.filter(pack=context.pack_code, valid_to=None).exclude(code__in=kept)
    for code in gone.values_list("code", flat=True):
        changes.append(Change("limits", code, "gone", apply=functools.partial(versions.end, code=code, at=context.at)))
    return changes


def _plan_limit(row: LimitRow, context: PackContext) -> Change:
    before = versions.latest(row.code)
    values = row.values()
    clauses = tuple(row.clauses)
    begins = _begins(row)
    starts = context.starts(begins) if before else begins or context.valid_from
    apply = functools.partial(versions.put, code=row.code, values={**values, "pack": context.pack_code}, valid_from=starts)

    def write() -> None:
        apply()

    if before is None or before.valid_to is not None:
        return Change("limits", row.code, "new", f"{rules.number(values['amount'])} {row.unit}", write, clauses)
    different = versions.differs(before, values)
    if not different:
        return Change("limits", row.code, "same", clauses=clauses)
    if "amount" in different or "unit" in different:
        said = f"{versions.figure(before)} → {rules.number(values['amount'])} {row.unit}"
    else:
        said = ", ".join(different)
    return Change("limits", row.code, "changed", said, write, clauses)


def plan_duties(rows: list[DutyRow], context: PackContext) -> list[Change]:
    held = {row.code: row for row in Recurrence.objects.all()}

    def write(row: DutyRow) -> None:
        values = {**row.values(), "pack": context.pack_code}
        made, _new = Recurrence.objects.update_or_create(code=row.code, defaults=values)
        rules.forget()
        recurrences.start(made, at=context.at)

    changes = [_compare("duties", row, held.get(row.code), functools.partial(write, row)) for row in rows]
    for code in {code for code, one in held.items() if one.pack == context.pack_code and one.active} - {row.code for row in rows}:
        stop = functools.partial(_stop_duty, code)
        changes.append(Change("duties", code, "gone", apply=stop))
    return changes


def _stop_duty(code: str) -> None:
    Recurrence.objects.filter(code=code).update(active=False)


RULE_KINDS = (
    RuleKind("calendars", _("Calendars"), CalendarRow, plan_calendars, order=10, how="setting"),
    RuleKind("limits", _("Limits"), LimitRow, plan_limits, order=40, how="limit", refs=_to_calendar),
    RuleKind("duties", _("Recurring duties"), DutyRow, plan_duties, order=45, how="limit", refs=_to_calendar),
)
