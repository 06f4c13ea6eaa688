"""Answers are cleaned, wrong ones get a sentence under the field, and nothing makes it fall over."""

import orjson
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.engines.forms.choices import FieldKind
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.validate import validate
from kefu.engines.forms.values import clean_text
from tests.forms.makers import definition, one_form


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def only(kind, value, **more):
    """The cleaned value of one field of ``kind``, or the sentence under it."""
    cleaned = validate(one_form({"code": "f", "name": "F", "kind": kind, **more}), {"f": value})
    return cleaned.problems.get("f") or cleaned.data.get("f")


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  多\n行  ", "多 行"),
        ("long_text", "一\r\n二\x00", "一\n二"),
        ("text", "👩‍👩‍👧 \u202eabc", "👩‍👩‍👧 \u202eabc"),
        ("text", "a\ud800b", "ab"),
        ("number", "1,234.50", 1234.5),
        ("number", 3.0, 3),
        ("money", "¥12.5", 12.5),
        ("date", "2026年3月1日", "2026-03-01"),
        ("date", "2026/3/1", "2026-03-01"),
        ("datetime", "2026-03-01T09:30", "2026-03-01T01:30:00+00:00"),
        ("datetime", "2026-03-01T09:30:00+00:00", "2026-03-01T09:30:00+00:00"),
        ("yes_no", "是", True),
        ("yes_no", False, False),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "１３８００１３８０００", "+8613800138000"),
        ("phone", "021-62345678转12", "+862162345678;ext=12"),
        ("phone", "12345", "12345"),
        ("phone", "4001234567", "+864001234567"),
        ("phone", "95598", "95598"),
        ("phone", "+852 2123 4567", "+85221234567"),
        ("id_number", "11010519491231002x", "11010519491231002X"),
        ("rating", "4", 4),
        ("score", 85, 85),
        ("person", "7", 7),
        ("photo", [3, "4", 3], [3, 4]),
        ("signature", "王强", "王强"),
    ],
)
def test_a_value_is_brought_into_its_stored_form(kind, given, kept):
    assert only(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("text", "x" * 501, "At most 500 characters; this is 501"),
        ("long_text", "啊" * 20_000_000, "At most 20000 characters; this is 20000000"),
        ("text", {"a": 1}, "Write a text"),
        ("number", "zwölf", "Write a number"),
        ("number", True, "Write a number"),
        ("number", "nan", "too large"),
        ("number", 10**400, "too large"),
        ("money", 1.005, "two digits"),
        ("date", "2026-02-30", "Write a date"),
        ("date", "0026-02-03", "out of reach"),
        ("datetime", "9999-12-31T23:59:59-23:59", "out of reach"),
        ("yes_no", "maybe", "yes or no"),
        ("phone", "1380013800", "phone number"),
        ("phone", "call me", "phone number"),
        ("id_number", "110105194912310021", "last character"),
        ("id_number", "110105194913310021", "birth date"),
        ("rating", 6, "At most 5"),
        ("rating", 2.5, "whole stars"),
        ("person", -1, "from the list"),
        ("person", 2**64, "from the list"),
        ("photo", list(range(1, 30)), "At most 20 files"),
    ],
)
def test_a_wrong_value_gets_a_sentence(kind, given, words):
    assert words in only(kind, given)


def test_choices_are_kept_by_code_and_may_be_sent_by_name():
    listed = [{"code": "a", "name": "甲"}, {"code": "b", "name": "乙"}]
    assert only("choice", "乙", choices=listed) == "b"
    assert only("choices", ["b", "甲", "b"], choices=listed) == ["b", "a"]
    assert "from the list" in only("choice", "丙", choices=listed)
    assert "at most 1" in only("choices", ["a", "b"], choices=listed, max=1)


def test_not_applicable_stands_only_where_it_is_allowed():
    assert only("score", "N/A", na_allowed=True) == "na"
    assert "Write a number" in only("score", "na")


def test_required_fields_are_asked_for_when_complete_and_not_in_a_draft():
    form = definition()
    assert set(validate(form, {}, sections=["look"]).problems) == {"place", "phone"}
    assert validate(form, {}, complete=False).good


@pytest.mark.clause("R-04-1.4")
def test_a_missing_field_may_carry_its_reason():
    form = definition()
    cleaned = validate(form, {"place": "一楼", "phone_missing": "不愿提供"}, sections=["look"])
    assert cleaned.good
    assert cleaned.data["phone_missing"] == "不愿提供"
    assert validate(form, {"place_missing": "不知道"}).problems["place_missing"] == "This form has no such field."


def test_a_hidden_field_is_neither_asked_for_nor_kept():
    form = definition()
    base = {"place": "一楼", "phone": "12345", "lift_number": "3"}
    assert "lift_number" not in validate(form, {**base, "kind": "fire"}, sections=["look"]).data
    assert validate(form, {**base, "kind": "lift"}, sections=["look"]).data["lift_number"] == "3"
    assert "lift_number" in validate(form, {"kind": "lift"}, sections=["look"]).problems


def test_a_table_is_judged_by_cell_and_adds_up():
    rows = [{"what": "漏水", "points": "3"}, {}, {"points": 99}, {"what": "x", "points": 4, "colour": 1}]
    cleaned = validate(definition(), {"finds": rows}, complete=False)
    assert set(cleaned.problems) == {"finds.2.points", "finds.2.what", "finds.3.colour"}
    assert cleaned.data["total"] == 7


def test_unknown_fields_and_strange_documents_are_refused():
    assert validate(definition(), {"nobody": 1}).problems["nobody"] == "This form has no such field."
    assert validate(definition(), [1, 2]).problems == {"": "A form is sent as an object of fields."}


def test_facts_open_gates():
    form = one_form(
        {"code": "told", "name": "告知", "kind": "yes_no"},
        gates=[{"code": "g", "text": "t", "when": {"all": [{"field": "paid", "value": True}, {"not": {"field": "told", "value": True}}]}}],
    )
    assert [gate.code for gate in validate(form, {}, facts={"paid": True}).open_gates] == ["g"]
    assert validate(form, {"told": "yes"}, facts={"paid": True}).open_gates == []
    assert validate(form, {}, facts={"paid": False}).open_gates == []


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
EVERYTHING = Definition.model_validate(
    {
        "code": "all",
        "name": "全部",
        "sections": [
            {
                "code": "a",
                "name": "甲",
                "fields": [
                    *(
                        {"code": f"f_{kind}", "name": kind, "kind": kind, "na_allowed": True, "required_reason_allowed": True}
                        for kind in FieldKind.values
                        if kind not in ("choice", "choices", "table", "computed", "heading")
                    ),
                    {"code": "f_choice", "name": "c", "kind": "choice", "choices": [{"code": "x", "name": "x"}]},
                    {"code": "f_choices", "name": "c", "kind": "choices", "choices": [{"code": "x", "name": "x"}]},
                    {"code": "f_table", "name": "t", "kind": "table", "fields": [{"code": "n", "name": "n", "kind": "number"}]},
                    {"code": "late", "name": "l", "show_when": {"field": "f_number", "op": "gt", "value": 3}},
                    {"code": "sum", "name": "s", "kind": "computed", "formula": "sum(f_table.n)"},
                ],
            }
        ],
        "gates": [
            {"code": "g", "text": "t", "when": {"field": "f_text", "op": "contains", "value": "a"}},
            {"code": "h", "text": "t", "when": {"field": "f_date", "op": "within", "value": "today"}},
        ],
    }
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(ANY_JSON | st.dictionaries(st.sampled_from([*EVERYTHING.by_code, "f_text_missing", "zzz"]), ANY_JSON, max_size=12))
def test_no_json_makes_it_fall_over_and_what_is_kept_is_kept_again(data):
    cleaned = validate(EVERYTHING, data)
    orjson.dumps(cleaned.data)
    again = validate(EVERYTHING, cleaned.data)
    assert again.good
    assert again.data == cleaned.data or not isinstance(data, dict)


@given(st.text())
def test_a_text_is_cleaned_alike_alone_and_beside_what_must_go(words):
    """What needs no cleaning takes a shorter way; a control character at its end sends it the long one."""
    assert clean_text(words) == clean_text(words + "\x00")
    assert clean_text(clean_text(words)) == clean_text(words)
