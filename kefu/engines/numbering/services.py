"""Take the next number."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from kefu.kit import driven

_PREFIX = re.compile(r"^[A-Z]{1,8}$")
_LETTERS = re.compile(r"^[A-Z]{1,2}$")
_SEQUENCE = re.compile(r"^numbering_[a-z]{1,8}$")
_BUMP = driven.Text(
    "INSERT INTO numbering_counter (prefix, value) VALUES (%s, %s) "
    "ON CONFLICT (prefix) DO UPDATE SET value = numbering_counter.value + %s RETURNING value"
)
_NEXT = driven.Text("SELECT CASE WHEN to_regclass(%s) IS NOT NULL THEN nextval(to_regclass(%s)) END FROM generate_series(1, %s)")
_MAKING = 0x6B656675_0001


def take(prefix: str, at: datetime) -> str:
    """The next number of ``prefix`` (capitals), e.g. ``GD20261122000042``: prefix, day in the centre's time zone, running count."""
    return take_many(prefix, at, 1)[0]


def take_with_key(model: type[Model], prefix: str, at: datetime) -> tuple[str, int | None]:
    """``take``, and on PostgreSQL the key of the next row of ``model`` with it: a row whose key is known can be written ``together`` with
    those that point to it. ``None`` where the key comes with the row."""
    if driven.vendor() == "sqlite":
        return take(prefix, at), None
    value, key = _from_sequence(prefix, _keyed(model), [])[0]
    return _written(prefix, at, value), key


def take_many(prefix: str, at: datetime, count: int) -> list[str]:
    """``count`` numbers at once, for imports."""
    if driven.vendor() == "sqlite":
        last: int = driven.fetched(_BUMP, [_checked(prefix), count, count])[0][0]
        values = list(range(last - count + 1, last + 1))
    else:
        values = [row[0] for row in _from_sequence(prefix, _NEXT, [count])]
    return [_written(prefix, at, value) for value in values]


def _checked(prefix: str) -> str:
    if not _PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is no prefix")
    return prefix


def _written(prefix: str, at: datetime, value: int) -> str:
    return f"{prefix}{timezone.localtime(at).strftime('%Y%m%d')}{value:06d}"


def _from_sequence(prefix: str, text: driven.Text, more: list[Any]) -> list[tuple[Any, ...]]:
    name = f"numbering_{_checked(prefix).lower()}"
    rows = driven.fetched(text, [name, name, *more])
    # Nothing where the sequence was never made: an error would end the caller's transaction.
    if rows[0][0] is None:
        with transaction.atomic(), connection.cursor() as cursor:
            # "If not exists" does not hold between two transactions that both make it: the second waits here for the end of the first.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name}")
        rows = driven.fetched(text, [name, name, *more])
    return rows


@lru_cache(maxsize=50)
def _keyed(model: type[Model]) -> driven.Text:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', model._meta.pk.column])
        keys = cursor.fetchone()[0]
    return driven.Text(f"SELECT CASE WHEN to_regclass(%s) IS NOT NULL THEN nextval(to_regclass(%s)) END, nextval('{keys}')")


def sequences() -> dict[str, int]:
    """On PostgreSQL: the last number taken of each sequence, by its name (for a backup; the rows of a table do not hold it)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences "
            "WHERE schemaname = current_schema() AND sequencename LIKE 'numbering\\_%%' AND last_value IS NOT NULL"
        )
        return dict(cursor.fetchall())


def set_sequences(last: dict[str, int]) -> None:
    """Go on after these numbers; what stands higher here already stays, since a number is never given twice."""
    here = sequences()
    for name, value in last.items():
        if not _SEQUENCE.match(name):
            raise ValueError(f"{name!r} is no sequence of numbers")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name}")
            cursor.execute("SELECT setval(%s::regclass, %s)", [name, max(value, here.get(name, 1))])


def take_of_day(letters: str, at: datetime) -> int:
    """The next number of a day, from 1 on: what is called out at a counter. Who takes one waits for who took one before and has not
    committed yet, so that no number of the row is missing; fit for a door, not for orders."""
    if not _LETTERS.match(letters):
        raise ValueError(f"{letters!r} is no counter")
    value: int = driven.fetched(_BUMP, [f"{letters}{timezone.localtime(at):%y%m%d}", 1, 1])[0][0]
    return value
