"""Take the next number."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kefu.kit import driven

_PREFIX = re.compile(r"^[A-Z]{1,8}$")
_SEQUENCE = re.compile(r"^numbering_[a-z]{1,8}$")
_BUMP = (
    "INSERT INTO numbering_counter (prefix, value) VALUES (%s, %s) "
    "ON CONFLICT (prefix) DO UPDATE SET value = numbering_counter.value + %s RETURNING value"
)
_NEXT = driven.Text("SELECT CASE WHEN to_regclass(%s) IS NOT NULL THEN nextval(to_regclass(%s)) END FROM generate_series(1, %s)")
_MAKING = 0x6B656675_0001


def take(prefix: str, at: datetime) -> str:
    """The next number of ``prefix`` (capitals), e.g. ``GD20261122000042``: prefix, day in the centre's time zone, running count."""
    return take_many(prefix, at, 1)[0]


def take_many(prefix: str, at: datetime, count: int) -> list[str]:
    """``count`` numbers at once, for imports."""
    if not _PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is no prefix")
    values = _from_sequence(prefix, count) if driven.vendor() == "postgresql" else _from_counter(prefix, count)
    day = timezone.localtime(at).strftime("%Y%m%d")
    return [f"{prefix}{day}{value:06d}" for value in values]


def _from_counter(prefix: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [prefix, count, count])
        last: int = cursor.fetchone()[0]
    return list(range(last - count + 1, last + 1))


def _from_sequence(prefix: str, count: int) -> list[int]:
    values = _next_values(prefix, count)
    if None in values:
        with transaction.atomic(), connection.cursor() as cursor:
            # "If not exists" does not hold between two transactions that both make it: the second waits here for the end of the first.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS numbering_{prefix.lower()}")
        values = _next_values(prefix, count)
    return values


def _next_values(prefix: str, count: int) -> list[Any]:
    """Nothing (``None``) where the sequence was never made: an error would end the caller's transaction."""
    name = f"numbering_{prefix.lower()}"
    with driven.asked(_NEXT, [name, name, count]) as cursor:
        return [row[0] for row in cursor.fetchall()]


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
