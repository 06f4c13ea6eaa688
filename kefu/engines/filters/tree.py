"""The shape of a condition: what is written as JSON, read into nodes, with each mistake named by its place.

``{"all": [...]}``, ``{"any": [...]}``, ``{"not": {...}}`` or ``{"field": "code", "op": "eq", "value": ...}``.
``{}`` and ``None`` hold always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, Text

MAX_DEPTH = 8
MAX_NODES = 100
MAX_LIST = 200
MAX_TEXT = 200
MAX_NUMBER = 10**15

OPS = (
    "eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "between", "contains", "starts", "empty", "not_empty", "under", "within",
)  # fmt: skip
LISTS = frozenset({"in", "not_in"})
NO_VALUE = frozenset({"empty", "not_empty"})


class BadTree(Invalid):
    """The condition cannot be read; ``fields`` maps the place ("all.1.value") to what is wrong there."""

    code = "bad_condition"
    text = _("The condition cannot be read.")


@dataclass(frozen=True)
class Test:
    """One field against one value. ``place`` is where it stands in the tree."""

    field: str
    op: str
    value: Any
    place: str = ""


@dataclass(frozen=True)
class All:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    part: Node


Node = Test | All | AnyOf | Not
EVERYTHING = All(())


def wrong(place: str, text: Text) -> BadTree:
    return BadTree(fields={place or "tree": text})


class _Reader:
    """Counts the nodes while it reads."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self, raw: Any, place: str, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise wrong(place, _("The condition has more than 100 parts."))
        if depth > MAX_DEPTH:
            raise wrong(place, _("The condition is nested more than 8 levels deep."))
        if not isinstance(raw, Mapping):
            raise wrong(place, _("A condition or a group of conditions belongs here."))
        if not raw:
            return EVERYTHING
        if "field" in raw:
            return _test(raw, place)
        if len(raw) != 1:
            raise wrong(place, _("A group holds exactly one of all, any and not."))
        ((word, inner),) = raw.items()
        if word == "not":
            return Not(self.node(inner, _at(place, "not"), depth + 1))
        if word not in ("all", "any"):
            raise wrong(place, _("A group holds exactly one of all, any and not."))
        if not isinstance(inner, (list, tuple)):
            raise wrong(_at(place, word), _("A list of conditions belongs here."))
        parts = tuple(self.node(one, _at(place, f"{word}.{number}"), depth + 1) for number, one in enumerate(inner))
        return All(parts) if word == "all" else AnyOf(parts)


def _at(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step


def _test(raw: Mapping[str, Any], place: str) -> Test:
    field, op, value = raw.get("field"), raw.get("op", "eq"), raw.get("value")
    if not isinstance(field, str) or not 0 < len(field) <= 64:
        raise wrong(_at(place, "field"), _("Choose a field."))
    if op not in OPS:
        raise wrong(_at(place, "op"), _("This comparison does not exist."))
    if unknown := set(raw) - {"field", "op", "value"}:
        raise wrong(_at(place, sorted(map(str, unknown))[0]), _("This does not belong into a condition."))
    place_of_value = _at(place, "value")
    if op in LISTS:
        if not isinstance(value, (list, tuple)) or len(value) > MAX_LIST:
            raise wrong(place_of_value, _("A list of up to 200 values belongs here."))
        for one in value:
            _plain(one, place_of_value)
    elif op == "between":
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            raise wrong(place_of_value, _("Two values belong here: from and to."))
        for one in value:
            _plain(one, place_of_value)
    elif op == "within":
        _span(value, place_of_value)
    elif op not in NO_VALUE:
        _plain(value, place_of_value)
    return Test(field, op, value, place)


def _plain(value: Any, place: str) -> None:
    if isinstance(value, str):
        if len(value) > MAX_TEXT or "\x00" in value:
            raise wrong(place, _("A text of up to 200 characters belongs here."))
    elif isinstance(value, (int, float)):
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise wrong(place, _("This number is too large."))
    else:
        raise wrong(place, _("A value is missing here."))


NAMED_SPANS = (
    "today",
    "yesterday",
    "tomorrow",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "this_year",
    "last_year",
)
UNITS = ("minute", "hour", "day", "week", "month")


def _span(value: Any, place: str) -> None:
    if isinstance(value, str) and value in NAMED_SPANS:
        return
    if isinstance(value, Mapping) and len(value) == 2 and value.get("unit") in UNITS:
        amount = value.get("last", value.get("next"))
        if isinstance(amount, int) and not isinstance(amount, bool) and 0 < amount <= 1000:
            return
    raise wrong(place, _("A span of time belongs here, such as today or the last 7 days."))


def parse(raw: Any) -> Node:
    """The condition as nodes; raises ``BadTree``. ``None`` and ``{}`` hold always."""
    return EVERYTHING if raw is None else _Reader().node(raw, "", 1)


def tests(node: Node) -> Iterator[Test]:
    """All comparisons in a condition."""
    if isinstance(node, Test):
        yield node
    elif isinstance(node, Not):
        yield from tests(node.part)
    else:
        for part in node.parts:
            yield from tests(part)
