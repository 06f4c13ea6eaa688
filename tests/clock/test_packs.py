"""Pack sections: compared, written once, dated."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from kefu.engines.clock import packs, rules
from kefu.engines.clock.calendar import ALL_DAY
from kefu.engines.clock.models import LimitRule, Recurrence, WorkCalendar
from kefu.engines.rulebook.registry import PackContext
from tests.clock.test_vectors import at

NOW = at("2026-10-01 10:00")
LIMIT = {
    "code": "severe",
    "name": "严重投诉处理结果",
    "subject_kind": "complaint",
    "starts_on": "complaint.accepted",
    "met_by": ["complaint.result"],
    "amount": 48,
    "unit": "clock_hour",
    "calendar": "always",
    "warn": [0.5, 4],
    "escalation": [{"after": 0, "to": "superior"}],
    "clauses": ["R-04-3.7.1"],
}
DUTY = {"code": "monitor", "name": "每月质检", "rule": {"every": "monthly", "day": 1}, "calendar": "always", "addressed_to": "post:qa"}


def load(plan, rows, days=0):
    changes = plan(rows, PackContext("property", at("2026-01-01 00:00"), NOW + timedelta(days)))
    for change in changes:
        if change.what != "same":
            change.apply()
    rules.forget()
    return [(change.key, change.what, change.describe) for change in changes if change.what != "same"]


def limits(**more):
    return [packs.LimitRow(**{**LIMIT, **more})]


def test_calendars(db):
    rows = [
        packs.CalendarRow(code="always", name="全天", always=True),
        packs.CalendarRow(code="office", name="办公", week={"mon": [["09:00", "18:00"]]}),
    ]
    assert [what for _key, what, _said in load(packs.plan_calendars, rows)] == ["new", "new"]
    assert load(packs.plan_calendars, rows) == []
    assert set(rules.calendars.named("always").week) == {ALL_DAY}
    assert not WorkCalendar.objects.get(code="always").follows_holidays


def test_a_changed_figure_is_a_new_version(db):
    assert load(packs.plan_limits, limits()) == [("severe", "new", "48 clock_hour")]
    assert load(packs.plan_limits, limits()) == []
    assert load(packs.plan_limits, limits(amount=24), days=3) == [("severe", "changed", "48 clock_hour → 24 clock_hour")]
    assert load(packs.plan_limits, limits(amount=24), days=4) == []
    begins = list(LimitRule.objects.order_by("valid_from").values_list("valid_from", "valid_to"))
    assert begins == [(at("2026-01-01 00:00"), NOW + timedelta(3)), (NOW + timedelta(3), None)]
    assert load(packs.plan_limits, [], days=5) == [("severe", "gone", "")]
    assert not LimitRule.objects.filter(valid_to=None).exists()


def test_words_alone_are_corrected_in_place(db):
    load(packs.plan_limits, limits())
    assert load(packs.plan_limits, limits(name="结果"), days=1) == [("severe", "changed", "name")]
    assert LimitRule.objects.get().name == "结果"


def test_duties(db):
    WorkCalendar.objects.create(code="always", name="全天", week={"mon": [["00:00", "24:00"]]}, follows_holidays=False)
    rows = [packs.DutyRow(**DUTY)]
    assert load(packs.plan_duties, rows) == [("monitor", "new", "每月质检")]
    assert Recurrence.objects.get().next_at == at("2026-11-01 00:00")
    assert load(packs.plan_duties, rows) == []
    assert load(packs.plan_duties, []) == [("monitor", "gone", "")]
    assert not Recurrence.objects.get().active


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (packs.LimitRow, {**LIMIT, "unit": "day"}),
        (packs.LimitRow, {**LIMIT, "amount": 0}),
        (packs.LimitRow, {**LIMIT, "amount": 1.5, "unit": "working_day"}),
        (packs.LimitRow, {**LIMIT, "warn": [-1]}),
        (packs.LimitRow, {**LIMIT, "escalation": [{"after": 1, "to": "everybody"}]}),
        (packs.LimitRow, {**LIMIT, "condition": {"what": "ever"}}),
        (packs.LimitRow, {**LIMIT, "speed": 1}),
        (packs.CalendarRow, {"code": "x", "name": "x", "week": {"mon": [["18:00", "09:00"]]}}),
        (packs.CalendarRow, {"code": "x", "name": "x", "week": {}, "timezone": "Moon"}),
        (packs.DutyRow, {**DUTY, "rule": {"every": "fortnight"}}),
        (packs.DutyRow, {**DUTY, "rule": {"every": "daily", "speed": 1}}),
    ],
)
def test_a_wrong_row_is_refused(row, wrong):
    with pytest.raises(ValidationError):
        row(**wrong)
