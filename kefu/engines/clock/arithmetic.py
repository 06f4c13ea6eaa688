"""When a limit ends, and how much working time lies between two instants. Pure: no database, no present.

Every time is a whole second; a due second belongs to the limit. The end of a day (24:00) is therefore written as its last second 23:59:59,
so that the date of a due time is the last day itself.

Sources: Civil Code art. 200-204 (the first day is not counted; months end on the same number or the last day; a last day that is a rest
day moves on; the last day ends at 24:00, or at close of business where there are business hours).
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.calendar import DAY, Calendar, instant, wall
from kefu.engines.clock.choices import EndRule, RestDayRule, StartRule, Unit
from kefu.engines.clock.errors import Impossible

SECOND = timedelta(seconds=1)
ONE_DAY = timedelta(days=1)
HORIZON_DAYS = 36_525
"""No limit reaches further than a hundred years."""
_SECONDS = {Unit.MINUTE: 60, Unit.CLOCK_HOUR: 3600, Unit.BUSINESS_HOUR: 3600}
Pause = tuple[datetime, datetime]


@dataclass(frozen=True)
class Limit:
    """A length of time and how it is counted. Days and months are whole numbers; raises ``Impossible`` otherwise."""

    amount: float
    unit: str
    start: str = StartRule.AT_ONCE
    end: str = EndRule.SAME_INSTANT
    rest: str = RestDayRule.AS_IS
    pausable: bool = True

    def __post_init__(self) -> None:
        if self.unit not in Unit.values:
            raise Impossible(
                _("There is no unit “%(unit)s”. Use one of: %(known)s."),
                code="bad_unit",
                unit=str(self.unit)[:40],
                known=", ".join(Unit.values),
            )
        if isinstance(self.amount, bool) or not isinstance(self.amount, int | float) or not 0 < self.amount < 10**9:
            raise Impossible(_("The amount must be a number above 0."), code="bad_amount")
        if self.unit not in _SECONDS and self.amount != int(self.amount):
            raise Impossible(_("Days and months must be whole numbers."), code="bad_amount")
        for value, known in ((self.start, StartRule), (self.end, EndRule), (self.rest, RestDayRule)):
            if value not in known.values:
                raise Impossible(_("There is no rule “%(rule)s”."), code="bad_rule", rule=str(value)[:40])

    @property
    def counts_days(self) -> bool:
        return self.unit not in _SECONDS

    @cached_property
    def seconds(self) -> int:
        """The length of a limit in minutes or hours."""
        return max(1, round(Fraction(str(self.amount)) * _SECONDS[Unit(self.unit)]))


_USUAL = {
    Unit.MINUTE: (StartRule.AT_ONCE, EndRule.SAME_INSTANT, RestDayRule.AS_IS),
    Unit.CLOCK_HOUR: (StartRule.AT_ONCE, EndRule.SAME_INSTANT, RestDayRule.AS_IS),
    Unit.BUSINESS_HOUR: (StartRule.AT_ONCE, EndRule.SAME_INSTANT, RestDayRule.AS_IS),
    Unit.CALENDAR_DAY: (StartRule.NEXT_DAY, EndRule.END_OF_DAY, RestDayRule.MOVE),
    Unit.WORKING_DAY: (StartRule.NEXT_DAY, EndRule.CLOSE_OF_BUSINESS, RestDayRule.MOVE),
    Unit.MONTH: (StartRule.NEXT_DAY, EndRule.END_OF_DAY, RestDayRule.MOVE),
}


def usual(amount: float, unit: str, *, start: str = "", end: str = "", rest: str = "", pausable: bool = True) -> Limit:
    """A limit whose unnamed rules are the usual ones of its unit: hours from the moment; days by the Civil Code."""
    plain = Limit(amount, unit)
    usual_start, usual_end, usual_rest = _USUAL[Unit(unit)]
    return replace(plain, start=start or usual_start, end=end or usual_end, rest=rest or usual_rest, pausable=pausable)


def due_at(calendar: Calendar, limit: Limit, start: datetime, pauses: Iterable[Pause] = ()) -> datetime:
    """The last second of ``limit`` that starts at ``start`` (aware), as a UTC instant.

    Pauses are left out if the limit is pausable: hours by the time that passes in them on the limit's own clock, days by each counted day
    that begins in a pause; a due time never falls inside a pause. Raises ``Impossible`` if the end lies nowhere.
    """
    start = whole(start)
    stops = merged(pauses, start) if limit.pausable else []
    try:
        if limit.counts_days:
            return _end_of_days(calendar, limit, start, stops)
        return _end_of_hours(calendar, limit, start, stops)
    except OverflowError:
        raise _nowhere() from None


def worked_between(calendar: Calendar, a: datetime, b: datetime) -> int:
    """Business seconds from ``a`` to ``b`` (negative if ``b`` is earlier)."""
    if b < a:
        return -worked_between(calendar, b, a)
    return int(sum(((right - left).total_seconds() for left, right in _working(calendar, whole(a), whole(b))), 0.0))


def calendar_between(calendar: Calendar, a: datetime, b: datetime, *, working_only: bool = False) -> int:
    """Dates entered on the way from ``a`` to ``b``: midnights passed, or only those that begin a working day."""
    if b < a:
        return -calendar_between(calendar, b, a, working_only=working_only)
    first, last = calendar.local(a).date(), calendar.local(b).date()
    if not working_only:
        return (last - first).days
    return sum(calendar.is_working_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))


def elapsed(calendar: Calendar, unit: str, a: datetime, b: datetime, pauses: Iterable[Pause] = ()) -> int:
    """Seconds that a limit of this unit has used up between ``a`` and ``b``: business seconds, or plain ones for all other units."""
    if b <= a:
        return 0
    if not pauses and unit != Unit.BUSINESS_HOUR:
        return int((whole(b) - whole(a)).total_seconds())
    stops = merged(pauses, whole(a), whole(b))
    if unit == Unit.BUSINESS_HOUR:
        return worked_between(calendar, a, b) - sum(worked_between(calendar, since, until) for since, until in stops)
    return int((whole(b) - whole(a) - sum((until - since for since, until in stops), timedelta())).total_seconds())


def advance(calendar: Calendar, unit: str, start: datetime, seconds: float, pauses: Iterable[Pause] = ()) -> datetime:
    """The instant at which a limit of this unit has used up ``seconds`` (the other way round of ``elapsed``)."""
    start = whole(start)
    left = timedelta(seconds=round(seconds))
    if left <= timedelta():
        return start
    if not pauses and unit != Unit.BUSINESS_HOUR and left <= timedelta(HORIZON_DAYS):
        return start + left
    stops = merged(pauses, start)
    running = _business(calendar, start) if unit == Unit.BUSINESS_HOUR else iter(((start, start + timedelta(HORIZON_DAYS)),))
    for since, until in _without(running, stops):
        if since + left <= until:
            return since + left
        left -= until - since
    raise _nowhere()


def whole(at: datetime) -> datetime:
    """``at`` in UTC, cut to the second."""
    return at if at.tzinfo is UTC and not at.microsecond else at.astimezone(UTC).replace(microsecond=0)


def merged(pauses: Iterable[Pause], start: datetime, end: datetime | None = None) -> list[Pause]:
    """Pauses in order from ``start`` (to ``end``), those that overlap joined; raises ``Impossible`` for one that runs backwards."""
    joined: list[Pause] = []
    for since, until in sorted((whole(since), whole(until)) for since, until in pauses):
        if until < since:
            raise Impossible(_("A pause ends before it begins."), code="bad_pause")
        since, until = max(since, start), until if end is None else min(until, end)
        if since >= until:
            continue
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        else:
            joined.append((since, until))
    return joined


def _nowhere() -> Impossible:
    return Impossible(
        _("The limit ends nowhere within a hundred years: look at its amount and at the calendar's working time."), code="no_end"
    )


def _working(calendar: Calendar, a: datetime, b: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working time from ``a`` to ``b``."""
    day, last = calendar.local(a).date(), calendar.local(b).date()
    while day <= last:
        for since, until in calendar.working(day):
            left, right = max(since, a), min(until, b)
            if left < right:
                yield left, right
        day += ONE_DAY


def _business(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working time from ``start`` on, as far as the horizon."""
    if not (calendar.has_working_time() or calendar.exceptions or calendar.workdays):
        raise _nowhere()
    return _working(calendar, start, start + timedelta(HORIZON_DAYS))


def _without(spans: Iterable[tuple[datetime, datetime]], stops: list[Pause]) -> Iterator[tuple[datetime, datetime]]:
    """``spans`` with the pauses cut out."""
    for since, until in spans:
        for stop, go in stops:
            if go <= since or stop >= until:
                continue
            if since < stop:
                yield since, stop
            since = go
            if since >= until:
                break
        if since < until:
            yield since, until


def _midnight(calendar: Calendar, day: date) -> datetime:
    return instant(calendar.tz, day, 0)


def _end_of_hours(calendar: Calendar, limit: Limit, start: datetime, stops: list[Pause]) -> datetime:
    if limit.start == StartRule.NEXT_DAY:
        start = _midnight(calendar, calendar.local(start).date() + ONE_DAY)
    end = advance(calendar, limit.unit, start, limit.seconds, stops)
    if limit.rest != RestDayRule.MOVE and limit.end == EndRule.SAME_INSTANT:
        return end
    day = calendar.local(end - SECOND).date()
    if limit.rest == RestDayRule.MOVE and not calendar.is_working_day(day):
        moved = _next_working_day(calendar, day)
        if limit.end == EndRule.SAME_INSTANT:
            return _same_time(calendar, end, moved)
        return _closing(calendar, limit, moved)
    if limit.end == EndRule.SAME_INSTANT:
        return end
    closing = _closing(calendar, limit, day)
    if closing >= end - SECOND:
        return closing
    # Where rest days count as they are, the next one counts too: a longer limit could end on it.
    return _closing(calendar, limit, _next_working_day(calendar, day) if limit.rest == RestDayRule.MOVE else day + ONE_DAY)


def _end_of_days(calendar: Calendar, limit: Limit, start: datetime, stops: list[Pause]) -> datetime:
    first = calendar.local(start).date()
    day = _last_day(calendar, limit, start, first, stops)
    for _step in range(HORIZON_DAYS):
        if limit.rest == RestDayRule.MOVE and not calendar.is_working_day(day):
            day = _next_working_day(calendar, day)
        end = _ending(calendar, limit, start, day)
        if end < start:
            end = _last_second(calendar, day)
        if not any(stop < end + SECOND <= go for stop, go in stops):
            return end
        day = _next_working_day(calendar, day) if limit.unit == Unit.WORKING_DAY else day + ONE_DAY
    raise _nowhere()


def _ending(calendar: Calendar, limit: Limit, start: datetime, day: date) -> datetime:
    """The instant of the last day at which a limit in days ends. Working days that begin on a rest day keep no time of day: they end
    at 24:00, or a start on Saturday morning would be due before one on Friday evening.
    """
    if limit.end != EndRule.SAME_INSTANT:
        return _closing(calendar, limit, day)
    if limit.unit == Unit.WORKING_DAY and not calendar.is_working_day(calendar.local(start).date()):
        return _last_second(calendar, day)
    return _same_time(calendar, start, day)


def _last_day(calendar: Calendar, limit: Limit, start: datetime, first: date, stops: list[Pause]) -> date:
    """The date on which a limit in days or months ends, before the rest-day rule."""
    working = limit.unit == Unit.WORKING_DAY
    count = int(limit.amount)
    if limit.unit == Unit.MONTH:
        count = (_months_later(first, count) - first).days
    by_day = limit.start == StartRule.AT_ONCE and limit.end != EndRule.SAME_INSTANT
    if by_day and (not working or _work_left(calendar, start, first)):
        count -= 1
    if working and not (calendar.has_working_time() or calendar.exceptions or calendar.workdays):
        raise _nowhere()
    if not working and not stops:
        return first + timedelta(count)
    day = first
    for _step in range(HORIZON_DAYS + len(stops)):
        if count <= 0:
            return day
        day += ONE_DAY
        if (not working or calendar.is_working_day(day)) and not _stopped(_midnight(calendar, day), stops):
            count -= 1
    raise _nowhere()


def _stopped(at: datetime, stops: list[Pause]) -> bool:
    return any(stop <= at < go for stop, go in stops)


def _work_left(calendar: Calendar, at: datetime, day: date) -> bool:
    """Whether working time of ``day`` remains after ``at``."""
    return any(until > at for _since, until in calendar.working(day))


def _next_working_day(calendar: Calendar, day: date) -> date:
    for _step in range(HORIZON_DAYS):
        day += ONE_DAY
        if calendar.is_working_day(day):
            return day
    raise _nowhere()


def _months_later(day: date, months: int) -> date:
    """The same number of a later month, or its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > 9999:
        raise _nowhere()
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _last_second(calendar: Calendar, day: date) -> datetime:
    return _midnight(calendar, day + ONE_DAY) - SECOND


def _closing(calendar: Calendar, limit: Limit, day: date) -> datetime:
    """The end of a last day: 24:00, or close of business where the day has business hours that end earlier."""
    spans = calendar.spans(day)
    if limit.end == EndRule.CLOSE_OF_BUSINESS and spans and spans[-1][1] < DAY:
        return instant(calendar.tz, day, spans[-1][1])
    return _last_second(calendar, day)


def _same_time(calendar: Calendar, start: datetime, day: date) -> datetime:
    """The wall time of ``start`` on another day."""
    clock: time = calendar.local(start).time()
    return wall(calendar.tz, datetime.combine(day, clock))
