"""Take the next number."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

_PREFIX = re.compile(r"^[A-Z]{1,8}$")
_BUMP = (
    "INSERT INTO numbering_counter (prefix, value) VALUES (%s, %s) "
    "ON CONFLICT (prefix) DO UPDATE SET value = numbering_counter.value + %s RETURNING value"
)


def take(prefix: str, at: datetime) -> str:
    """The next number of ``prefix`` (capitals), e.g. ``GD20261122000042``: prefix, day in the centre's time zone, running count."""
    return take_many(prefix, at, 1)[0]


def take_many(prefix: str, at: datetime, count: int) -> list[str]:
    """``count`` numbers at once, for imports."""
    if not _PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is no prefix")
    values = _from_sequence(prefix, count) if connection.vendor == "postgresql" else _from_counter(prefix, count)
    day = timezone.localtime(at).strftime("%Y%m%d")
    return [f"{prefix}{day}{value:06d}" for value in values]


def _from_counter(prefix: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [prefix, count, count])
        last: int = cursor.fetchone()[0]
    return list(range(last - count + 1, last + 1))


def _from_sequence(prefix: str, count: int) -> list[int]:
    try:
        with transaction.atomic():
            return _next_values(prefix, count)
    except ProgrammingError:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS numbering_{prefix.lower()}")
        return _next_values(prefix, count)


def _next_values(prefix: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"numbering_{prefix.lower()}", count])
        return [row[0] for row in cursor.fetchall()]
