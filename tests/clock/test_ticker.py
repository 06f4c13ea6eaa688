"""The ticker: each step once, whatever happens to it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from kefu.engines.clock import recurrences, rules, services, standing, ticker
from kefu.engines.clock.models import Obligation, Recurrence, WorkCalendar
from kefu.engines.clock.ticker import tick
from kefu.engines.notify.models import Notice
from kefu.timeline.models import Event, Subject
from tests.cast import make_cast
from tests.clock.test_running import ALWAYS, START, WEEK, kinds, limit, open_case
from tests.clock.test_running import calendars as calendars
from tests.clock.test_running import case as case
from tests.clock.test_vectors import at

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def severe(case) -> Obligation:
    """48 hours with warnings after half and 4 hours before the end, and two steps upward."""
    limit(
        "severe", 48, "clock_hour", warn_points=[0.5, 4], steps=[{"after": 0, "to": "superior"}, {"after": 24, "to": "superior2"}],
        addressed_to="owner",
    )  # fmt: skip
    (made,) = open_case(case)
    return made


def told() -> list[tuple[str, int]]:
    return list(Notice.objects.order_by("id").values_list("kind", "recipient_id"))


def counts(**some) -> dict[str, int]:
    return {"warned": 0, "overdue": 0, "escalated": 0, "duties": 0, "failed": 0, **some}


def test_each_step_to_the_second_and_once(severe, cast):
    steps = [
        (START + 24 * HOUR, counts(warned=1)),
        (START + 44 * HOUR, counts(warned=1)),
        (START + 48 * HOUR + SECOND, counts(overdue=1, escalated=1)),
        (START + 72 * HOUR + SECOND, counts(escalated=1)),
    ]
    for when, done in steps:
        assert tick(when - SECOND) == counts()
        assert tick(when) == done
        assert tick(when) == counts()
    assert told() == [
        ("clock.warned", cast.crew.pk),
        ("clock.warned", cast.crew.pk),
        ("clock.overdue", cast.crew.pk),
        ("clock.escalated", cast.crew_leader.pk),
        ("clock.escalated", cast.repair_head.pk),
    ]
    assert kinds(severe.subject) == [kind for kind, _person in told()]
    assert Event.objects.filter(clauses=["R-severe"]).count() == 5
    severe.refresh_from_db()
    assert (severe.state, severe.next_tick_at) == ("running", None)
    assert severe.overdue_at == START + 48 * HOUR + SECOND


def test_after_a_standstill_everything_comes_once(severe):
    assert tick(START + 100 * HOUR) == counts(warned=2, overdue=1, escalated=2)
    assert tick(START + 200 * HOUR) == counts()


def test_a_clock_that_jumps_forth_and_back(severe):
    assert tick(START + 30 * HOUR) == counts(warned=1)
    assert tick(START - 1000 * HOUR) == counts()
    assert tick(START + 10 * HOUR) == counts()
    assert tick(START + 49 * HOUR) == counts(warned=1, overdue=1, escalated=1)
    assert tick(START + 20 * HOUR) == counts()
    assert tick(START + 49 * HOUR) == counts()


def test_it_never_moves_the_case(severe):
    before = Subject.objects.filter(pk=severe.subject_id).values().get()
    tick(START + 100 * HOUR)
    assert Subject.objects.filter(pk=severe.subject_id).values().get() == before


def test_what_is_met_or_stands_still_is_left_alone(severe, case):
    standing.pause(subject=case, reason="waits", cause="customer", evidence="x", at=START + HOUR)
    assert tick(START + 60 * HOUR) == counts()
    standing.resume(subject=case, at=START + 61 * HOUR)
    assert tick(START + 84 * HOUR - SECOND) == counts()
    assert tick(START + 84 * HOUR) == counts(warned=1)
    services.reach(subject=case, moments=["case.answered"], at=START + 90 * HOUR)
    assert tick(START + 500 * HOUR) == counts()


def test_a_tick_cut_off_in_the_middle_leaves_nothing_behind(severe, monkeypatch):
    def away(**_what):
        raise OSError("the machine went away")

    with monkeypatch.context() as patch:
        patch.setattr(ticker, "tell", away)
        assert tick(START + 49 * HOUR)["failed"] == 1
    assert kinds(severe.subject) == []
    assert told() == []
    assert tick(START + 49 * HOUR) == counts()
    assert tick(START + 49 * HOUR + timedelta(minutes=1)) == counts(warned=2, overdue=1, escalated=1)


def test_one_bad_row_does_not_stop_the_others(severe, case, cast):
    limit("fine", 1, "clock_hour", starts_on="case.more")
    rules.forget()
    services.reach(subject=case, moments=["case.more"], at=START)
    Obligation.objects.filter(pk=severe.pk).update(frozen={"unit": "clock_hour", "timezone": "Moon/Crater", "week": [[]] * 7})
    done = tick(START + 49 * HOUR)
    assert (done["overdue"], done["failed"]) == (1, 1)


def test_posts_and_heads_are_told_where_nobody_owns(case, cast):
    Subject.objects.filter(pk=case.pk).update(owner=None)
    case.owner = None
    limit("a", 1, "clock_hour")
    limit("b", 1, "clock_hour", addressed_to="post:dispatcher")
    open_case(case)
    tick(START + 2 * HOUR)
    assert sorted(told()) == sorted([("clock.overdue", cast.crew_leader.pk), ("clock.overdue", cast.dispatcher.pk)])


def test_more_rows_than_a_batch(case):
    limit("a", 1, "clock_hour")
    rules.forget()
    for number in range(7):
        one = Subject.objects.create(kind="case", number=f"N{number}")
        services.reach(subject=one, moments=["case.opened"], at=START, fresh=True)
    assert tick(START + 2 * HOUR, batch=3) == counts(overdue=7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_tickers_side_by_side():
    cast = make_cast()
    WorkCalendar.objects.create(code="office", name="办公", week=WEEK)
    limit("a", 1, "clock_hour", warn_points=[0.5], steps=[{"after": 0, "to": "superior"}])
    rules.forget()
    for number in range(60):
        one = Subject.objects.create(kind="case", number=f"N{number}", owner=cast.crew, unit_path=cast.team.path)
        services.reach(subject=one, moments=["case.opened"], at=START, fresh=True)
    done: list[dict[str, int]] = []
    gate = threading.Barrier(3)

    def work():
        gate.wait()
        try:
            for _again in range(5):
                done.append(tick(START + 2 * HOUR, batch=5))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.append(tick(START + 2 * HOUR))
    assert {name: sum(one[name] for one in done) for name in counts()} == counts(warned=60, overdue=60, escalated=60)
    assert Event.objects.count() == Notice.objects.count() == 180


def test_recurring_duties_come_once_each(cast, db):
    WorkCalendar.objects.create(code="always", name="全天", week=ALWAYS, follows_holidays=False)
    row = Recurrence.objects.create(
        code="disinfection", name="每周消毒", rule={"every": "weekly", "weekday": 0, "at": "08:30"}, calendar="always",
        addressed_to="post:dispatcher", clauses=["R-02I-4"], next_at=at("2026-03-02 08:30"), warn_points=[24],
    )  # fmt: skip
    assert tick(at("2026-03-02 08:29"))["duties"] == 0
    assert tick(at("2026-03-02 08:30"))["duties"] == 1
    assert tick(at("2026-03-02 08:30"))["duties"] == 0
    assert tick(at("2026-03-24 00:00"))["duties"] == 3
    duties = Obligation.objects.order_by("started_at")
    assert [one.due_at for one in duties][:1] == [at("2026-03-09 08:29:59")]
    assert Subject.objects.filter(kind="duty").count() == 4
    row.refresh_from_db()
    assert row.next_at == at("2026-03-30 08:30")
    services.reach(subject=duties[3].subject, moments=["duty.done"], at=at("2026-03-24 09:00"))
    assert Obligation.objects.get(pk=duties[3].pk).state == "met"


@pytest.mark.parametrize(
    ("rule", "after", "comes"),
    [
        ({"every": "daily", "at": "20:00"}, "2026-03-02 20:00", "2026-03-03 20:00"),
        ({"every": "daily", "at": "08:30", "working_days_only": True}, "2026-09-30 09:00", "2026-10-08 08:30"),
        ({"every": "monthly", "day": 31}, "2026-01-31 00:00", "2026-02-28 00:00"),
        ({"every": "monthly", "day": -1}, "2026-02-28 00:00", "2026-03-31 00:00"),
        ({"every": "monthly", "day": 1, "working_days_only": True}, "2026-09-29 00:00", "2026-10-08 00:00"),
        ({"every": "yearly", "month": 2, "day": 29}, "2026-03-01 00:00", "2027-02-28 00:00"),
    ],
)
def test_rhythms(rule, after, comes):
    from tests.clock.test_vectors import CALENDAR

    assert recurrences.following(rule, CALENDAR, at(after)) == at(comes)
