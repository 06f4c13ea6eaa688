"""Definitions refuse what would not work."""

import pytest
from pydantic import ValidationError

from kefu.engines.forms.definition import Definition

GOOD = {
    "code": "check",
    "name": "检查",
    "clauses": ["R-1"],
    "sections": [
        {"code": "a", "name": "甲", "clauses": ["R-2"], "fields": [{"code": "who", "name": "谁", "kind": "person", "clauses": ["R-1"]}]},
        {"code": "b", "name": "乙", "hidden_from": ["who"], "fields": [{"code": "note", "name": "说明"}]},
    ],
}


def test_a_definition_knows_its_fields_sections_and_clauses():
    form = Definition.model_validate(GOOD)
    assert [field.code for field in form.fields()] == ["who", "note"]
    assert form.section_of["note"].code == "b"
    assert form.cited() == ["R-1", "R-2"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"code": "who", "name": "x"}, "used twice"),
        ({"code": "x", "name": "x", "kind": "choice"}, "needs choices"),
        ({"code": "x", "name": "x", "kind": "table"}, "needs columns"),
        ({"code": "x", "name": "x", "kind": "computed"}, "needs a formula"),
        ({"code": "x", "name": "x", "pattern": "(a+)+"}, "repeats a repetition"),
        ({"code": "x", "name": "x", "pattern": "["}, "not a regular expression"),
        ({"code": "x", "name": "x", "min": 3, "max": 2}, "min is greater"),
        ({"code": "x_missing", "name": "x"}, "kept for reasons"),
        ({"code": "x", "name": "x", "colour": "red"}, "Extra inputs"),
        ({"code": "x", "name": "x", "show_when": {"field": "who", "op": "sounds_like", "value": 1}}, "op"),
    ],
)
def test_a_field_that_cannot_work_is_refused(field, words):
    body = {**GOOD, "sections": [GOOD["sections"][0], {"code": "c", "name": "丙", "fields": [field]}]}
    with pytest.raises(ValidationError, match=words):
        Definition.model_validate(body)
