"""Obligations: started by moments, met, standing still, extended, handed over."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.engines.clock import queries, rules, services, standing, versions
from kefu.engines.clock.choices import State
from kefu.engines.clock.models import LimitRule, Obligation, WorkCalendar
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.timeline.models import Event, Subject
from kefu.timeline.registry import event_kinds
from tests.clock.test_vectors import at

WEEK = {day: [["08:30", "12:00"], ["13:30", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
START = at("2026-10-01 10:00")


def limit(code: str, amount, unit: str, **more) -> LimitRule:
    usual = {
        "name": code,
        "subject_kind": "case",
        "starts_on": "case.opened",
        "met_by": ["case.answered"],
        "start_rule": "at_once",
        "end_rule": "same_instant",
        "rest_rule": "as_is",
        "calendar": "office",
        "valid_from": at("2026-01-01 00:00"),
        "clauses": [f"R-{code}"],
    }
    return LimitRule.objects.create(code=code, amount=Decimal(str(amount)), unit=unit, **{**usual, **more})


@pytest.fixture
def calendars(db):
    WorkCalendar.objects.create(code="office", name="办公", week=WEEK)
    WorkCalendar.objects.create(code="always", name="全天", week=ALWAYS, follows_holidays=False)
    rules.forget()


@pytest.fixture
def case(cast, calendars) -> Subject:
    return Subject.objects.create(kind="case", number="C1", owner=cast.crew, unit_path=cast.team.path)


def kinds(subject: Subject) -> list[str]:
    return list(Event.objects.filter(subject=subject).order_by("id").values_list("kind", flat=True))


def open_case(case, **more):
    rules.forget()
    return services.reach(subject=case, moments=["case.opened"], at=START, **more)


def test_a_moment_starts_what_applies(case, cast):
    limit("severe", 48, "clock_hour", condition={"field": "severity", "op": "eq", "value": "severe"})
    limit("answer", 1, "working_day", start_rule="next_day", end_rule="close_of_business", addressed_to="unit_head")
    limit("other_kind", 1, "clock_hour", subject_kind="order")
    limit("other_moment", 1, "clock_hour", starts_on="case.closed")
    limit("not_yet", 1, "clock_hour", valid_from=at("2026-10-01 10:01"))
    limit("no_more", 1, "clock_hour", valid_to=START)
    limit("switched_off", 1, "clock_hour", active=False)
    started = {row.code: row for row in open_case(case, facts={"severity": "severe"})}
    assert set(started) == {"severe", "answer"}
    assert started["severe"].due_at == at("2026-10-03 10:00")
    assert started["severe"].owner_id == cast.crew.pk
    assert started["severe"].clauses == ["R-severe"]
    assert started["severe"].frozen["amount"] == 48
    assert started["answer"].due_at == at("2026-10-08 17:30")
    assert started["answer"].owner_id == cast.crew_leader.pk
    assert open_case(case, facts={"severity": "severe"}) == []


def test_opening_costs_one_insert(case):
    for number in range(4):
        limit(f"l{number}", 10 + number, "business_hour", warn_points=[0.5, 0.8])
    rules.forget()
    rules.current()
    rules.calendars.all_calendars()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        services.reach(subject=case, moments=["case.opened"], at=START, fresh=True)
    said = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(said) == 1
    assert Obligation.objects.count() == 4


@pytest.mark.parametrize(("answered", "state"), [("2026-10-03 10:00", "met"), ("2026-10-03 10:01", "late"), ("2026-10-01 09:00", "met")])
def test_met_in_time_or_late(case, answered, state):
    limit("severe", 48, "clock_hour")
    open_case(case)
    services.reach(subject=case, moments=["case.answered"], at=at(answered))
    row = Obligation.objects.get()
    assert row.state == state
    assert row.next_tick_at is None
    event = Event.objects.get(subject=case)
    assert (event.kind, event.clauses) == (f"clock.{state}", ["R-severe"])


def test_the_due_second_belongs_to_the_limit(case):
    limit("severe", 48, "clock_hour")
    open_case(case)
    services.reach(subject=case, moments=["case.answered"], at=at("2026-10-03 10:00") + timedelta(milliseconds=900))
    assert Obligation.objects.get().state == State.MET


def test_meeting_may_start_the_next(case):
    limit("answer", 4, "clock_hour")
    limit("close", 8, "clock_hour", starts_on="case.answered", met_by=["case.closed"])
    open_case(case)
    (close,) = services.reach(subject=case, moments=["case.answered"], at=at("2026-10-01 11:00"))
    assert close.due_at == at("2026-10-01 19:00")


def pause(case, when, **more):
    return standing.pause(subject=case, reason="waits", cause="customer", evidence="电话录音 12", at=at(when), **more)


@pytest.mark.clause("R-02C-6.2")
def test_a_pause_moves_each_limit_on_its_own_calendar(case, cast):
    limit("clock", 240, "clock_hour")
    limit("business", 8, "business_hour")
    limit("days", 3, "working_day", start_rule="next_day", end_rule="close_of_business")
    limit("hard", 48, "clock_hour", pausable=False)
    open_case(case)
    pause(case, "2026-10-08 09:30", approved_by=cast.manager.pk)
    assert set(Obligation.objects.filter(state="paused").values_list("code", flat=True)) == {"clock", "business", "days"}
    standing.resume(subject=case, at=at("2026-10-09 10:30"))
    due = dict(Obligation.objects.values_list("code", "due_at"))
    assert due["clock"] == at("2026-10-11 10:00") + timedelta(hours=25)
    assert due["business"] == at("2026-10-10 10:00")
    assert due["days"] == at("2026-10-12 17:30")
    assert due["hard"] == at("2026-10-03 10:00")
    assert kinds(case).count("clock.paused") == kinds(case).count("clock.resumed") == 3


def test_gross_and_net_stand_side_by_side(case):
    limit("business", 8, "business_hour")
    open_case(case)
    pause(case, "2026-10-08 09:30")
    standing.resume(subject=case, at=at("2026-10-08 10:30"))
    with moment.frozen(at("2026-10-08 12:00")):
        (row,) = queries.of_subject(case.pk)
    assert (row["gross"], row["net"]) == (int(3.5 * 3600), int(2.5 * 3600))
    assert row["seconds_left"] == (at("2026-10-09 10:00") - at("2026-10-08 12:00")).total_seconds()
    assert row["pauses"][0]["evidence"] == "电话录音 12"


def test_refused_pauses(case):
    with pytest.raises(Conflict):
        pause(case, "2026-10-01 11:00")
    limit("clock", 1, "clock_hour")
    open_case(case)
    with pytest.raises(Invalid):
        standing.pause(subject=case, reason="waits", cause="customer", at=START)
    with pytest.raises(Invalid):
        standing.pause(subject=case, reason="waits", cause="laziness", evidence="x", at=START)
    with pytest.raises(Conflict):
        pause(case, "2026-10-01 11:30")
    with pytest.raises(Conflict):
        standing.resume(subject=case, at=START)
    pause(case, "2026-10-01 10:30")
    with pytest.raises(Conflict):
        pause(case, "2026-10-01 10:40")


def test_met_while_it_stands_still_is_in_time(case):
    limit("clock", 1, "clock_hour")
    open_case(case)
    pause(case, "2026-10-01 10:30")
    services.reach(subject=case, moments=["case.answered"], at=at("2026-10-05 10:30"))
    assert Obligation.objects.get().state == State.MET
    standing.resume(subject=case, at=at("2026-10-06 10:30"))


def test_extension_by_approval(case, cast):
    limit("clock", 4, "clock_hour", warn_points=[0.5])
    (row,) = open_case(case)
    with pytest.raises(Conflict):
        services.extend(obligation_id=row.pk, until=at("2026-10-01 13:00"), approved_by=cast.manager.pk, reason="part", at=START)
    until = at("2026-10-02 10:00")
    services.extend(obligation_id=row.pk, until=until, approved_by=cast.manager.pk, reason="part", at=at("2026-10-01 13:00"))
    row.refresh_from_db()
    assert (row.due_at, row.extended_from) == (until, at("2026-10-01 14:00"))
    assert row.next_tick_at == at("2026-10-01 22:00")
    pause(case, "2026-10-02 09:00")
    standing.resume(subject=case, at=at("2026-10-02 12:00"))
    row.refresh_from_db()
    assert row.due_at == at("2026-10-02 13:00")


def test_a_limit_set_from_outside(case):
    outside = services.Outside(name="12345 时限", met_by=["case.answered"])
    set_due = {"subject": case, "code": "12345", "source": "12345 工单", "outside": outside, "at": START}
    row = services.set_due(until=at("2026-10-05 18:00"), **set_due)
    services.set_due(until=at("2026-10-04 18:00"), **set_due)
    row.refresh_from_db()
    assert row.due_at == at("2026-10-04 18:00")
    assert Obligation.objects.count() == 1
    with pytest.raises(Conflict):
        services.set_due(until=at("2026-09-04 18:00"), **set_due)
    services.reach(subject=case, moments=["case.answered"], at=at("2026-10-04 18:00"))
    row.refresh_from_db()
    assert row.state == State.MET


def test_void_and_hand_over(case, cast):
    limit("a", 4, "clock_hour")
    limit("b", 4, "clock_hour", addressed_to="unit_head")
    open_case(case)
    services.hand_over(subject_id=case.pk, owner_id=cast.cleaning_head.pk, unit_path=cast.cleaning.path)
    assert set(Obligation.objects.values_list("owner_id", "unit_path")) == {(cast.cleaning_head.pk, cast.cleaning.path)}
    services.void(subject=case, reason="withdrawn", codes=["a"], at=START)
    assert dict(Obligation.objects.values_list("code", "state")) == {"a": "void", "b": "running"}
    with pytest.raises(Conflict):
        services.meet(obligation_id=Obligation.objects.get(code="a").pk)


def test_to_dos_and_next_due(case, cast):
    limit("a", 4, "clock_hour")
    limit("b", 2, "clock_hour", addressed_to="post:dispatcher")
    open_case(case)
    assert [row["code"] for row in queries.my_open(cast.actor(cast.crew))] == ["a"]
    assert [row["code"] for row in queries.my_open(cast.actor(cast.dispatcher))] == ["b"]
    assert queries.my_open(cast.actor(cast.clerk)) == []
    assert queries.next_due([case.pk, 0]) == {case.pk: START + timedelta(hours=2)}
    assert queries.visible_to(cast.actor(cast.clerk)).count() == 0


def test_a_changed_figure_leaves_running_cases_alone(case):
    """Story 8: 48 hours become 24 hours from a date on."""
    limit("severe", 48, "clock_hour")
    (old,) = open_case(case)
    new = versions.change(code="severe", valid_from=at("2026-10-02 00:00"), amount=Decimal(24))
    rules.forget()
    later = Subject.objects.create(kind="case", number="C2")
    same_day = Subject.objects.create(kind="case", number="C3")
    (young,) = services.reach(subject=later, moments=["case.opened"], at=at("2026-10-02 00:00"))
    (before,) = services.reach(subject=same_day, moments=["case.opened"], at=at("2026-10-01 23:59"))
    old.refresh_from_db()
    assert old.due_at == at("2026-10-03 10:00")
    assert before.due_at == at("2026-10-03 23:59")
    assert young.due_at == at("2026-10-03 00:00")
    assert [row.valid_to for row in queries.versions("severe")] == [None, new.valid_from]
    with pytest.raises(Conflict):
        versions.change(code="severe", valid_from=at("2026-10-01 12:00"), amount=Decimal(12))


@pytest.mark.parametrize(("reason", "words"), [("customer", "客户原因"), ("no_such_code", "no_such_code")])
def test_why_a_clock_stands_still_is_told_in_words(db, reason, words):
    told = event_kinds["clock.paused"].describe({"name": "首次回复", "reason": reason})
    assert told == f"暂停了时限“首次回复”：{words}"
