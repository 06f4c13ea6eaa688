"""A condition as a ``Q`` of Django. It means exactly what ``memory.matches`` means: two-valued, missing values never match a comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Left, StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters import spans
from kefu.engines.filters.fields import FieldSpec, Kind, QFactory
from kefu.engines.filters.memory import ME, fold, number_of
from kefu.engines.filters.tree import NO_VALUE, All, Node, Not, Test, parse, tests, wrong
from kefu.kit.errors import Text
from kefu.people import paths
from kefu.people.actor import Actor
from kefu.people.queries import unit_paths_of

_LOOKUPS = {"eq": "exact", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}
_NEVER = Q(pk__in=())
Fields = Mapping[str, FieldSpec]


class AsciiLower(Func):
    """Latin capitals made small, nothing else: ``memory.fold`` in SQL."""

    function = "LOWER"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s)::text COLLATE "C")', **context)


def to_q(tree: Any, fields: Fields, *, actor: Actor | None = None, at: datetime) -> Q:
    """The condition over the declared fields. ``at`` is now for relative times, ``actor`` is who "me" means.

    Raises ``BadTree`` for what is no condition and for fields or comparisons that are not declared.
    """
    node = parse(tree)
    for test in tests(node):
        checked(test, fields)
    return _Compiler(fields, actor, at, _unit_paths(node, fields)).node(node, negated=False)


def through(rows: Callable[[datetime], QuerySet[Any]], kind: Kind, path: str) -> QFactory:
    """What a field asks for that stands in other rows: one of ``rows(at)`` (with ``OuterRef``) fits in its column ``path``; "empty": there
    is no such row."""
    fields = {"it": FieldSpec("it", "", kind, path)}

    def found(op: str, value: Any, at: datetime) -> Q:
        held = rows(at)
        if op == "empty":
            return Q(~Exists(held))
        return Q(Exists(held.filter(_Compiler(fields, None, at, {}).test(Test("it", op, value), negated=False))))

    return found


def checked(test: Test, fields: Fields) -> FieldSpec:
    """The field that ``test`` asks for; raises ``BadTree`` if it is not declared or cannot be compared so."""
    prefix = f"{test.place}." if test.place else ""
    spec = fields.get(test.field)
    if spec is None:
        raise wrong(f"{prefix}field", _("This field does not exist here."))
    if test.op not in spec.allowed_ops:
        raise wrong(f"{prefix}op", _("This field cannot be compared like this."))
    if test.op in NO_VALUE or test.op == "within":
        return spec
    for value in test.value if isinstance(test.value, (list, tuple)) else [test.value]:
        if not _fits(spec, value):
            raise wrong(f"{prefix}value", _MEANT[spec.kind])
    return spec


_MEANT: dict[str, Text] = {
    "text": _("A text belongs here."),
    "number": _("A number belongs here."),
    "date": _("A date belongs here."),
    "datetime": _("A date or a time belongs here."),
    "choice": _("Choose a value of the list."),
    "bool": _("Yes or no belongs here."),
    "unit": _("Choose a unit."),
    "staff": _("Choose a person."),
    "path": _("Choose a value of the list."),
}


def _fits(spec: FieldSpec, value: Any) -> bool:
    if isinstance(value, bool) or spec.kind == "bool":
        return isinstance(value, bool) and spec.kind == "bool"
    if spec.kind == "number":
        return number_of(value) is not None
    if spec.kind in ("date", "datetime"):
        return spans.moment_of(value) is not None
    if spec.kind == "staff":
        return isinstance(value, int) or value == ME
    if spec.kind == "unit":
        return isinstance(value, int) or (
            isinstance(value, str) and len(value) % paths.WIDTH == 0 and value.isascii() and value.isdecimal()
        )
    if spec.kind == "path":
        return isinstance(value, str)
    return isinstance(value, str) or (spec.kind == "choice" and isinstance(value, int)) or spec.kind == "text"


def _unit_paths(node: Node, fields: Fields) -> dict[int, str]:
    """The paths of all units named in the condition, in one query."""
    wanted: set[int] = set()
    for test in tests(node):
        if fields[test.field].kind == "unit":
            values = test.value if isinstance(test.value, (list, tuple)) else [test.value]
            wanted |= {one for one in values if isinstance(one, int) and not isinstance(one, bool)}
    return unit_paths_of(wanted) if wanted else {}


class _Compiler:
    """Pushes ``not`` down to the comparisons, so that NULL never makes a third truth value."""

    def __init__(self, fields: Fields, actor: Actor | None, at: datetime, unit_paths: dict[int, str]) -> None:
        self.fields, self.actor, self.at, self.unit_paths = fields, actor, at, unit_paths

    def node(self, node: Node, *, negated: bool) -> Q:
        if isinstance(node, Not):
            return self.node(node.part, negated=not negated)
        if isinstance(node, Test):
            return self.test(node, negated=negated)
        joined = [self.node(part, negated=negated) for part in node.parts]
        if isinstance(node, All) is not negated:
            return _every(joined)
        return _some(joined)

    def test(self, test: Test, *, negated: bool) -> Q:
        spec = self.fields[test.field]
        op, value = test.op, test.value
        if op in ("ne", "not_in", "not_empty"):
            op, negated = {"ne": "eq", "not_in": "in", "not_empty": "empty"}[op], not negated
        if callable(spec.path):
            found = spec.path(op, value, self.at)
            return ~found if negated else found
        if op == "empty":
            condition = self.empty(spec, spec.path)
            return ~condition if negated else condition
        values = value if op == "in" else [value]
        found = _joined([self.positive(spec, spec.path, "eq" if op == "in" else op, one) for one in values], spec.path)
        return Q(**{f"{spec.path}__isnull": True}) | ~found if negated else found

    def empty(self, spec: FieldSpec, path: str) -> Q:
        condition = Q(**{f"{path}__isnull": True})
        if spec.kind in ("text", "path", "unit") or (spec.kind == "choice" and not spec.integer):
            condition |= Q(**{path: ""})
        return condition

    def positive(self, spec: FieldSpec, path: str, op: str, value: Any) -> Q:
        """One comparison that holds; NULL does not hold."""
        if spec.kind in ("date", "datetime"):
            found = spans.bounds(op, value, instants=spec.kind == "datetime", at=self.at)
            return _NEVER if found is None else _every([Q(**{f"{path}__{_LOOKUPS[one]}": bound}) for one, bound in found])
        if spec.kind == "number" or (spec.kind == "choice" and spec.integer):
            return _number(path, op, value, whole=spec.integer)
        if spec.kind == "staff":
            return self.staff(path, value)
        if spec.kind == "bool":
            return Q(**{path: value}) if isinstance(value, bool) else _NEVER
        if spec.kind == "unit":
            return self.unit(path, op, value)
        return _text(path, op, value)

    def staff(self, path: str, value: Any) -> Q:
        number: Any = self.actor.id if value == ME and self.actor else number_of(value)
        return _NEVER if number is None or number != int(number) else Q(**{path: int(number)})

    def unit(self, path: str, op: str, value: Any) -> Q:
        found = value if isinstance(value, str) else self.unit_paths.get(value) if isinstance(value, int) else None
        if found is None or isinstance(value, bool):
            return _NEVER
        return _text(path, op, found)


def _number(path: str, op: str, value: Any, *, whole: bool) -> Q:
    if op == "between":
        return _number(path, "ge", value[0], whole=whole) & _number(path, "le", value[1], whole=whole)
    number = number_of(value)
    if number is None:
        return _NEVER
    if not whole:
        return Q(**{f"{path}__{_LOOKUPS[op]}": number})
    if op == "eq":
        return Q(**{path: int(number)}) if number == int(number) else _NEVER
    return Q(**{f"{path}__{_LOOKUPS[op]}": math.ceil(number) if op in ("ge", "lt") else math.floor(Decimal(number))})


def _text(path: str, op: str, value: Any) -> Q:
    if isinstance(value, bool):
        return _NEVER
    told = str(value)
    if op == "eq":
        return Q(**{path: told})
    if op == "under":
        if not told:
            return Q(**{f"{path}__isnull": False})
        if told.isascii() and told.isdecimal() and len(told) % paths.WIDTH == 0:
            low, high = paths.below(told)
            if len(high) == len(told):
                return Q(**{f"{path}__gte": low, f"{path}__lt": high})
        return Q(**{f"{path}__startswith": told}) & Q(Exact(Left(F(path), len(told)), Value(told)))
    found = StrIndex(AsciiLower(F(path)), Value(fold(told)))
    if op == "contains":
        return Q(GreaterThan(found, 0)) if told else Q(**{f"{path}__isnull": False})
    return Q(Exact(found, 1)) if told else Q(**{f"{path}__isnull": False})


def _every(parts: list[Q]) -> Q:
    whole = Q()
    for part in parts:
        whole &= part
    return whole


def _some(parts: list[Q]) -> Q:
    """Any of ``parts``; none of nothing. An empty ``Q`` among them holds always."""
    if any(not part for part in parts):
        return Q()
    whole = _NEVER
    for part in parts:
        whole = part if whole is _NEVER else whole | part
    return whole


def _joined(parts: list[Q], path: str) -> Q:
    """Any of ``parts``; as one IN where all are plain equalities."""
    plain = [part.children[0] for part in parts if part is not _NEVER and len(part) == 1]
    if len(parts) > 1 and len(plain) == len(parts) and all(isinstance(one, tuple) and one[0] == path for one in plain):
        return Q(**{f"{path}__in": [one[1] for one in plain if isinstance(one, tuple)]})
    return _some(parts)
