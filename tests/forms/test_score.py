"""Weighted scores: 100 x sum(w*s) / sum(w of what applies), fatal items, not applicable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.engines.forms.score import score
from kefu.engines.forms.validate import validate
from tests.forms.makers import one_form

CARD = one_form(
    {"code": "greet", "name": "问候", "kind": "yes_no", "weight": 10},
    {"code": "listen", "name": "倾听", "kind": "rating", "weight": 20, "na_allowed": True},
    {"code": "solve", "name": "解决", "kind": "choice", "weight": 30, "choices": [
        {"code": "full", "name": "全部", "points": 1}, {"code": "part", "name": "部分", "points": 0.5},
        {"code": "none", "name": "未解决", "points": 0}]},
    {"code": "depth", "name": "深度", "kind": "score", "weight": 40, "max": 50},
    {"code": "leak", "name": "泄露客户信息", "kind": "yes_no", "good": False, "fatal": True},
    {"code": "total", "name": "总分", "kind": "computed", "formula": "score"},
)  # fmt: skip


def test_a_full_score_and_a_mixed_one():
    best = {"greet": True, "listen": 5, "solve": "full", "depth": 50, "leak": False}
    assert score(CARD, best).value == 100
    mixed = {"greet": False, "listen": 4, "solve": "part", "depth": 25, "leak": False}
    assert score(CARD, mixed).value == pytest.approx(100 * (0 + 20 * 0.8 + 30 * 0.5 + 40 * 0.5) / 100)


def test_not_applicable_and_unanswered_leave_the_denominator():
    found = score(CARD, {"greet": True, "listen": "na", "depth": 25})
    assert found.weight == 50
    assert found.value == pytest.approx(100 * (10 + 20) / 50)
    assert score(CARD, {}).value is None


def test_a_fatal_item_makes_it_zero_and_is_named():
    found = score(CARD, {"greet": True, "listen": 5, "solve": "full", "depth": 50, "leak": True})
    assert found.value == 0
    assert found.fatal == ("leak",)


def test_the_computed_field_and_the_answer_carry_the_score():
    cleaned = validate(CARD, {"greet": True, "depth": 50, "total": 3})
    assert cleaned.score == 100
    assert cleaned.data["total"] == 100


@given(st.booleans(), st.integers(1, 5), st.floats(0, 50))
def test_a_score_lies_between_0_and_100_and_rises_with_its_parts(greet, listen, depth):
    answers = {"greet": greet, "listen": listen, "depth": depth}
    value = score(CARD, answers).value
    assert 0 <= value <= 100
    assert score(CARD, {**answers, "listen": 5}).value >= value
