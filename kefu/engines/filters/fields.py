"""Which fields of a kind of record may be asked for. Capabilities declare them as ``FILTER_FIELDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from django.db.models import Q

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

Kind = Literal["text", "number", "date", "datetime", "choice", "bool", "unit", "staff", "path"]
Choices = Callable[[], list[tuple[Any, Any]]]
QFactory = Callable[[str, Any, datetime], Q]

_EMPTY = ("empty", "not_empty")
_LINE = ("eq", "ne", "lt", "le", "gt", "ge", "between")
OPS_OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("contains", "starts", "eq", "ne", "in", "not_in", *_EMPTY),
        "number": (*_LINE, "in", "not_in", *_EMPTY),
        "date": ("within", *_LINE, *_EMPTY),
        "datetime": ("within", *_LINE, *_EMPTY),
        "choice": ("in", "not_in", "eq", "ne", *_EMPTY),
        "bool": ("eq", *_EMPTY),
        "unit": ("under", "eq", "ne", "in", "not_in", *_EMPTY),
        "staff": ("eq", "ne", "in", "not_in", *_EMPTY),
        "path": ("under", "eq", "ne", "in", "not_in", *_EMPTY),
    }
)


@dataclass(frozen=True)
class FieldSpec:
    """One field.

    ``path`` is the ORM path of the column ("subject__title"; for ``unit`` the column with the unit *path*, for ``staff`` the id), or a
    function ``(op, value, at) -> Q`` for what is no plain column. ``choices()`` gives (code, name) pairs. ``integer`` says that numbers or
    choice codes are whole numbers in the database. ``ops`` narrows the comparisons offered.
    """

    code: str
    name: Text
    kind: Kind
    path: str | QFactory
    choices: Choices | None = None
    integer: bool = False
    ops: tuple[str, ...] = ()

    @property
    def allowed_ops(self) -> tuple[str, ...]:
        return self.ops or OPS_OF_KIND[self.kind]


@dataclass(frozen=True)
class FieldSet:
    """The fields of one subject kind.

    ``rows(actor)`` is the capability's ``visible_to`` and ``columns`` the plain columns shown of a row, for previews; ``right`` opens them.
    ``facts`` are the codes that rules may test: the capability's ``facts_of`` gives them for a record.
    """

    kind: str
    fields: tuple[FieldSpec, ...]
    rows: Callable[[Any], Any] | None = None
    columns: tuple[str, ...] = ()
    right: str = ""
    facts: tuple[str, ...] = ()

    @property
    def by_code(self) -> dict[str, FieldSpec]:
        more = [field for one in further_fields if one.kind == self.kind for field in one.fields]
        return {field.code: field for field in (*self.fields, *more)}


@dataclass(frozen=True)
class FurtherFields:
    """What another capability (``code``) lets people ask for of the records of ``kind``."""

    code: str
    kind: str
    fields: tuple[FieldSpec, ...]


further_fields: Registry[FurtherFields] = Registry("further filter fields", lambda one: f"{one.kind}/{one.code}")
field_sets: Registry[FieldSet] = Registry("filter field set", lambda one: one.kind)


def fields_of(kind: str) -> dict[str, FieldSpec]:
    """The declared fields of a kind by code; empty if none are declared."""
    found = field_sets.get(kind)
    return found.by_code if found else {}
