"""The timetable: once for all workers, caught up after a standstill."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.engines.jobs import queries, queue, timetable
from kefu.engines.jobs.models import PeriodicRun
from kefu.engines.jobs.registry import Periodic, periodics
from kefu.kit import moment
from kefu.kit.errors import NotAllowed

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture
def ran(monkeypatch):
    """The timetable holds just two entries that write down that they ran."""
    done: list[str] = []
    entries = {
        "minute": Periodic("minute", "each minute", lambda: done.append("minute"), every=60),
        "daily": Periodic("daily", "each day", lambda: done.append("daily"), at="09:30"),
    }
    monkeypatch.setattr(periodics, "_items", entries)
    return done


def turn(at: datetime) -> list[str]:
    with moment.frozen(at):
        started = timetable.turn()
        queue.drain()
    return started


def test_entries_run_when_due_and_once(db, ran):
    with moment.frozen(START):
        timetable.prepare()
    assert turn(START) == ["minute"]
    assert turn(START + timedelta(seconds=59)) == []
    assert turn(START + timedelta(seconds=60)) == ["minute"]
    assert set(turn(START + timedelta(minutes=30))) == {"minute", "daily"}
    assert ran.count("daily") == 1


def test_a_standstill_is_caught_up_once(db, ran):
    with moment.frozen(START):
        timetable.prepare()
    turn(START + timedelta(days=3))
    assert sorted(ran) == ["daily", "minute"]
    assert PeriodicRun.objects.get(pk="daily").next_run_at == START + timedelta(days=3, minutes=30)


def test_an_entry_still_at_work_is_not_queued_twice(db, ran):
    with moment.frozen(START):
        timetable.prepare()
        assert timetable.turn() == ["minute"]
    with moment.frozen(START + timedelta(seconds=61)):
        assert timetable.turn() == []
        assert queries.waiting() == 1


def test_a_changed_rhythm_is_followed_and_a_dropped_entry_goes(db, ran, monkeypatch):
    with moment.frozen(START):
        timetable.prepare()
        monkeypatch.setattr(periodics, "_items", {"daily": Periodic("daily", "each day", lambda: None, at="10:00")})
        timetable.prepare()
    rows = list(PeriodicRun.objects.values_list("code", "spec", "next_run_at"))
    assert rows == [("daily", "at 10:00", START + timedelta(hours=1))]


def test_a_failure_shows_in_the_timetable(cast, ran, monkeypatch):
    def broken() -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(periodics, "_items", {"broken": Periodic("broken", "broken", broken, every=60)})
    with moment.frozen(START):
        timetable.prepare()
    turn(START)
    row = queries.timetable(cast.actor(cast.admin))[0]
    assert row["last_error"] == "RuntimeError: no paper"
    assert row["last_run_at"] == START
    with pytest.raises(NotAllowed):
        queries.timetable(cast.actor(cast.agent))
