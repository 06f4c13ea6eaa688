"""Writes that are made at every request: their SQL is built once a model in the process, then only bound and run.

The counterpart of ``hot.py``. What is written is what ``bulk_create`` and ``filter(pk=...).update`` would write: the same columns, values
prepared by the same fields, inside the caller's transaction, under the same constraints. Columns that the database itself fills
(``db_default``) are left to it. Neither sends signals; Kefu has none.

    prepared.insert([Event(...), Event(...)])          # one statement; the rows get their keys
    prepared.update(Contact, pk, outcome="order")      # the answer says whether the row was there
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Field, Model
from django.db.models.base import ModelState

from kefu.kit import driven

# What such fields are given goes to the driver as it is, if it is of a plain type; all others ask their field.
_PLAIN_FIELDS = (
    models.CharField, models.TextField, models.IntegerField, models.BigIntegerField, models.PositiveSmallIntegerField,
    models.PositiveIntegerField, models.BooleanField, models.ForeignKey, models.OneToOneField, models.BigAutoField,
)  # fmt: skip
_PLAIN_TYPES = frozenset((str, int, bool))
_JSON_TYPES = frozenset((dict, list))
_PLAIN_WORD = re.compile(r"[a-z_]*")
_AT_ONCE, _MANY = 25, 100  # each number of rows is a statement of its own, kept for the life of the process: up to the first, or the last
_M = TypeVar("_M", bound=Model)
Prepare = Callable[[Any], Any]
_Columns = list[tuple[bool, Prepare]]


def insert(rows: Sequence[Model], *, keyed: bool | None = None) -> None:
    """Insert new rows of one model in one statement (of many rows: as many as need be); a key that the database gives is set on each,
    unless they have theirs already. Where they go ``together`` with others (``driven``), it is set at the end, and only if ``keyed``;
    where they are ``flowing`` and ``keyed`` is False, never."""
    if not rows:
        return
    if len(rows) > _AT_ONCE and len(rows) != _MANY:
        first = _MANY if len(rows) > _MANY else _AT_ONCE
        insert(rows[:first], keyed=keyed)
        insert(rows[first:], keyed=keyed)
        return
    model = type(rows[0])
    statement, read, columns, key = _insertion(model, len(rows), driven.vendor(), rows[0].pk is not None, _told(rows))
    values = [value for row in rows for value in _bound(list(read(row)), columns)]

    def take(keys: list[Any]) -> None:
        for row, found in zip(rows, keys, strict=True):
            setattr(row, key, found)

    given = driven.write(statement, values, take if key and keyed else None, wanted=bool(key) and keyed is not False)
    if key and isinstance(given, list):
        take([found[0] for found in given])
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def made(model: type[_M], **values: Any) -> _M:
    """``model(**values)`` for a row to be inserted, values by ``attname`` (``subject_id``): a constructor asks each field at length.

    What is not given gets its default, and is written as such by ``insert`` without being bound, which is dear on PostgreSQL: so name here
    what will be set later. Not for models whose fields compute something when they are set.
    """
    one = model.__new__(model)
    state = one._state = ModelState()
    held = one.__dict__
    fixed, computed = _defaults(model)
    held.update(fixed)
    for name, default in computed:
        held[name] = default()
    if not values.keys() <= held.keys():
        raise TypeError(f"{model.__name__} has no {sorted(values.keys() - held.keys())}")
    held.update(values)
    state.told = tuple(values)  # type: ignore[attr-defined]
    return one


@lru_cache(maxsize=500)
def _defaults(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """The attributes of a new row with their values, and those whose value is computed."""
    fixed: dict[str, Any] = {}
    computed: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            computed.append((field.attname, field.default))
        else:
            fixed[field.attname] = field.get_default()
    return fixed, computed


def _told(rows: Sequence[Model]) -> tuple[str, ...] | None:
    """The attributes that ``made`` was told for each of these rows, if all others are as it left them: those need no binding."""
    told: tuple[str, ...] | None = getattr(rows[0]._state, "told", None)
    if told is None:
        return None
    left = _left(type(rows[0]), told)
    for row in rows:
        if getattr(row._state, "told", None) != told:
            return None
        held = row.__dict__
        for name, default in left:
            if held[name] is not default:
                return None
    return told


@lru_cache(maxsize=500)
def _left(model: type[Model], told: tuple[str, ...]) -> list[tuple[str, Any]]:
    """The attributes that keep a default which can stand in the statement itself."""
    return [(name, default) for name, default in _defaults(model)[0].items() if name not in told and _literal(default)]


def _literal(value: Any) -> str:
    """A default as it stands in a statement; "" for one that must be bound."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if value.__class__ is int:
        return str(value)
    return f"'{value}'" if isinstance(value, str) and _PLAIN_WORD.fullmatch(value) else ""


def update(model: type[Model], pk: int, **values: Any) -> bool:
    """Write these columns (by ``attname``: ``agent_id``) of one row; whether it was there (``driven.together`` holds that it is)."""
    statement, columns = _updating(model, tuple(values), driven.vendor())
    return driven.write(statement, [*_bound(list(values.values()), columns), pk]) != 0


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
def _insertion(
    model: type[Model], count: int, _vendor: str, keyed: bool, told: tuple[str, ...] | None
) -> tuple[driven.Text, Callable[[Any], tuple[Any, ...]], _Columns, str]:
    """The statement for ``count`` rows, how a row is read and bound, and the attribute of a key that the database gives."""
    quote = connection.ops.quote_name
    meta = model._meta
    left = {} if told is None else dict(_left(model, told))
    key = meta.pk if isinstance(meta.pk, models.AutoField) and not keyed else None
    fields = [field for field in meta.concrete_fields if field is not key and field.db_default is models.NOT_PROVIDED]
    bound = [field for field in fields if field.attname not in left]
    one = f"({', '.join('%s' if field in bound else _literal(left[field.attname]) for field in fields)})"
    sql = f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(field.column) for field in fields)}) VALUES {', '.join([one] * count)}"
    if key is not None:
        sql += f" RETURNING {quote(key.column)}"
    return (
        driven.Text(sql, gives=quote(key.column) if key else ""),
        attrgetter(*[field.attname for field in bound]),
        [_column(field) for field in bound],
        key.attname if key else "",
    )


@lru_cache(maxsize=500)
def _updating(model: type[Model], names: tuple[str, ...], _vendor: str) -> tuple[driven.Text, _Columns]:
    quote = connection.ops.quote_name
    meta = model._meta
    known: dict[str, Field[Any, Any]] = {field.attname: field for field in meta.concrete_fields}
    fields = [known[name] for name in names]
    told = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    sql = f"UPDATE {quote(meta.db_table)} SET {told} WHERE {quote(meta.pk.column)} = %s"
    return driven.Text(sql, changes=True), [_column(field) for field in fields]


def _writer(zone: tzinfo | None) -> Callable[[datetime], str]:
    """As Django's ``adapt_datetimefield_value`` writes a time on SQLite."""
    last: tuple[datetime | None, str] = (None, "")

    def written(at: datetime) -> str:
        nonlocal last
        known, text = last
        if at is not known:  # most times of a statement are the same moment
            text = str(at if at.tzinfo is None else at.astimezone(zone).replace(tzinfo=None))
            last = at, text
        return text

    return written


def _column(field: Field[Any, Any]) -> tuple[bool, Prepare]:
    """Whether plain values go to the driver as they are, and how all others do."""
    asked = field.get_db_prep_save
    if type(field) is models.DateTimeField:
        # A time in words is read by its field; one that is a time already only takes the form of the database.
        written = _writer(connection.timezone) if driven.vendor() == "sqlite" else connection.ops.adapt_datetimefield_value
        return False, lambda at: written(at) if isinstance(at, datetime) else asked(at, driven.held())
    if type(field) is models.JSONField and field.encoder is None:
        written_json = json.dumps if driven.vendor() == "sqlite" else _as_jsonb
        return False, lambda value: written_json(value) if value.__class__ in _JSON_TYPES else asked(value, driven.held())
    return type(field) in _PLAIN_FIELDS, lambda value: asked(value, driven.held())


def _as_jsonb(value: Any) -> str:
    """As Django binds it, but written by the quicker writer: the database keeps the value, not the spelling."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        # Whole numbers beyond 64 bits, keys that are no words, half characters: spelt, or refused, as everywhere else.
        return json.dumps(value)
