"""Which unit an order goes to: rules by position, then the type's own unit. Types and rules are few and cached a few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from kefu.cases.workorders.models import DispatchRule, OrderType
from kefu.engines.filters.memory import matches
from kefu.engines.rulebook.queries import code_items
from kefu.people.models import Unit

CACHE_SECONDS = 5.0
_held: dict[str, tuple[float, Any]] = {}


class Choice(NamedTuple):
    """The unit, and the code of the rule that chose it ("" for the type's own unit)."""

    unit: Unit
    rule: str


def forget() -> None:
    """Drop the cache of this process."""
    _held.clear()


def _cached(what: str, read: Any) -> Any:
    held = _held.get(what)
    if held is None or held[0] <= time.monotonic():
        held = _held[what] = (time.monotonic() + CACHE_SECONDS, read())
    return held[1]


def types() -> dict[str, OrderType]:
    """Active order types by code."""
    found: dict[str, OrderType] = _cached(
        "types", lambda: {row.code: row for row in OrderType.objects.filter(active=True).order_by("path")}
    )
    return found


def type_by_code(code: str) -> OrderType | None:
    return types().get(code)


def rules() -> list[DispatchRule]:
    """Active rules by position."""
    found: list[DispatchRule] = _cached("rules", _read_rules)
    return found


def _read_rules() -> list[DispatchRule]:
    rules = DispatchRule.objects.filter(active=True, unit__active=True).select_related("unit")
    return list(rules.order_by("position", "code"))


def unit_for(facts: Mapping[str, Any]) -> Choice | None:
    """Where an order of ``facts`` goes at once; None leaves it to the dispatcher.

    The first position where a rule matches decides: exactly one match dispatches, several are left to a person. Where no rule
    matches, the unit of the order type (or of the nearest type above it) takes it.
    """
    found: list[DispatchRule] = []
    for rule in rules():
        if found and rule.position != found[0].position:
            break
        if matches(rule.condition, facts):
            found.append(rule)
    if found:
        return Choice(found[0].unit, found[0].code) if len(found) == 1 else None
    return _of_type(str(facts.get("category") or ""))


def proposals(facts: Mapping[str, Any]) -> list[Choice]:
    """Every unit that a rule names for ``facts``, nearest first, for the dispatcher."""
    found = [Choice(rule.unit, rule.code) for rule in rules() if matches(rule.condition, facts)]
    own = _of_type(str(facts.get("category") or ""))
    return [*found, own] if own else found


def _of_type(path: str) -> Choice | None:
    known = types()
    units: dict[str, Unit] = _cached("units", lambda: {unit.code: unit for unit in Unit.objects.filter(active=True, takes_orders=True)})
    for code in reversed(path.split("/")):
        kind = known.get(code)
        if kind is not None and kind.default_unit in units:
            return Choice(units[kind.default_unit], "")
    return None


def region_of(*told: str) -> str:
    """How far a crew has to come (city, rural, remote; R-02C-2e2): the first that is a known class; "" where nobody says."""
    known = {item["code"] for item in code_items("region_classes")}
    return next((one for one in told if one in known), "")
