"""What an administrator changes: limits from a date on, hours, own days, official holidays. Each change stands in the audit trail."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from kefu.engines.clock import holidays, policies, reading, rules, versions
from kefu.engines.clock.arithmetic import Limit
from kefu.engines.clock.choices import DayKind
from kefu.engines.clock.models import CalendarException, LimitRule, WorkCalendar
from kefu.kit.errors import NotAllowed
from kefu.people import audit
from kefu.people.actor import Actor

_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@transaction.atomic
def change_limit(
    *,
    actor: Actor,
    id: int,
    valid_from: date,
    amount: Decimal,
    unit: str,
    start: str,
    end: str,
    rest: str,
    pausable: bool,  # noqa: A002
) -> LimitRule:
    """Let new figures be in force from a date on (story 8). Raises ``Impossible`` for figures that make no sense, ``Conflict``."""
    policies.allowed_limit(actor, id)
    code = LimitRule.objects.values_list("code", flat=True).get(pk=id)
    Limit(rules.number(amount), unit, start, end, rest)
    before = versions.latest(code)
    made = versions.change(
        code=code,
        valid_from=midnight(valid_from),
        amount=amount,
        unit=str(unit),
        start_rule=str(start),
        end_rule=str(end),
        rest_rule=str(rest),
        pausable=pausable,
    )
    said = {"name": made.name, "name_en": made.name_en, "before": versions.figure(before), "after": versions.figure(made)}
    audit.of_house(actor_id=actor.id, kind="limit.changed", data={**said, "code": code, "from": valid_from.isoformat()})
    return made


@transaction.atomic
def end_limit(*, actor: Actor, id: int, at: date) -> None:  # noqa: A002
    """No new case gets the limit from a date on."""
    policies.allowed_limit(actor, id)
    row = LimitRule.objects.get(pk=id)
    versions.end(code=row.code, at=midnight(at))
    data = {"name": row.name, "name_en": row.name_en, "code": row.code, "before": versions.figure(row), "after": "", "from": at.isoformat()}
    audit.of_house(actor_id=actor.id, kind="limit.changed", data=data)


def spans_of(text: str) -> list[list[str]]:
    """ "08:30-12:00 13:30-17:30" as stored spans; raises ``Impossible`` for one that runs backwards."""
    found = [list(pair) for pair in _SPAN.findall(text)]
    reading.spans(found)
    return found


def text_of(spans: list[list[str]]) -> str:
    return " ".join("-".join(pair) for pair in spans)


@transaction.atomic
def change_calendar(*, actor: Actor, id: int, name: str, follows_holidays: bool, **week: str) -> None:  # noqa: A002
    """Change name and week of a calendar. What runs keeps the week it was reckoned by."""
    policies.allowed_calendar(actor, id)
    stored = {day: spans for day in reading.WEEKDAYS if (spans := spans_of(week.get(day, "")))}
    WorkCalendar.objects.filter(pk=id).update(name=name, follows_holidays=follows_holidays, week=stored)
    _changed(actor, name=name, change=", ".join(f"{day} {text_of(spans)}" for day, spans in stored.items()))


@transaction.atomic
def set_day(*, actor: Actor, id: int, date: date, spans: str, name: str) -> None:  # noqa: A002
    """Give one day of a calendar its own hours."""
    policies.allowed_calendar(actor, id)
    CalendarException.objects.update_or_create(calendar_id=id, date=date, defaults={"spans": spans_of(spans), "name": name})
    calendar = WorkCalendar.objects.values_list("name", flat=True).get(pk=id)
    _changed(actor, name=calendar, change=f"{date} {spans or '-'}")


@transaction.atomic
def set_holiday(*, actor: Actor, day: date, kind: str, name: str) -> None:
    """Make a day an official holiday or a make-up workday; any other ``kind`` makes it a plain day. Raises ``NotAllowed``."""
    _may(actor)
    made = holidays.Day(day, kind, name, "") if kind in DayKind.values else None
    holidays.change(made, on=day)
    _changed(actor, name=str(day.year), change=f"{day} {name}".strip(), kind=kind or "plain")


@transaction.atomic
def import_year(*, actor: Actor, data: Any) -> int:
    """Store a year in the form of holiday-cn; the answer is the year. Raises ``Impossible``, ``NotAllowed``."""
    _may(actor)
    year, days = holidays.read(data)
    holidays.store(year, days)
    _changed(actor, name=str(year), change=str(len(days)))
    return year


def _may(actor: Actor) -> None:
    if not actor.can(policies.MANAGE):
        raise NotAllowed()


def _changed(actor: Actor, **data: str) -> None:
    audit.of_house(actor_id=actor.id, kind="calendar.changed", data=data)
    transaction.on_commit(rules.forget)
