"""What holds for every calendar, limit and start."""

import functools
import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.engines.clock.arithmetic import Limit, advance, calendar_between, due_at, elapsed, merged, worked_between
from kefu.engines.clock.calendar import REST, Calendar, tidy, wall, zone
from kefu.engines.clock.choices import EndRule, RestDayRule, StartRule, Unit
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.moments import first, steps
from tests.clock.test_vectors import CALENDAR, at

ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]
quarters = st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted)
spans = quarters.map(lambda marks: tidy((marks[n] * 15, marks[n + 1] * 15) for n in range(0, len(marks) - 1, 2)))
dates = st.dates(date(2024, 1, 1), date(2026, 12, 31))
weeks = st.tuples(*[spans] * 7).map(lambda week: week if any(week) else (((510, 1050),), *week[1:]))
calendars = functools.partial(
    st.builds,
    Calendar,
    timezone=st.sampled_from(ZONES),
    week=weeks,
    holidays=st.frozensets(dates, max_size=8),
    workdays=st.frozensets(dates, max_size=8),
    exceptions=st.dictionaries(dates, spans, max_size=3),
)
starts = st.integers(0, 1060 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
# The same time of day on another day than the last one cannot keep the order of two starts; all other rules must.
RULES = [
    (unit, start, end, rest)
    for unit, start, end, rest in itertools.product(Unit.values, StartRule.values, EndRule.values, RestDayRule.values)
    if not (end == EndRule.SAME_INSTANT and rest == RestDayRule.MOVE)
]
limits = functools.partial(st.builds, lambda amount, rules: Limit(amount, *rules), st.integers(1, 60), st.sampled_from(RULES))


@given(calendars(), limits(), starts, st.integers(1, 20))
@settings(max_examples=150, deadline=None)
def test_more_is_never_earlier(calendar, limit, start, more):
    longer = Limit(limit.amount + more, limit.unit, limit.start, limit.end, limit.rest)
    assert start <= due_at(calendar, limit, start) <= due_at(calendar, longer, start)


@given(calendars(), limits(), starts, st.integers(0, 5 * 86_400))
@settings(max_examples=200, deadline=None)
def test_a_later_start_is_never_due_earlier(calendar, limit, start, seconds):
    assert due_at(calendar, limit, start) <= due_at(calendar, limit, start + timedelta(seconds=seconds))


@given(calendars(), starts, st.integers(1, 200))
@settings(max_examples=150, deadline=None)
def test_due_and_worked_are_each_other_the_other_way_round(calendar, start, hours):
    due = due_at(calendar, Limit(hours, Unit.BUSINESS_HOUR), start)
    assert worked_between(calendar, start, due) == hours * 3600
    assert worked_between(calendar, start, due - timedelta(seconds=1)) == hours * 3600 - 1
    assert worked_between(calendar, due, start) == -hours * 3600


pauses = st.lists(st.tuples(st.integers(0, 20 * 86_400), st.integers(0, 4 * 86_400)), max_size=4)


def stops(start, given_pauses):
    return [(start + timedelta(seconds=a), start + timedelta(seconds=a + length)) for a, length in given_pauses]


@given(calendars(), st.sampled_from([Unit.MINUTE, Unit.CLOCK_HOUR, Unit.BUSINESS_HOUR]), st.integers(1, 100), starts, pauses)
@settings(max_examples=150, deadline=None)
def test_what_stands_still_is_not_counted(calendar, unit, amount, start, given_pauses):
    limit = Limit(amount, unit)
    cut = stops(start, given_pauses)
    due = due_at(calendar, limit, start, cut)
    assert elapsed(calendar, unit, start, due, cut) == limit.seconds
    assert due >= due_at(calendar, limit, start)
    assert advance(calendar, unit, start, limit.seconds, cut) == due
    assert due == due_at(calendar, limit, start, list(reversed(cut)))


@given(calendars(), limits(), starts, pauses)
@settings(max_examples=200, deadline=None)
def test_a_pause_never_brings_a_limit_forward_nor_ends_it(calendar, limit, start, given_pauses):
    cut = stops(start, given_pauses)
    due = due_at(calendar, limit, start, cut)
    assert due >= due_at(calendar, limit, start)
    if limit.counts_days:
        assert not any(since < due < until for since, until in merged(cut, start))
    hard = Limit(limit.amount, limit.unit, limit.start, limit.end, limit.rest, pausable=False)
    assert due_at(calendar, hard, start, cut) == due_at(calendar, limit, start)


@given(calendars(), starts, st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_working_days_are_counted_like_a_clerk_counts_them(calendar, start, amount):
    due = due_at(calendar, Limit(amount, Unit.WORKING_DAY, StartRule.NEXT_DAY, EndRule.END_OF_DAY), start)
    assert calendar_between(calendar, start, due, working_only=True) == amount
    assert calendar.is_working_day(calendar.local(due).date())


@given(st.sampled_from(ZONES), starts)
@settings(max_examples=200, deadline=None)
def test_wall_time_runs_forward_even_when_clocks_are_changed(name, start):
    local = start.replace(tzinfo=None)
    assert wall(zone(name), local) <= wall(zone(name), local + timedelta(minutes=7))


def test_a_night_with_a_leap_is_an_hour_shorter():
    berlin = Calendar(timezone="Europe/Berlin", week=(((0, 360),),) * 7)
    spring, autumn = datetime(2026, 3, 29, tzinfo=zone("Europe/Berlin")), datetime(2026, 10, 25, tzinfo=zone("Europe/Berlin"))
    assert worked_between(berlin, spring, spring + timedelta(hours=12)) == 5 * 3600
    assert worked_between(berlin, autumn, autumn + timedelta(hours=12)) == 7 * 3600
    assert due_at(berlin, Limit(24, "clock_hour"), spring) - spring.astimezone(UTC) == timedelta(hours=24)


def test_a_rest_day_within_the_week_and_half_saturdays():
    shop = Calendar(
        week=(REST, ((540, 720),), ((540, 720),), ((540, 720),), ((540, 720),), ((540, 600),), REST), workdays=frozenset({date(2026, 3, 7)})
    )
    assert shop.spans(date(2026, 3, 2)) == REST
    assert shop.spans(date(2026, 3, 7)) == ((540, 720),)
    assert shop.spans(date(2026, 3, 14)) == ((540, 600),)
    named = Calendar(week=shop.week, workdays=shop.workdays, makeup=((600, 660),))
    assert named.spans(date(2026, 3, 7)) == ((600, 660),)


@pytest.mark.parametrize(
    ("pause", "last"),
    [
        (("2026-03-03 10:00", "2026-03-03 15:00"), "2026-03-04"),
        (("2026-03-03 16:00", "2026-03-04 09:00"), "2026-03-05"),
        (("2026-03-02 12:00", "2026-03-04 12:00"), "2026-03-06"),
        (("2026-03-04 10:00", "2026-03-05 10:00"), "2026-03-05"),
        (("2026-03-06 16:00", "2026-03-08 09:00"), "2026-03-04"),
    ],
)
def test_a_pause_of_days_counts_the_days_that_begin_in_it(pause, last):
    limit = Limit(2, "working_day", "next_day", "end_of_day")
    assert due_at(CALENDAR, limit, at("2026-03-02 10:00"), [tuple(map(at, pause))]) == at(f"{last} 23:59:59")


@pytest.mark.parametrize("amount", [0, -1, True, "3", None, float("nan"), float("inf"), 1.5])
def test_impossible_amounts(amount):
    with pytest.raises(Impossible):
        Limit(amount, "working_day")


def test_a_calendar_without_work_has_no_end():
    with pytest.raises(Impossible):
        due_at(Calendar(week=(REST,) * 7), Limit(1, "business_hour"), at("2026-01-01 00:00"))
    with pytest.raises(Impossible):
        due_at(Calendar(week=(REST,) * 7, workdays=frozenset({date(2020, 1, 1)})), Limit(1, "working_day"), at("2026-01-01 00:00"))


def test_a_start_on_saturday_is_not_due_before_one_on_friday():
    """Found by the property above: the time of day of a rest day means nothing to a limit in working days."""
    week = Calendar(week=(((510, 1050),),) * 5 + ((), ()))
    limit = Limit(1, Unit.WORKING_DAY, StartRule.AT_ONCE, EndRule.SAME_INSTANT, RestDayRule.AS_IS)
    friday = datetime(2024, 3, 8, 10, 0, tzinfo=UTC)
    saturday = datetime(2024, 3, 9, 2, 0, tzinfo=UTC)
    assert due_at(week, limit, friday) == datetime(2024, 3, 11, 10, 0, tzinfo=UTC)
    assert due_at(week, limit, saturday) == datetime(2024, 3, 11, 15, 59, 59, tzinfo=UTC)


def test_hours_that_end_after_closing_before_a_rest_day_keep_the_order():
    calendar = Calendar("Asia/Shanghai", ((), (), ((0, 15),), (), (), (), ()))
    start = datetime(2024, 1, 1, 13, 0, 1, tzinfo=UTC)
    ends = [
        due_at(calendar, Limit(hours, Unit.CLOCK_HOUR, StartRule.AT_ONCE, EndRule.CLOSE_OF_BUSINESS, RestDayRule.AS_IS), start)
        for hours in range(1, 80)
    ]
    assert ends == sorted(ends)


@given(
    calendars(), limits(), starts, st.lists(st.sampled_from([0.5, 0.8, 1, 2, 30]), max_size=3),
    st.lists(st.sampled_from([0.5, 0.9, 0, 1, 24]), max_size=3),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_the_first_thing_to_do_is_the_first_of_all(calendar, limit, start, points, after):
    due = due_at(calendar, limit, start)
    told = (calendar, limit.unit, start, due, points, [{"after": share, "to": "superior"} for share in after])
    assert first(*told) == steps(*told)[0].at
