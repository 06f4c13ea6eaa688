"""A condition asked of facts in memory: dispatch rules, limits, form gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kefu.engines.filters import spans
from kefu.engines.filters.tree import All, AnyOf, Node, Not, Test, parse
from kefu.kit import moment
from kefu.people.paths import WIDTH

Facts = Mapping[str, Any]
Ask = Callable[..., bool]
_Asked = Callable[[Facts, "datetime | None", "int | None"], bool]
ME = "me"


def matches(tree: Any, facts: Facts, *, at: datetime | None = None, actor_id: int | None = None) -> bool:
    """Whether ``facts`` (field code -> value) meet the condition. A fact that is missing is None; a type that does not fit never matches.

    Values: text, number, bool, date, aware datetime (or their ISO text), unit path (tested against unit ids), staff id, list of choices.
    ``at`` is now for relative times, ``actor_id`` is who "me" means. Raises ``BadTree`` for what is no condition.
    """
    return compiled(tree)(facts, at=at, actor_id=actor_id)


def compiled(tree: Any) -> Ask:
    """The condition read once, to be asked of many: ``ask(facts, at=..., actor_id=...)``. What its parts are is looked at here only."""
    asked = _asked(parse(tree))

    def ask(facts: Facts, *, at: datetime | None = None, actor_id: int | None = None) -> bool:
        return asked(facts, at, actor_id)

    return ask


def _asked(node: Node) -> _Asked:
    if isinstance(node, (All, AnyOf)):
        parts, settles = [_asked(part) for part in node.parts], isinstance(node, AnyOf)

        def joined(facts: Facts, at: datetime | None, me: int | None) -> bool:
            for part in parts:
                if part(facts, at, me) is settles:
                    return settles
            return not settles

        return joined
    if isinstance(node, Not):
        inner = _asked(node.part)
        return lambda facts, at, me: not inner(facts, at, me)
    if node.op == "eq" and node.value.__class__ in (str, bool):
        return _plain(node.field, node.value)
    return lambda facts, at, me: _test(node, facts.get(node.field), at, me)


def _plain(field: str, value: str | bool) -> _Asked:
    """The commonest test of all: a fact of the value's own type needs no thought."""
    own = value.__class__

    def same(facts: Facts, at: datetime | None, me: int | None) -> bool:
        fact = facts.get(field)
        return bool(fact == value) if fact.__class__ is own else _equal(fact, value, at, me)

    return same


def _test(test: Test, fact: Any, at: datetime | None, actor_id: int | None) -> bool:
    op, value = test.op, test.value
    if op in ("empty", "not_empty"):
        return _is_empty(fact) is (op == "empty")
    if op == "ne":
        return not _equal(fact, value, at, actor_id)
    if op in ("in", "not_in"):
        return any(_equal(fact, one, at, actor_id) for one in value) is (op == "in")
    if op == "eq":
        return _equal(fact, value, at, actor_id)
    if fact is None:
        return False
    if op in ("contains", "starts"):
        return _holds_text(op, fact, value)
    if op == "under":
        return _under(fact, value)
    return _compare(op, fact, value, at)


def _is_empty(fact: Any) -> bool:
    return fact is None or fact == "" or (isinstance(fact, (list, tuple, set, frozenset, dict)) and not fact)


def _equal(fact: Any, value: Any, at: datetime | None, actor_id: int | None) -> bool:
    if fact is None:
        return False
    if isinstance(fact, (list, tuple, set, frozenset)):
        return any(_equal(one, value, at, actor_id) for one in fact)
    if isinstance(fact, bool) or isinstance(value, bool):
        return fact is value
    if isinstance(fact, (int, float, Decimal)):
        if value == ME:
            return fact == actor_id
        number = number_of(value)
        return number is not None and _decimal(fact) == number
    if isinstance(fact, date):
        return _compare("eq", fact, value, at)
    return str(fact) == str(value) or (isinstance(value, int) and _chain(fact)[-1:] == [value])


def number_of(value: Any) -> Decimal | None:
    """A number, or its plain text, as an exact decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = _decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _chain(fact: Any) -> list[int]:
    """The ids in a unit path, from the top down; empty if it is no such path."""
    if not isinstance(fact, str) or not fact.isascii() or not fact.isdecimal() or len(fact) % WIDTH:
        return []
    return [int(fact[start : start + WIDTH]) for start in range(0, len(fact), WIDTH)]


def _under(fact: Any, value: Any) -> bool:
    """A path (unit path, or a category path whose parts have fixed width or end in a mark) at or below ``value``."""
    if not isinstance(fact, str) or isinstance(value, bool):
        return False
    return fact.startswith(value) if isinstance(value, str) else value in _chain(fact)


def fold(text: str) -> str:
    """Latin capitals made small and nothing else: what both databases do alike."""
    return "".join(chr(ord(sign) + 32) if "A" <= sign <= "Z" else sign for sign in text)


def _holds_text(op: str, fact: Any, value: Any) -> bool:
    if isinstance(fact, (list, tuple, set, frozenset)):
        return op == "contains" and value in fact
    if not isinstance(fact, str) or isinstance(value, bool):
        return False
    text, part = fold(fact), fold(str(value))
    return part in text if op == "contains" else text.startswith(part)


def _compare(op: str, fact: Any, value: Any, at: datetime | None) -> bool:
    if isinstance(fact, bool):
        return False
    if isinstance(fact, (int, float, Decimal)):
        return op != "within" and _compare_numbers(op, _decimal(fact), value)
    told = spans.moment_of(fact)
    if told is None:
        return False
    found = spans.bounds(op, value, instants=isinstance(told, datetime), at=at or moment.now())
    return found is not None and all(spans.COMPARE[one](told, bound) for one, bound in found)


def _compare_numbers(op: str, fact: Decimal, value: Any) -> bool:
    if op == "between":
        low, high = number_of(value[0]), number_of(value[1])
        return low is not None and high is not None and low <= fact <= high
    number = number_of(value)
    return number is not None and spans.COMPARE[op](fact, number)
