"""What sections promise to the loader."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from kefu.engines.rulebook.registry import PackContext, RuleRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_row_says_what_it_carries_out_and_refuses_unknown_keys():
    assert RuleRow(code="a", clauses=["R-04-1.1"]).cited() == [("a", "R-04-1.1", "a", "")]
    with pytest.raises(ValidationError):
        RuleRow.model_validate({"code": "a", "claused": []})


def test_a_changed_figure_never_begins_in_the_past():
    context = PackContext("x", valid_from=NOON - timedelta(days=9), at=NOON)
    assert context.starts() == NOON
    assert context.starts(NOON + timedelta(days=1)) == NOON + timedelta(days=1)
