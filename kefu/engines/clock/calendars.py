"""The centre's calendars as plain data, kept a few seconds in the process."""

from __future__ import annotations

import threading
import time
from datetime import date

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import holidays, reading
from kefu.engines.clock.calendar import Calendar, Spans
from kefu.engines.clock.choices import DayKind
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.models import CalendarException, WorkCalendar

CACHE_SECONDS = 5.0
_lock = threading.Lock()
_held: tuple[float, dict[str, Calendar]] = (0.0, {})


def forget() -> None:
    """Read again at the next need."""
    global _held
    with _lock:
        _held = (0.0, {})


def all_calendars() -> dict[str, Calendar]:
    """Every calendar by its code, at most ``CACHE_SECONDS`` old."""
    global _held
    until, found = _held
    if until <= time.monotonic():
        found = load()
        with _lock:
            _held = (time.monotonic() + CACHE_SECONDS, found)
    return found


def named(code: str) -> Calendar:
    """The calendar with this code; raises ``Impossible``."""
    found = all_calendars().get(code)
    if found is None:
        raise Impossible(_("The centre has no calendar “%(calendar)s”."), code="no_calendar", calendar=code[:40])
    return found


def load() -> dict[str, Calendar]:
    """Read all calendars. An unchanged one keeps the object it had, and with it the days already worked out."""
    years = holidays.known()
    off = frozenset(one.date for days in years.values() for one in days if one.kind == DayKind.OFF)
    work = frozenset(one.date for days in years.values() for one in days if one.kind == DayKind.WORK)
    own: dict[int, dict[date, Spans]] = {}
    for calendar_id, day, spans in CalendarException.objects.values_list("calendar_id", "date", "spans"):
        own.setdefault(calendar_id, {})[day] = reading.spans(spans)
    before = _held[1]
    found = {}
    for row in WorkCalendar.objects.all():
        follows = row.follows_holidays
        made = Calendar(
            timezone=row.timezone,
            week=reading.week(row.week),
            holidays=off if follows else frozenset(),
            workdays=work if follows else frozenset(),
            exceptions=own.get(row.pk, {}),
            makeup=reading.spans(row.makeup),
            known_years=frozenset(years) if follows else None,
        )
        found[row.code] = before[row.code] if before.get(row.code) == made else made
    return found
