"""The test vectors of the domain notes (2026 calendar, holiday notices of the State Council Office)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from kefu.engines.clock import holidays
from kefu.engines.clock.arithmetic import Limit, due_at, usual, worked_between
from kefu.engines.clock.calendar import REST, Calendar
from kefu.engines.clock.choices import DayKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = ((510, 720), (810, 1050))
DAYS = [day for year in holidays.shipped().values() for day in year]
CALENDAR = Calendar(
    week=(OFFICE,) * 5 + (REST, REST),
    holidays=frozenset(day.date for day in DAYS if day.kind == DayKind.OFF),
    workdays=frozenset(day.date for day in DAYS if day.kind == DayKind.WORK),
    known_years=frozenset(holidays.shipped()),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(limit: Limit, start: str, pauses=()) -> str:
    stops = [(at(since), at(until)) for since, until in pauses]
    return due_at(CALENDAR, limit, at(start), stops).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(year, working_days):
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(n) for n in range(first, date(year, 12, 31).toordinal() + 1)]
    assert sum(CALENDAR.is_working_day(day) for day in days) == working_days
    assert not CALENDAR.is_provisional(year)


WORKING_DAYS = [
    ("2026-02-13", 1, "2026-02-14"),
    ("2026-02-13", 3, "2026-02-25"),
    ("2026-02-13", 5, "2026-02-27"),
    ("2026-02-13", 6, "2026-02-28"),
    ("2026-02-14", 1, "2026-02-24"),
    ("2026-02-18", 1, "2026-02-24"),
    ("2026-04-30", 1, "2026-05-06"),
    ("2026-04-30", 4, "2026-05-09"),
    ("2026-09-18", 1, "2026-09-20"),
    ("2026-09-30", 1, "2026-10-08"),
    ("2026-09-30", 3, "2026-10-10"),
    ("2026-09-30", 5, "2026-10-13"),
    ("2025-09-30", 5, "2025-10-14"),
    ("2025-01-27", 3, "2025-02-07"),
]


@pytest.mark.parametrize(("accepted", "amount", "last"), WORKING_DAYS)
@pytest.mark.parametrize("hour", ["00:00", "08:30", "16:00", "23:59"])
def test_working_days(accepted, amount, last, hour):
    assert due(usual(amount, "working_day"), f"{accepted} {hour}") == f"{last} 17:30:00"
    assert due(usual(amount, "working_day", end="end_of_day"), f"{accepted} {hour}") == f"{last} 23:59:59"


BUSINESS_HOURS = [
    ("2026-02-13 16:00", 4, "2026-02-14 11:00"),
    ("2026-02-14 16:30", 2, "2026-02-24 09:30"),
    ("2026-02-15 03:00", 1, "2026-02-24 09:30"),
    ("2026-09-18 17:00", 1, "2026-09-20 09:00"),
    ("2026-09-30 11:00", 8, "2026-10-08 11:30"),
    ("2026-10-10 15:30", 4, "2026-10-12 10:30"),
]


@pytest.mark.parametrize(("accepted", "amount", "last"), BUSINESS_HOURS)
def test_business_hours(accepted, amount, last):
    assert due(usual(amount, "business_hour"), accepted) == f"{last}:00"
    assert worked_between(CALENDAR, at(accepted), at(last)) == amount * 3600


def test_clock_hours_never_stop_for_holidays():
    assert due(usual(48, "clock_hour"), "2026-10-01 10:00") == "2026-10-03 10:00:00"


@pytest.mark.parametrize(
    ("end", "rest", "last"),
    [
        ("end_of_day", "move", "2026-10-08 23:59:59"),
        ("close_of_business", "move", "2026-10-08 17:30:00"),
        ("end_of_day", "as_is", "2026-10-03 23:59:59"),
        ("close_of_business", "as_is", "2026-10-03 23:59:59"),
    ],
)
def test_calendar_days_by_the_civil_code(end, rest, last):
    assert due(usual(3, "calendar_day", end=end, rest=rest), "2026-09-30 15:00") == last


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [("2026-01-31 09:00", 1, "2026-02-28"), ("2024-01-31 09:00", 1, "2024-02-29"), ("2026-03-11 09:00", 3, "2026-06-11")],
)
def test_months_end_on_the_same_number_or_the_last_day(start, months, last):
    assert due(usual(months, "month", rest="as_is"), start) == f"{last} 23:59:59"


def test_a_year_without_notice_is_provisional_and_counts_plain_weekdays():
    assert CALENDAR.is_provisional(2027)
    assert due(usual(1, "working_day"), "2027-10-01 09:00") == "2027-10-04 17:30:00"
