"""Writes that are made at every request: their SQL is built once a model in the process, then only bound and run.

The counterpart of ``hot.py``. What is written is what ``bulk_create`` and ``filter(pk=...).update`` would write: the same columns, values
prepared by the same fields, inside the caller's transaction, under the same constraints. Columns that the database itself fills
(``db_default``) are left to it. Neither sends signals; Kefu has none.

    prepared.insert([Event(...), Event(...)])          # one statement; the rows get their keys
    prepared.update(Contact, pk, outcome="order")      # the answer says whether the row was there
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.db.models import Field, Model

# What such fields are given goes to the driver as it is, if it is of a plain type; all others ask their field.
_PLAIN_FIELDS = (
    models.CharField, models.TextField, models.IntegerField, models.BigIntegerField, models.PositiveSmallIntegerField,
    models.PositiveIntegerField, models.BooleanField, models.ForeignKey, models.OneToOneField, models.BigAutoField,
)  # fmt: skip
_PLAIN_TYPES = frozenset((str, int, bool))
Prepare = Callable[[Any], Any]
_Columns = list[tuple[bool, Prepare]]


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in one statement; a key that the database gives is set on each."""
    if not rows:
        return
    model = type(rows[0])
    sql, read, columns, key = _insertion(model, len(rows), connection.vendor)
    values = [value for row in rows for value in _bound(list(read(row)), columns)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        given = cursor.fetchall() if key else ()
    for row, (pk,) in zip(rows, given, strict=bool(key)):
        setattr(row, key, pk)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update(model: type[Model], pk: int, **values: Any) -> bool:
    """Write these columns (by ``attname``: ``agent_id``) of one row; whether it was there."""
    sql, columns = _updating(model, tuple(values), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*_bound(list(values.values()), columns), pk])
        return bool(cursor.rowcount)


def save(row: Model, *names: str) -> None:
    """Write these fields of a row as they stand on it."""
    known = _attributes(type(row))
    update(type(row), row.pk, **{known[name]: getattr(row, known[name]) for name in names})


@lru_cache(maxsize=500)
def _attributes(model: type[Model]) -> dict[str, str]:
    """Where the value of a field stands, by its name or by that itself (``agent``, ``agent_id``: ``agent_id``)."""
    return {name: field.attname for field in model._meta.concrete_fields for name in (field.name, field.attname)}


def _bound(values: list[Any], columns: _Columns) -> list[Any]:
    """The values as the driver takes them."""
    for place, (plain, prepare) in enumerate(columns):
        value = values[place]
        if value is not None and not (plain and value.__class__ in _PLAIN_TYPES):
            values[place] = prepare(value)
    return values


@lru_cache(maxsize=500)
def _insertion(model: type[Model], count: int, _vendor: str) -> tuple[str, Callable[[Any], tuple[Any, ...]], _Columns, str]:
    """The statement for ``count`` rows, how a row is read and bound, and the attribute of a key that the database gives."""
    quote = connection.ops.quote_name
    meta = model._meta
    key = meta.pk if isinstance(meta.pk, models.AutoField) else None
    fields = [field for field in meta.concrete_fields if field is not key and field.db_default is models.NOT_PROVIDED]
    one = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(field.column) for field in fields)}) VALUES {', '.join([one] * count)}"
    if key is not None:
        sql += f" RETURNING {quote(key.column)}"
    return sql, attrgetter(*[field.attname for field in fields]), [_column(field) for field in fields], key.attname if key else ""


@lru_cache(maxsize=500)
def _updating(model: type[Model], names: tuple[str, ...], _vendor: str) -> tuple[str, _Columns]:
    quote = connection.ops.quote_name
    meta = model._meta
    known: dict[str, Field[Any, Any]] = {field.attname: field for field in meta.concrete_fields}
    fields = [known[name] for name in names]
    told = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {told} WHERE {quote(meta.pk.column)} = %s", [_column(field) for field in fields]


def _column(field: Field[Any, Any]) -> tuple[bool, Prepare]:
    """Whether plain values go to the driver as they are, and how all others do."""
    asked = field.get_db_prep_save
    if type(field) is models.DateTimeField:
        # A time in words is read by its field; one that is a time already only takes the form of the database.
        return False, lambda at: connection.ops.adapt_datetimefield_value(at) if isinstance(at, datetime) else asked(at, connection)
    return type(field) in _PLAIN_FIELDS, lambda value: asked(value, connection)
