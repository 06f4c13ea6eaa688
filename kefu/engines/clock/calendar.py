"""A calendar as plain data: which instants are working time. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.errors import Impossible

DAY = 24 * 60
Span = tuple[int, int]
"""Half-open minutes of a day: (510, 720) is 08:30-12:00; 1440 is 24:00."""
Spans = tuple[Span, ...]
ALL_DAY: Spans = ((0, DAY),)
REST: Spans = ()
ROUND_THE_CLOCK: tuple[Spans, ...] = (ALL_DAY,) * 7


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name; raises ``Impossible``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Impossible(_("There is no time zone “%(name)s”."), code="bad_timezone", name=name[:60]) from None


def tidy(spans: Iterable[Span]) -> Spans:
    """Spans in order, those that touch or overlap joined; raises ``Impossible`` for one that does not run forward within a day."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if not 0 <= start < end <= DAY:
            raise Impossible(_("A span must end after it starts, within 00:00 to 24:00."), code="bad_span")
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def instant(tz: ZoneInfo, day: date, minute: int) -> datetime:
    """The UTC instant of a wall time. A time that the clocks leap over is the instant of the leap; one that comes twice is its first."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall(tz, local)


def wall(tz: ZoneInfo, local: datetime) -> datetime:
    """The UTC instant of a naive wall time (see ``instant``)."""
    there = local.replace(tzinfo=tz).astimezone(UTC)
    if there.astimezone(tz).replace(tzinfo=None) == local:
        return there
    low, high = sorted((local.replace(tzinfo=tz, fold=1).astimezone(UTC), there))
    before = low.astimezone(tz).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@dataclass(frozen=True)
class Calendar:
    """Working time of a place.

    ``week`` holds the spans of Monday to Sunday. A day's spans are looked up in this order: ``exceptions`` (own spans, none for a closed
    day), ``workdays`` (make-up workdays 调休: ``makeup`` spans, or those of a normal workday), ``holidays`` (rest), ``week``.
    ``known_years`` are the years whose official holidays are known; None means that the lists given are all there is.
    """

    timezone: str = "Asia/Shanghai"
    week: tuple[Spans, ...] = ROUND_THE_CLOCK
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    exceptions: Mapping[date, Spans] = field(default_factory=dict)
    makeup: Spans = ()
    known_years: frozenset[int] | None = None
    _days: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise Impossible(_("A week has seven days."), code="bad_week")
        zone(self.timezone)

    @property
    def tz(self) -> ZoneInfo:
        return zone(self.timezone)

    def is_provisional(self, year: int) -> bool:
        """Whether the official holidays of ``year`` are not known yet, so that plain weekdays are counted."""
        return self.known_years is not None and year not in self.known_years

    def normal_workday(self) -> Spans:
        """The spans of a make-up workday: named ones, else Monday's, else those of the first day of the week that has any."""
        return self.makeup or next((spans for spans in self.week if spans), REST)

    def spans(self, day: date) -> Spans:
        """The working spans of a day."""
        own = self.exceptions.get(day)
        if own is not None:
            return own
        weekly = self.week[day.weekday()]
        if day in self.workdays:
            return weekly if weekly and day.weekday() < 5 else self.normal_workday()
        return REST if day in self.holidays else weekly

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def working(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working spans of a day as UTC instants; kept, since a deadline asks for the same days again and again."""
        found = self._days.get(day)
        if found is None:
            tz = self.tz
            pairs = ((instant(tz, day, start), instant(tz, day, end)) for start, end in self.spans(day))
            found = tuple(pair for pair in pairs if pair[0] < pair[1])
            if len(self._days) > 4000:
                self._days.clear()
            self._days[day] = found
        return found

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.tz)

    def has_working_time(self) -> bool:
        """Whether any week has working time at all."""
        return any(self.week)
