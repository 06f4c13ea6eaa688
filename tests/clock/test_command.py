"""`kefu clock`: questions as JSON lines, holidays by year."""

import io
import json
import sys
from datetime import date
from types import SimpleNamespace

import pytest

from kefu.engines.clock import holidays
from kefu.engines.clock.models import WorkCalendar
from kefu.engines.clock.whatif import answer
from kefu.entry.cli import main
from tests.clock.test_vectors import BUSINESS_HOURS, DAYS, WORKING_DAYS

WEEK = {day: [["08:30", "12:00"], ["13:30", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = {
    "timezone": "Asia/Shanghai",
    "week": WEEK,
    "holidays": [day.date.isoformat() for day in DAYS if day.kind == "off"],
    "workdays": [day.date.isoformat() for day in DAYS if day.kind == "work"],
}


def ask(start, amount, unit, **more):
    return answer(json.dumps({"calendar": CALENDAR, "start": start, "limit": {"amount": amount, "unit": unit}, **more}).encode())


@pytest.mark.parametrize(("accepted", "amount", "last"), WORKING_DAYS)
def test_working_days(accepted, amount, last):
    assert ask(f"{accepted}T10:00", amount, "working_day") == {"due": f"{last}T17:30:00+08:00"}


@pytest.mark.parametrize(("accepted", "amount", "last"), BUSINESS_HOURS)
def test_business_hours(accepted, amount, last):
    assert ask(accepted, amount, "business_hour") == {"due": last.replace(" ", "T") + ":00+08:00"}


def test_other_units():
    assert ask("2026-10-01T10:00:00+08:00", 48, "clock_hour") == {"due": "2026-10-03T10:00:00+08:00"}
    assert ask("2026-10-01T02:00:00Z", 48, "clock_hour") == {"due": "2026-10-03T10:00:00+08:00"}
    assert ask("2026-09-30", 3, "calendar_day") == {"due": "2026-10-08T23:59:59+08:00"}
    assert ask("2026-03-02 09:00", 90, "minutes") == {"due": "2026-03-02T10:30:00+08:00"}
    assert ask("2026-01-31T09:00", 1, "month") == {"due": "2026-02-28T23:59:59+08:00"}


def test_named_rules():
    line = {"calendar": CALENDAR, "start": "2026-09-30T15:00", "limit": {"amount": 3, "unit": "calendar_day", "rest": "as_is"}}
    assert answer(json.dumps(line).encode()) == {"due": "2026-10-03T23:59:59+08:00"}
    line["limit"] |= {"end": "close_of_business", "rest": "move"}
    assert answer(json.dumps(line).encode()) == {"due": "2026-10-08T17:30:00+08:00"}


@pytest.mark.parametrize("pauses", [[{"from": "2026-03-02T09:30", "to": "2026-03-02T14:30"}], [["2026-03-02T09:30", "2026-03-02T14:30"]]])
def test_pauses(pauses):
    assert ask("2026-03-02T08:30", 2, "business_hour", pauses=pauses) == {"due": "2026-03-02T15:30:00+08:00"}
    assert ask("2026-03-02T08:30", 2, "clock_hour", pauses=pauses) == {"due": "2026-03-02T15:30:00+08:00"}


BAD = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"17",
    b'"text"',
    b"\xff\xfe",
    b"{}",
    b"[" * 5000,
    b'{"calendar": "nowhere"}',
    json.dumps({"calendar": CALENDAR, "start": "2026-01-01T00:00", "limit": {"amount": 1}}).encode(),
]
BAD_PARTS = [
    {"limit": {"amount": 1, "unit": "fortnight"}},
    {"limit": {"amount": 1, "unit": "day"}},
    {"limit": {"amount": -1, "unit": "working_day"}},
    {"limit": {"amount": 0, "unit": "working_day"}},
    {"limit": {"amount": 1.5, "unit": "working_day"}},
    {"limit": {"amount": "8", "unit": "minute"}},
    {"limit": {"amount": True, "unit": "minute"}},
    {"limit": {"amount": None, "unit": "minute"}},
    {"limit": {"amount": [], "unit": {}}},
    {"limit": {"amount": 10**30, "unit": "clock_hour"}},
    {"limit": {"amount": 10**8, "unit": "business_hour"}},
    {"limit": {"amount": 999_999_999, "unit": "month"}},
    {"limit": {"amount": 999_999_999, "unit": "calendar_day"}},
    {"limit": {"amount": 1, "unit": "minute", "end": "never"}},
    {"limit": {"amount": 1, "unit": "minute", "start": 3}},
    {"limit": {"amount": 1, "unit": "minute", "speed": 3}},
    {"limit": 5},
    {"start": "yesterday"},
    {"start": 5},
    {"start": None},
    {"start": "9999-12-31T23:59:59"},
    {"start": "0001-01-01T00:00:00"},
    {"start": "2026-02-30T00:00:00"},
    {"pauses": 5},
    {"pauses": [5]},
    {"pauses": [["2026-01-02T00:00"]]},
    {"pauses": [["2026-01-03T00:00", "2026-01-02T00:00"]]},
    {"pauses": [{"from": "2026-01-03T00:00", "to": None}]},
    {"calendar": {**CALENDAR, "timezone": "Moon/Crater"}},
    {"calendar": {**CALENDAR, "timezone": "../../etc/passwd"}},
    {"calendar": {**CALENDAR, "timezone": 8}},
    {"calendar": {**CALENDAR, "week": {"mon": [["12:00", "08:30"]]}}},
    {"calendar": {**CALENDAR, "week": {"mon": [["25:00", "26:00"]]}}},
    {"calendar": {**CALENDAR, "week": {"mon": "all day"}}},
    {"calendar": {**CALENDAR, "week": {"monday": []}}},
    {"calendar": {**CALENDAR, "week": {}, "workdays": []}},
    {"calendar": {**CALENDAR, "holidays": ["2026-13-01"]}},
    {"calendar": {**CALENDAR, "holidays": 4}},
    {"calendar": {**CALENDAR, "exceptions": {"x": []}}},
    {"calendar": {"timezone": "Asia/Shanghai"}},
]
GOOD = {"calendar": CALENDAR, "start": "2026-01-05T10:00", "limit": {"amount": 1, "unit": "working_day"}}


@pytest.mark.django_db
@pytest.mark.parametrize("line", [*BAD, *(json.dumps({**GOOD, **part}).encode() for part in BAD_PARTS)])
def test_what_makes_no_sense_is_an_error_of_that_line(line):
    said = answer(line)
    assert set(said) == {"error"}
    assert len(said["error"]) > 5
    assert "%(" not in said["error"]


@pytest.fixture
def kefu(monkeypatch, capsysbinary):
    """``kefu(words, stdin)`` runs a command and gives its exit status, its lines and what it complained of."""

    def run(*words, stdin=b""):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        status = main(["clock", *words])
        out, err = capsysbinary.readouterr()
        return status, out.decode().splitlines(), err.decode()

    return run


@pytest.mark.django_db
def test_lines_in_lines_out(kefu):
    WorkCalendar.objects.create(code="office", name="办公", week=WEEK)
    by_name = {"calendar": "office", "start": "2026-02-13T16:00", "limit": {"amount": 4, "unit": "business_hour"}, "id": 7}
    later = {**by_name, "start": "2027-10-01T08:30"}
    lines = [json.dumps(GOOD).encode(), b"nonsense", b"", json.dumps(by_name).encode(), json.dumps(later).encode()]
    status, said, _err = kefu("due", stdin=b"\xef\xbb\xbf" + b"\r\n".join(lines))
    assert status == 0
    first, second, third, fourth = map(json.loads, said)
    assert first == {"due": "2026-01-06T17:30:00+08:00"}
    assert set(second) == {"error"}
    assert third == {"id": 7, "due": "2026-02-14T11:00:00+08:00"}
    assert fourth == {"id": 7, "due": "2027-10-01T14:00:00+08:00", "provisional": [2027]}


@pytest.mark.django_db
def test_a_year_is_imported_and_replaces_what_ships(kefu, tmp_path):
    file = tmp_path / "2027.json"
    days = [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}, {"name": "元旦", "date": "2026-12-27", "isOffDay": False}]
    file.write_text(json.dumps({"year": 2027, "days": days}))
    assert kefu("holidays", "list", "2027")[0] == 1
    assert kefu("holidays", "import", str(file))[0] == 0
    assert kefu("holidays", "list", "2027")[1] == ["2027-01-01 off  元旦"]
    known = holidays.known()
    assert known[2026][:-1] == tuple(holidays.Day(*vars(day).values()) for day in holidays.shipped()[2026])
    assert known[2026][-1].date == date(2026, 12, 27)
    file.write_text("{}")
    status, _out, err = kefu("holidays", "import", str(file))
    assert status == 1
    assert "2027.json" in err


@pytest.mark.django_db
def test_one_round_of_the_ticker(kefu):
    assert kefu("tick")[1] == ["warned=0 overdue=0 escalated=0 duties=0 failed=0"]
