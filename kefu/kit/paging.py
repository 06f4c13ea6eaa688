"""Keyset pages: a page is found by the key where the last one ended, so its cost does not grow with depth."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from kefu.kit.errors import Invalid
from kefu.kit.values import MAX_ID

MAX_SIZE = 200
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of rows; ``next`` is the cursor of the page after it, or None at the end."""

    rows: list[T]
    next: str | None


def encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def decode(cursor: str, size: int) -> list[Any]:
    """The key values in ``cursor``; raises ``Invalid`` for anything this system did not write."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != size or any(isinstance(v, (dict, list)) or _oversize(v) for v in values):
        raise Invalid(code="bad_cursor")
    return values


def _oversize(value: Any) -> bool:
    """Whether no row can be found by it, since no database holds such a number."""
    return isinstance(value, int) and abs(value) > MAX_ID


def after(query: QuerySet[Any, Any], *, keys: tuple[str, ...], cursor: str | None) -> QuerySet[Any, Any]:
    """``query`` ordered by ``keys`` ("-id" is descending) and cut to what follows ``cursor``. The keys must be unique together."""
    query = query.order_by(*keys)
    if not cursor:
        return query
    values = decode(cursor, len(keys))
    try:
        condition = Q()
        equal = Q()
        parts = [(key.lstrip("-"), "lt" if key.startswith("-") else "gt", value) for key, value in zip(keys, values, strict=True)]
        for name, way, value in parts:
            condition |= equal & Q(**{f"{name}__{way}": value})
            equal &= Q(**{name: value})
        name, way, value = parts[0]
        if len(parts) > 1:  # follows from the rest, but is what an index can begin at
            condition &= Q(**{f"{name}__{way}e": value})
        return query.filter(condition)
    except (ValueError, TypeError) as error:
        raise Invalid(code="bad_cursor") from error


def cut(rows: list[T], *, size: int, key: Any) -> Page[T]:
    """A page from ``size + 1`` fetched rows; ``key(row)`` gives the list of key values."""
    if len(rows) <= size:
        return Page(rows, None)
    rows = rows[:size]
    return Page(rows, encode(key(rows[-1])))


def next_url_of(request: HttpRequest, cursor: str | None) -> str:
    """The address of this list at ``cursor`` (parameter "after"), the filters kept; "" at the end."""
    if not cursor:
        return ""
    given = {**dict(request.GET.lists()), "after": [cursor]}
    return f"{request.path}?{urlencode(given, doseq=True)}"
