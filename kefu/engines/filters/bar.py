"""The filter row above a list and the plain form of the builder: parameters of an address into a condition, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.http import QueryDict

from kefu.engines.filters.database import checked
from kefu.engines.filters.fields import FieldSpec
from kefu.engines.filters.memory import ME
from kefu.engines.filters.tree import LISTS, NAMED_SPANS, NO_VALUE, BadTree, Test, parse, tests, wrong

Fields = Mapping[str, FieldSpec]
ROWS = 6
_SINGLE = {"text": "contains", "unit": "under", "path": "under"}


def typed(spec: FieldSpec, text: str) -> Any:
    """What a person typed or chose, as a value of the field's kind; what does not fit stays text and is refused when it is compared."""
    text = text.strip()
    if spec.kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    whole = spec.kind in ("unit", "staff") or (spec.kind == "choice" and spec.integer)
    if whole and text != ME and text.lstrip("-").isdecimal() and len(text) < 15:
        return int(text)
    return text


def read(params: QueryDict, fields: Fields, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The condition of a filter row: ``field=value`` (several: one of them), ``field_from`` and ``field_to``, ``field=today`` for times.

    Empty parameters and parameters of other names ask nothing. What does not fit raises ``BadTree`` with the parameter's name.
    """
    parts: list[dict[str, Any]] = []
    for code in names if names is not None else fields:
        spec = fields[code]
        values = [typed(spec, one) for one in params.getlist(code) if one.strip()]
        if values:
            parts.append(_row(spec, values))
        for ending, op in (("_from", "ge"), ("_to", "le")):
            if spec.kind in ("number", "date", "datetime") and (bound := params.get(code + ending, "").strip()):
                parts.append({"field": code, "op": op, "value": bound})
    for part in parts:
        try:
            node = parse(part)
            assert isinstance(node, Test)
            checked(node, fields)
        except BadTree as error:
            raise wrong(part["field"], next(iter(error.fields.values()))) from error
    return {"all": parts} if parts else {}


def _row(spec: FieldSpec, values: list[Any]) -> dict[str, Any]:
    if spec.kind in ("date", "datetime") and values[0] in NAMED_SPANS:
        return {"field": spec.code, "op": "within", "value": values[0]}
    if len(values) > 1:
        return {"field": spec.code, "op": "in", "value": values}
    return {"field": spec.code, "op": _SINGLE.get(spec.kind, "eq"), "value": values[0]}


def back(tree: Any) -> dict[str, list[str]]:
    """The parameters that ``read`` makes this condition from, as far as a row can say it."""
    said: dict[str, list[str]] = {}
    for part in (tree or {}).get("all", []):
        code, op, value = part.get("field"), part.get("op"), part.get("value")
        if op in ("ge", "le"):
            said[f"{code}_{'from' if op == 'ge' else 'to'}"] = [str(value)]
        elif code and op in ("eq", "in", "contains", "under", "within") and not isinstance(value, Mapping):
            values = value if isinstance(value, list) else [value]
            said[code] = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return said


def joined(*trees: Any) -> dict[str, Any]:
    """All of several conditions: a saved view and the filter row."""
    asked = [tree for tree in trees if tree]
    return asked[0] if len(asked) == 1 else {"all": asked} if asked else {}


def rows_of(tree: Any) -> tuple[str, list[dict[str, Any]]] | None:
    """A condition as one plain list of comparisons ("all" or "any"), or None if it is nested deeper."""
    if not tree:
        return "all", []
    if "field" in tree:
        return "all", [tree]
    for word in ("all", "any"):
        parts = tree.get(word)
        if parts is not None and len(parts) <= ROWS and all("field" in part for part in parts):
            return word, list(parts)
    return None


def posted(post: QueryDict, name: str, fields: Fields) -> Any:
    """The condition of a sent builder: its JSON, or the rows of its plain form. Raises ``BadTree``."""
    rows = post.get(f"{name}-rows")
    tree = _posted_rows(post, name, fields) if rows else _json(post.get(name, "") or post.get(f"{name}-json", ""))
    for test in tests(parse(tree)):
        checked(test, fields)
    return tree


def _json(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return orjson.loads(text)
    except ValueError as error:
        raise BadTree() from error


def _posted_rows(post: QueryDict, name: str, fields: Fields) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for number in range(ROWS):
        code, op = post.get(f"{name}-{number}-field", ""), post.get(f"{name}-{number}-op", "")
        if not code:
            continue
        spec = fields.get(code)
        parts.append({"field": code, "op": op} if spec is None else _posted_row(spec, op, post.get(f"{name}-{number}-value", "")))
    word = "any" if post.get(f"{name}-join") == "any" else "all"
    return {word: parts} if parts else {}


def _posted_row(spec: FieldSpec, op: str, text: str) -> dict[str, Any]:
    if op in NO_VALUE:
        return {"field": spec.code, "op": op}
    if op == "within":
        words = text.split()
        value: Any = text.strip()
        if len(words) == 3 and words[0] in ("last", "next") and words[1].isdecimal() and len(words[1]) < 5:
            value = {words[0]: int(words[1]), "unit": words[2]}
        return {"field": spec.code, "op": op, "value": value}
    if op in LISTS or op == "between":
        parts = [one for one in text.replace("，", ",").replace("~", ",").split(",") if one.strip()]
        return {"field": spec.code, "op": op, "value": [typed(spec, one) for one in parts]}
    return {"field": spec.code, "op": op, "value": typed(spec, text)}
