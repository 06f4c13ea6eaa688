"""When something that repeats is next due. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_FAR = 366 * 8


@dataclass(frozen=True)
class Every:
    seconds: int


@dataclass(frozen=True)
class Cron:
    """The allowed values of each field; weekdays count from Sunday = 0. A day fits if day and weekday fit (either, if both are limited)."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def fits(self, day: datetime) -> bool:
        in_days, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        both_limited = len(self.days) < 31 and len(self.weekdays) < 7
        return day.month in self.months and ((in_days or in_week) if both_limited else (in_days and in_week))


def _field(text: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _slash, step = part.partition("/")
        first, _dash, last = span.partition("-")
        start = low if first == "*" else int(first)
        end = high if first == "*" or (step and not last) else int(last or first)
        if not low <= start <= end <= high or int(step or 1) < 1:
            raise ValueError(f"{part!r} is not within {low}-{high}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def parse(spec: str) -> Every | Cron:
    """``every SECONDS``, ``at HH:MM`` or ``cron M H D M W``. Raises ``ValueError``."""
    kind, _space, rest = spec.partition(" ")
    if kind == "every":
        if int(rest) < 1:
            raise ValueError("a rhythm is at least one second")
        return Every(int(rest))
    if kind == "at":
        at = time.fromisoformat(rest)
        rest = f"{at.minute} {at.hour} * * *"
    fields = rest.split()
    if len(fields) != 5 or kind not in {"at", "cron"}:
        raise ValueError(f"not a rhythm: {spec!r}")
    minutes, hours, days, months, weekdays = (_field(text, *span) for text, span in zip(fields, _RANGES, strict=True))
    return Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays))


def following(spec: str, after: datetime, zone: tzinfo) -> datetime:
    """The first due instant after ``after`` (aware). Raises ``ValueError`` for a rhythm that never comes (31 February)."""
    rule = parse(spec)
    if isinstance(rule, Every):
        return after + timedelta(seconds=rule.seconds)
    local = after.astimezone(zone).replace(tzinfo=None)
    for offset in range(_FAR):
        day = datetime.combine(local.date() + timedelta(days=offset), time())
        if not rule.fits(day):
            continue
        for hour in sorted(rule.hours):
            for minute in sorted(rule.minutes):
                due = day.replace(hour=hour, minute=minute)
                if due > local:
                    return due.replace(tzinfo=zone).astimezone(after.tzinfo)
    raise ValueError(f"{spec!r} never comes")
