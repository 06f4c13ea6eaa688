"""A condition in words for people: 类别 属于 维修 且 紧急程度 = 紧急."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from kefu.engines.filters.fields import FieldSpec
from kefu.engines.filters.memory import ME
from kefu.engines.filters.tree import All, Node, Not, Test, parse, tests
from kefu.kit.errors import Text
from kefu.people.queries import briefs, unit_names

OP_WORDS: dict[str, Text] = {
    "eq": pgettext_lazy("comparison", "is"),
    "ne": pgettext_lazy("comparison", "is not"),
    "in": pgettext_lazy("comparison", "is one of"),
    "not_in": pgettext_lazy("comparison", "is none of"),
    "lt": pgettext_lazy("comparison", "less than"),
    "le": pgettext_lazy("comparison", "at most"),
    "gt": pgettext_lazy("comparison", "more than"),
    "ge": pgettext_lazy("comparison", "at least"),
    "between": pgettext_lazy("comparison", "between"),
    "contains": pgettext_lazy("comparison", "contains"),
    "starts": pgettext_lazy("comparison", "starts with"),
    "empty": pgettext_lazy("comparison", "is empty"),
    "not_empty": pgettext_lazy("comparison", "is filled"),
    "under": pgettext_lazy("comparison", "belongs to"),
    "within": pgettext_lazy("comparison", "lies in"),
}
TIME_OP_WORDS: dict[str, Text] = {
    "lt": pgettext_lazy("comparison", "before"),
    "le": pgettext_lazy("comparison", "not after"),
    "gt": pgettext_lazy("comparison", "after"),
    "ge": pgettext_lazy("comparison", "not before"),
}
SPAN_WORDS: dict[str, Text] = {
    "today": pgettext_lazy("span", "today"),
    "yesterday": pgettext_lazy("span", "yesterday"),
    "tomorrow": pgettext_lazy("span", "tomorrow"),
    "this_week": pgettext_lazy("span", "this week"),
    "last_week": pgettext_lazy("span", "last week"),
    "this_month": pgettext_lazy("span", "this month"),
    "last_month": pgettext_lazy("span", "last month"),
    "this_quarter": pgettext_lazy("span", "this quarter"),
    "this_year": pgettext_lazy("span", "this year"),
    "last_year": pgettext_lazy("span", "last year"),
}
UNIT_WORDS: dict[str, Text] = {
    "minute": pgettext_lazy("span", "minutes"),
    "hour": pgettext_lazy("span", "hours"),
    "day": pgettext_lazy("span", "days"),
    "week": pgettext_lazy("span", "weeks"),
    "month": pgettext_lazy("span", "months"),
}


def op_word(op: str, kind: str) -> str:
    """What a comparison is called for a kind of field."""
    return str(TIME_OP_WORDS.get(op, OP_WORDS[op]) if kind in ("date", "datetime") else OP_WORDS[op])


def in_words(tree: Any, fields: Mapping[str, FieldSpec]) -> str:
    """The condition as a sentence in the active language; "" if it holds always. Raises ``BadTree``."""
    node = parse(tree)
    return _node(node, fields, _names(node, fields), top=True)


def _names(node: Node, fields: Mapping[str, FieldSpec]) -> dict[tuple[str, Any], str]:
    """The names of units and people in the condition."""
    wanted: dict[str, set[int]] = {"unit": set(), "staff": set()}
    for test in tests(node):
        spec = fields.get(test.field)
        if spec and spec.kind in wanted:
            wanted[spec.kind] |= {one for one in _values(test) if isinstance(one, int)}
    names: dict[tuple[str, Any], str] = {("staff", ME): _("myself")}
    if wanted["unit"]:
        names |= {("unit", pk): name for pk, name in unit_names(wanted["unit"]).items()}
    if wanted["staff"]:
        names |= {("staff", pk): str(one["name"]) for pk, one in briefs(list(wanted["staff"])).items()}
    return names


def _values(test: Test) -> list[Any]:
    return list(test.value) if isinstance(test.value, (list, tuple)) else [test.value]


def _node(node: Node, fields: Mapping[str, FieldSpec], names: dict[tuple[str, Any], str], *, top: bool = False) -> str:
    if isinstance(node, Test):
        return _test(node, fields.get(node.field), names)
    if isinstance(node, Not):
        return _("not (%(condition)s)") % {"condition": _node(node.part, fields, names, top=True)}
    parts = [said for part in node.parts if (said := _node(part, fields, names))]
    if not parts:
        return "" if isinstance(node, All) else pgettext("condition", "never")
    if len(parts) == 1:
        return parts[0]
    said = (pgettext("between conditions", " and ") if isinstance(node, All) else pgettext("between conditions", " or ")).join(parts)
    return said if top else _("(%(condition)s)") % {"condition": said}


def _test(test: Test, spec: FieldSpec | None, names: dict[tuple[str, Any], str]) -> str:
    field = str(spec.name) if spec else test.field
    said = op_word(test.op, spec.kind if spec else "text")
    if test.op in ("empty", "not_empty"):
        return f"{field} {said}"
    if test.op == "within":
        return f"{field} {said} {span_in_words(test.value)}"
    choices = dict(spec.choices()) if spec and spec.choices else {}
    values = [_value(one, spec.kind if spec else "text", choices, names) for one in _values(test)]
    if test.op == "between":
        return f"{field} {said} {values[0]} ~ {values[1]}"
    return f"{field} {said} " + pgettext("between values", ", ").join(values)


def _value(value: Any, kind: str, choices: Mapping[Any, Any], names: dict[tuple[str, Any], str]) -> str:
    if isinstance(value, bool):
        return pgettext("answer", "yes") if value else pgettext("answer", "no")
    return str(choices.get(value) or names.get((kind, value)) or value).strip()


def span_in_words(value: Any) -> str:
    """A relative span of time: today, the last 7 days."""
    if isinstance(value, str):
        return str(SPAN_WORDS[value])
    amount = value.get("last", value.get("next"))
    unit = UNIT_WORDS[value["unit"]]
    if "last" in value:
        return ngettext("the last %(n)d %(unit)s", "the last %(n)d %(unit)s", amount) % {"n": amount, "unit": unit}
    return ngettext("the next %(n)d %(unit)s", "the next %(n)d %(unit)s", amount) % {"n": amount, "unit": unit}
