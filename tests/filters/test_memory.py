"""Conditions asked of facts, without a database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kefu.engines.filters.memory import compiled, matches
from kefu.engines.filters.tree import BadTree, parse

AT = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)  # Wednesday noon in Shanghai


def one(field, op, value=None):
    return {"field": field, "op": op, "value": value}


def test_nothing_asked_holds():
    assert matches(None, {})
    assert matches({}, {"a": 1})
    assert matches({"all": []}, {})
    assert not matches({"any": []}, {})
    assert not matches({"not": {}}, {})


@pytest.mark.parametrize(
    ("test", "fact", "expected"),
    [
        (one("f", "eq", "urgent"), "urgent", True),
        (one("f", "eq", "urgent"), None, False),
        (one("f", "ne", "urgent"), None, True),
        (one("f", "in", ["a", "b"]), "b", True),
        (one("f", "not_in", ["a", "b"]), None, True),
        (one("f", "lt", 3), 2, True),
        (one("f", "lt", 3), None, False),
        (one("f", "lt", "3"), Decimal("2.9"), True),
        (one("f", "lt", "three"), 2, False),
        (one("f", "between", [1, 3]), 3, True),
        (one("f", "contains", "PUMP"), "The pump 水泵", True),
        (one("f", "contains", "停水"), "三楼停水了", True),
        (one("f", "starts", "三楼"), "三楼停水了", True),
        (one("f", "empty"), "", True),
        (one("f", "empty"), None, True),
        (one("f", "empty"), [], True),
        (one("f", "not_empty"), 0, True),
        (one("f", "under", 2), "000001000002000003", True),
        (one("f", "eq", 2), "000001000002000003", False),
        (one("f", "eq", 3), "000001000002000003", True),
        (one("f", "under", "repair/"), "repair/water/", True),
        (one("f", "contains", "red"), ["red", "blue"], True),
        (one("f", "eq", True), True, True),
        (one("f", "eq", True), 1, False),
        (one("f", "eq", "me"), 7, True),
        (one("f", "eq", "me"), 8, False),
        (one("f", "within", "today"), datetime(2026, 3, 10, 16, 0, tzinfo=UTC), True),
        (one("f", "within", "today"), datetime(2026, 3, 10, 15, 59, tzinfo=UTC), False),
        (one("f", "within", "today"), "2026-03-11", True),
        (one("f", "within", {"last": 7, "unit": "day"}), date(2026, 3, 5), True),
        (one("f", "within", {"last": 7, "unit": "day"}), date(2026, 3, 4), False),
        (one("f", "within", {"last": 2, "unit": "hour"}), AT, True),
        (one("f", "within", {"next": 1, "unit": "month"}), date(2026, 4, 10), True),
        (one("f", "within", "this_week"), date(2026, 3, 9), True),
        (one("f", "within", "last_month"), date(2026, 2, 28), True),
        (one("f", "eq", "2026-03-11"), datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC), True),
        (one("f", "gt", "2026-03-11"), datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC), False),
        (one("f", "lt", "2026-03-11T12:00:00"), datetime(2026, 3, 11, 3, 59, tzinfo=UTC), True),
    ],
)
def test_one_comparison(test, fact, expected):
    assert matches(test, {"f": fact}, at=AT, actor_id=7) is expected


def test_groups_nest():
    tree = {"all": [one("category", "under", "000001"), {"any": [one("urgency", "eq", "high"), {"not": one("vip", "eq", False)}]}]}
    ask = compiled(tree)
    assert ask({"category": "000001000009", "urgency": "low", "vip": True})
    assert not ask({"category": "000001000009", "urgency": "low", "vip": False})
    assert not ask({"category": "000002", "urgency": "high"})


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ([], "tree"),
        ("x", "tree"),
        ({"all": {}}, "all"),
        ({"all": [], "any": []}, "tree"),
        ({"some": []}, "tree"),
        ({"all": [one("f", "eq", 1), {"not": one("f", "like", "x")}]}, "all.1.not.op"),
        ({"any": [one("", "eq", 1)]}, "any.0.field"),
        (one("f", "eq"), "value"),
        (one("f", "eq", "x\x00"), "value"),
        (one("f", "eq", 10**16), "value"),
        (one("f", "in", "x"), "value"),
        (one("f", "between", [1]), "value"),
        (one("f", "within", {"last": 0, "unit": "day"}), "value"),
        (one("f", "within", "someday"), "value"),
        ({**one("f", "eq", 1), "extra": 1}, "extra"),
    ],
)
def test_a_mistake_is_named_by_its_place(tree, place):
    with pytest.raises(BadTree) as caught:
        parse(tree)
    assert list(caught.value.fields) == [place]


def test_size_is_limited():
    deep = one("f", "eq", 1)
    for _ in range(8):
        deep = {"not": deep}
    with pytest.raises(BadTree):
        parse(deep)
    with pytest.raises(BadTree):
        parse({"all": [one("f", "eq", 1)] * 100})
    parse({"all": [one("f", "eq", 1)] * 99})
