"""Limits for the parts of a subject: several of one code side by side, each with its own person and its own end."""

from datetime import timedelta

import pytest

from kefu.engines.clock import parts, queries, rules, services, standing, ticker
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.parts import Part
from kefu.engines.notify.models import Notice
from tests.clock.test_running import START, calendars, case, kinds, limit  # noqa: F401

LATER = START + timedelta(hours=30)


@pytest.fixture
def rule(case):  # noqa: F811
    limit(
        "help", 24, "clock_hour", starts_on="help.asked", met_by=["case.answered"], calendar="always", addressed_to="unit_head",
        warn_points=[0.5], steps=[{"after": 0, "to": "owner"}],
    )  # fmt: skip
    rules.forget()


@pytest.fixture
def two(case, cast, rule):  # noqa: F811
    made = []
    for key, unit in (("a", cast.cleaning), ("b", cast.repair)):
        made += parts.begin(subject=case, part=Part(key, unit.name, unit.path), moment_reached="help.asked", at=START)
    return made


def states(case) -> list[str]:  # noqa: F811
    return list(Obligation.objects.filter(subject=case).order_by("id").values_list("state", flat=True))


def test_each_part_has_its_own_person(two, cast):
    assert [row.owner_id for row in two] == [cast.cleaning_head.pk, cast.repair_head.pk]
    assert [row.name for row in two] == ["help · 保洁部", "help · 工程部"]
    assert {row.due_at for row in two} == {START + timedelta(hours=24)}
    assert {tuple(row.clauses) for row in two} == {("R-help",)}


def test_one_is_met_and_another_ended_by_its_part_alone(case, two):  # noqa: F811
    services.reach(subject=case, moments=("case.answered",), at=START)
    assert states(case) == ["running", "running"]
    parts.meet(subject=case, key="b", at=START + timedelta(hours=1))
    parts.void(subject=case, key="a", reason="不需要了", at=START + timedelta(hours=2))
    assert states(case) == ["void", "met"]
    assert kinds(case) == ["clock.met", "clock.void"]
    parts.meet(subject=case, key="a", at=LATER)
    assert states(case) == ["void", "met"]


def test_a_new_owner_of_the_case_changes_nothing_for_its_parts(case, two, cast):  # noqa: F811
    services.hand_over(subject_id=case.pk, owner_id=cast.agent.pk, unit_path=cast.centre.path)
    rows = Obligation.objects.filter(subject=case).order_by("id")
    assert list(rows.values_list("owner_id", "unit_path")) == [
        (cast.cleaning_head.pk, cast.cleaning.path),
        (cast.repair_head.pk, cast.repair.path),
    ]


def test_it_warns_its_person_and_goes_up_to_who_has_the_case(case, two, cast):  # noqa: F811
    parts.meet(subject=case, key="b", at=START)
    assert ticker.tick(START + timedelta(hours=12))["warned"] == 1
    assert Notice.objects.get(kind="clock.warned").recipient == cast.cleaning_head
    done = ticker.tick(LATER)
    assert (done["overdue"], done["escalated"]) == (1, 1)
    assert Notice.objects.get(kind="clock.overdue").recipient == cast.cleaning_head
    assert Notice.objects.get(kind="clock.escalated").recipient == cast.crew
    parts.meet(subject=case, key="a", at=LATER)
    assert states(case) == ["late", "met"]


def test_a_due_time_that_a_person_set_goes_before_that_of_the_limit_and_may_count_from_later(case, rule, cast):  # noqa: F811
    part = Part("m", "培训", cast.cleaning.path)
    (own,) = parts.begin(subject=case, part=part, moment_reached="help.asked", at=START, until=LATER)
    (after,) = parts.begin(subject=case, part=part, moment_reached="help.asked", at=START, since=LATER)
    assert (own.due_at, after.due_at) == (LATER, LATER + timedelta(hours=24))
    assert [row["set_from_outside"] for row in queries.of_subject(case.pk)] == [False, False]


def test_it_stands_still_with_the_case(case, two):  # noqa: F811
    at = START + timedelta(hours=2)
    standing.pause(subject=case, reason="absent", cause="customer", evidence="录音", at=at)
    assert states(case) == ["paused", "paused"]
    standing.resume(subject=case, at=at + timedelta(hours=5))
    assert {row.due_at for row in Obligation.objects.filter(subject=case)} == {START + timedelta(hours=29)}


def test_no_limit_no_obligation(case, cast, rule):  # noqa: F811
    assert parts.begin(subject=case, part=Part("x", "x", cast.centre.path), moment_reached="something.else", at=START) == []
