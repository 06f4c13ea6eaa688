"""Each figure of the made month, as counted by hand; rolled up and live the same."""

from decimal import Decimal

import pytest

from kefu.engines.measures import queries, services
from kefu.engines.measures.registry import measures
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.models import Setting
from kefu.insight.reports.measures import ALL
from tests.reports.makers import NOVEMBER, at

BY_HAND = {
    # code: numerator, denominator (None: a sum)
    "contacts.received": (5, None),
    "contacts.in_rings": (2, 3),
    "orders.accepted": (3, None),
    "orders.completed": (2, None),
    "orders.on_time": (1, 3),
    "orders.steps_on_time": (2, 4),
    "orders.missed": (2, None),
    "orders.returned": (1, 3),
    "orders.urge_rate": (2, 3),
    "orders.urges": (3, 3),
    "orders.redone": (1, 2),
    "orders.suspended": (1, 2),
    "orders.gross_time": ((24 + 10) * 3600, 2),
    "orders.net_time": ((24 + 10 - 6) * 3600, 2),
    "complaints.accepted": (4, None),
    "complaints.valid": (1, 2),
    "complaints.repeated": (1, 4),
    "complaints.rate": (4, 3),
    "complaints.on_time": (1, 3),
    "complaints.missed": (2, None),
    "complaints.pass_on_delay": (4 * 3600, 2),
    "callbacks.satisfied": (1, 3),
    "callbacks.reached": (3, 4),
    "hotline.on_time": (1, 3),
    "hotline.redo": (1, 2),
    "hotline.satisfied": (1, 2),
    "hotline.solved": (1, 2),
    "chat.robot_settled": (0, 0),
    "chat.robot_handed": (0, 0),
}


def all_figures():
    return {one.code: queries.total(one.code, NOVEMBER) for one in ALL}


def test_every_figure_is_counted_by_hand(month):
    assert set(BY_HAND) == {one.code for one in ALL}
    live = all_figures()
    for code, (over, under) in BY_HAND.items():
        got = live[code]
        assert (code, got.numerator) == (code, over)
        assert under is None or (code, got.denominator) == (code, under)
    services.fill_all(back=60)
    assert all_figures() == live


def test_splits_of_complaints(month, cast):
    reading = queries.Reading(["complaints.accepted", "complaints.missed", "complaints.on_time"], NOVEMBER)
    assert {one.dims: one.value for one in reading.figure("complaints.accepted", ["severity", "validity"])} == {
        ("severe", "valid"): 1, ("ordinary", "invalid"): 1, ("severe", ""): 1, ("", ""): 1,
    }  # fmt: skip
    assert {one.dims: one.value for one in reading.figure("complaints.accepted", ["unit"])} == {
        (cast.repair.path,): 3,
        (cast.cleaning.path,): 1,
    }
    assert {one.dims: one.value for one in reading.figure("complaints.missed", ["code", "outcome"])} == {
        ("complaint.severe_result", "open"): 1, ("complaint.invalid_explain", "late"): 1,
    }  # fmt: skip
    assert {one.dims: one.value for one in reading.figure("complaints.on_time", ["code"])} == {
        ("complaint.severe_result",): Decimal("0.5"), ("complaint.invalid_explain",): 0,
    }  # fmt: skip


@pytest.mark.parametrize("code", sorted(BY_HAND))
def test_the_rows_behind_a_figure_are_those_it_counts(month, code):
    found = measures[code]
    figure = queries.total(code, NOVEMBER)
    rows = queries.rows(code, NOVEMBER)
    if found.unit == "seconds":
        assert len(rows) == figure.denominator
    elif code in {"orders.urges", "complaints.rate"} or found.combine == "sum":
        assert len(rows) == figure.numerator
    else:
        assert len(rows) == figure.denominator
        assert len(queries.rows(code, NOVEMBER, which="good")) == figure.numerator
        assert len(queries.rows(code, NOVEMBER, which="missed")) == figure.denominator - figure.numerator


def test_every_measure_says_what_it_is(db):
    for one in ALL:
        assert str(one.name)
        assert len(str(one.definition)) > 10
        assert one.variant
        assert "unit" in {dimension.code for dimension in one.dimensions}, f"{one.code} cannot be cut to a scope"


def test_understands_is_positive_only_if_the_setting_says_so(month):
    Setting.objects.create(key="callback.understands_positive", value=True, valid_from=at(1, month=1))
    rulebook.forget()
    assert queries.total("callbacks.satisfied", NOVEMBER).numerator == 2
