"""Times in conditions: spans relative to now, whole days in the centre's time zone. Used in memory and for the database alike."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

Bound = tuple[str, Any]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
_MINUTES = {"minute": 1, "hour": 60}
_DAYS = {"day": 1, "week": 7}


def start_of(day: date) -> datetime:
    """The first instant of a day in the centre's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def moment_of(value: Any) -> datetime | date | None:
    """A date or an aware instant from its ISO text; a text without zone is the centre's time. None if it is neither."""
    if isinstance(value, datetime):
        return value if value.tzinfo else timezone.make_aware(value, timezone.get_default_timezone())
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return parse_date(value)
        parsed = parse_datetime(value)
    except ValueError:
        return None
    return moment_of(parsed) if parsed else None


def shift_months(day: date, months: int) -> date:
    """The same day of another month, or its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 27))


def _named(name: str, today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    year = today.replace(month=1, day=1)
    one = timedelta(days=1)
    spans = {
        "today": (today, today + one),
        "yesterday": (today - one, today),
        "tomorrow": (today + one, today + 2 * one),
        "this_week": (monday, monday + 7 * one),
        "last_week": (monday - 7 * one, monday),
        "this_month": (first, shift_months(first, 1)),
        "last_month": (shift_months(first, -1), first),
        "this_quarter": (quarter, shift_months(quarter, 3)),
        "this_year": (year, shift_months(year, 12)),
        "last_year": (shift_months(year, -12), year),
    }
    return spans[name]


def within(value: Any, at: datetime) -> tuple[datetime, datetime]:
    """The half-open span [low, high) that ``value`` means at the instant ``at``.

    "last 7 day" is today and the six days before; "next 3 day" is today and the two after; minutes and hours count from the instant.
    """
    today = timezone.localtime(at, timezone.get_default_timezone()).date()
    if isinstance(value, str):
        low, high = _named(value, today)
        return start_of(low), start_of(high)
    assert isinstance(value, Mapping)
    unit, back = value["unit"], "last" in value
    amount = value["last"] if back else value["next"]
    if unit in _MINUTES:
        length = timedelta(minutes=amount * _MINUTES[unit])
        return (at - length, at + timedelta(microseconds=1)) if back else (at, at + length)
    if unit == "month":
        far = shift_months(today, -amount if back else amount)
        return (start_of(far + timedelta(days=1)), start_of(today + timedelta(days=1))) if back else (start_of(today), start_of(far))
    days = timedelta(days=amount * _DAYS[unit])
    if back:
        return start_of(today + timedelta(days=1) - days), start_of(today + timedelta(days=1))
    return start_of(today), start_of(today + days)


def bounds(op: str, value: Any, *, instants: bool, at: datetime) -> list[Bound] | None:
    """The plain comparisons that an operator means, all of which must hold; None if ``value`` is no time.

    ``instants`` says that the field holds instants: a date then means its whole day.
    """
    if op == "within":
        low, high = within(value, at)
        if instants:
            return [("ge", low), ("lt", high)]
        local = timezone.get_default_timezone()
        return [("ge", low.astimezone(local).date()), ("le", (high - timedelta(microseconds=1)).astimezone(local).date())]
    if op == "between":
        first, last = bounds("ge", value[0], instants=instants, at=at), bounds("le", value[1], instants=instants, at=at)
        return None if first is None or last is None else first + last
    told = moment_of(value)
    if told is None:
        return None
    if not instants:
        return [(op, told.astimezone(timezone.get_default_timezone()).date() if isinstance(told, datetime) else told)]
    if isinstance(told, datetime):
        return [(op, told)]
    try:
        start, end = start_of(told), start_of(told + timedelta(days=1))
    except OverflowError:
        return None
    return {
        "eq": [("ge", start), ("lt", end)],
        "lt": [("lt", start)],
        "le": [("lt", end)],
        "gt": [("ge", end)],
        "ge": [("ge", start)],
    }[op]
