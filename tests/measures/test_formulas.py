"""The worked examples of the domain notes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kefu.engines.measures import formulas
from kefu.engines.measures.formulas import Calls, service_level
from kefu.engines.measures.period import BadPeriod, Period
from kefu.kit import moment


def percent(ratio):
    return round(ratio.value * 100, 2)


@pytest.mark.parametrize(("variant", "expected"), [("SL-1", 83.02), ("SL-2", 86.00), ("SL-3", 81.13), ("SL-4", 82.69), ("SL-5", 82.08)])
def test_five_service_levels_of_one_day(variant, expected):
    calls = Calls(answered=1000, in_time=860, abandoned_in_time=20, abandoned_late=40, short=10)
    assert percent(service_level(variant, calls)) == expected


def test_service_level_further_examples():
    assert round(service_level("SL-2", Calls(answered=130, in_time=50)).value * 100) == 38
    assert percent(service_level("SL-4", Calls(answered=300, in_time=200, abandoned_in_time=50, abandoned_late=50))) == 57.14
    with pytest.raises(KeyError):
        service_level("SL-9", Calls(1, 1))


def test_ledger_of_one_shift():
    talk_and_hold, after_call, waiting = 210, 70, 112
    assert percent(formulas.occupancy(talk_and_hold, 0, after_call, waiting)) == 71.43
    assert percent(formulas.utilisation(talk_and_hold + after_call, 480)) == 58.33
    assert percent(formulas.shrinkage(392, 480)) == 18.33
    assert percent(formulas.adherence(385, 400)) == 96.25
    assert formulas.staff_to_schedule(14, 0.3) == pytest.approx(20)
    with pytest.raises(ValueError, match="shrinkage"):
        formulas.staff_to_schedule(14, 1)


def test_calls_and_answers():
    assert formulas.average_handle_time(3000, 300, 900, 14).value == 300
    assert formulas.average_speed_of_answer(1200, 100).value == 12
    assert formulas.abandonment_rate(10, 100).value == 0.1
    assert formulas.abandonment_rate(10, 100, short=4) == (6, 96)
    assert formulas.connection_rate(95, 100).value == 0.95
    assert formulas.first_contact_resolution(280, 400).value == 0.7
    assert formulas.connection_rate(0, 0).value is None


def test_surveys():
    assert formulas.net_promoter([9] * 50 + [7] * 10 + [6] * 40).value == pytest.approx(0.10)
    assert formulas.net_promoter([11, -1]).value is None
    assert formulas.satisfaction([5, 4, 3, 1, 9]).value == 0.5
    assert formulas.satisfaction([5, 4, 3, 1], variant="CSAT-M").value == 3.25
    assert formulas.effort([7, 6, 2, 5]).value == 5
    assert formulas.effort([7, 6, 2, 5], variant="CES-N").value == 0.25
    assert formulas.ring_compliance([1, 2, 3, 4], 3).value == 0.75
    rates = formulas.three_rates(called=100, reached=80, contacted=76, solved=60, satisfied=56)
    assert {name: rate.value for name, rate in rates.items()} == {"response": 0.95, "solution": 0.75, "satisfaction": 0.7}


def test_open_overdue_work_counts_as_missed():
    at = datetime(2026, 3, 11, tzinfo=UTC)
    hour = timedelta(hours=1)
    steps = [(at - hour, at - 2 * hour), (at - hour, at), (at - hour, None), (at, None), (at + hour, None), (at + hour, at)]
    assert formulas.on_time(steps, at=at) == (2, 5)


@pytest.mark.parametrize(
    ("code", "first", "last", "previous", "year_before"),
    [
        ("2026-03-11", date(2026, 3, 11), date(2026, 3, 11), "2026-03-10", "2025-03-11"),
        ("2026-W11", date(2026, 3, 9), date(2026, 3, 15), "2026-W10", "2025-W11"),
        ("2026-03", date(2026, 3, 1), date(2026, 3, 31), "2026-02", "2025-03"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2025-Q4", "2025-Q1"),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30), "2025-H2", "2025-H1"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "2026-H1", "2025-H2"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2025"),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), "2025-W52", "2025-W01"),
    ],
)
def test_periods(code, first, last, previous, year_before):
    period = Period.parse(code)
    assert (period.code, period.first, period.last) == (code, first, last)
    assert period.previous().code == previous
    assert period.year_before().code == year_before
    assert period.previous().following() == period


@pytest.mark.parametrize("code", ["", "2026-13", "2026-02-30", "2026-W54", "2026-Q5", "1999", "2026-3", "２０２６"])
def test_what_is_no_period_is_refused(code):
    with pytest.raises(BadPeriod):
        Period.parse(code)


def test_the_day_of_the_centre_decides():
    with moment.frozen(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)):
        assert Period.now("month").code == "2026-03"
        assert not Period.now("month").is_over
        assert Period.parse("2026-02").is_over
        assert Period.parse("2026-03").start == datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
