"""The database's driver asked straight, for the few statements of every request.

Django's cursor costs more than the statement where a statement is short: it wraps, watches and on PostgreSQL binds in the client. Here a
connection keeps one cursor of its driver, which has learned how each type is written, and its statements carry the driver's own marks.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_MARK = re.compile(r"(?<!%)%s")


class _Here(threading.local):
    connection: Any = None


_here = _Here()


def held() -> Any:
    """This thread's connection. Django's own way to it is long, and it is asked forty times for one order."""
    found = _here.connection
    if found is None:
        found = _here.connection = connections[DEFAULT_DB_ALIAS]
    return found


@lru_cache(maxsize=1)
def vendor() -> str:
    """``sqlite`` or ``postgresql``: one for the life of the process, and asked far too often to go through the connection."""
    return connections[DEFAULT_DB_ALIAS].vendor


class Text:
    """A statement with ``%s`` at its places, and as the driver itself writes them. ``changes`` says that it must change one row, ``gives``
    names the column that it returns."""

    __slots__ = ("changes", "gives", "own", "sql")

    def __init__(self, sql: str, *, changes: bool = False, gives: str = "") -> None:
        self.sql, self.changes, self.gives = sql, changes, gives
        self.own: str | bytes = ""


def _own(sql: str) -> str | bytes:
    if vendor() == "sqlite":
        return _MARK.sub("?", sql).replace("%%", "%")
    places = count(1)
    return _MARK.sub(lambda _mark: f"${next(places)}", sql).replace("%%", "%").encode()


@contextmanager
def asked(text: Text, bound: list[Any]) -> Iterator[Any]:
    """The cursor of a statement that has run. What it found is read before the next statement runs."""
    here = held()
    if here.queries_logged or here.execute_wrappers:
        # Somebody watches the statements: Django's cursor tells them.
        with here.cursor() as cursor:
            cursor.execute(text.sql, bound)
            yield cursor
        return
    here.ensure_connection()
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        yield _ran(here, text, bound)


def fetched(text: Text, bound: list[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    here = held()
    if here.queries_logged or here.execute_wrappers:
        with asked(text, bound) as cursor:
            watched: list[tuple[Any, ...]] = cursor.fetchall()
            return watched
    here.ensure_connection()
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        found: list[tuple[Any, ...]] = _ran(here, text, bound).fetchall()
        return found


_Later = tuple[Text, list[Any], Callable[[list[Any]], None] | None]


@contextmanager
def together() -> Iterator[None]:
    """On PostgreSQL the ``write``s made inside go to the database as one statement at the end.

    Seven ways there and back are a fifth of what opening an order costs. Keys that the database gives are not known before the end, and
    then to those alone who asked. Nothing inside may read what was written inside, and which statement comes first is the affair of the
    database.

    Raises ``RuntimeError`` if a row that was to be changed was not there. On SQLite, and while statements are watched, each goes at once.
    """
    here = held()
    if vendor() == "sqlite" or here.queries_logged or here.execute_wrappers or getattr(here, "kefu_later", None) is not None:
        yield
        return
    later: list[_Later] = []
    here.kefu_later = later
    try:
        yield
    finally:
        here.kefu_later = None
    if later:
        texts = tuple((text, take is not None) for text, _bound, take in later)
        changed, *given = fetched(_joined(texts), [value for _text, bound, _take in later for value in bound])[0]
        if changed != sum(text.changes for text, _bound, _take in later):
            raise RuntimeError("a row that was to be changed is not there")
        for take, keys in zip([take for _text, _bound, take in later if take], given, strict=True):
            take(keys)


@contextmanager
def flowing() -> Iterator[None]:
    """On PostgreSQL a ``write`` inside whose answer is not ``wanted`` is sent, and the next one made meanwhile: the database works through
    what was sent, in order. Everything else is answered as ever, after what was sent before it.

    An error comes with the next answer that is waited for, at the latest at the end: whoever undoes the work holds its transaction outside
    of this. On SQLite, while statements are watched, and with a library of PostgreSQL before 14, each is answered at once.
    """
    here = held()
    if vendor() == "sqlite" or here.queries_logged or here.execute_wrappers or getattr(here, "kefu_flow", None) is not None:
        yield
        return
    import psycopg

    here.ensure_connection()
    if not psycopg.Pipeline.is_supported():
        yield
        return
    with here.wrap_database_errors, here.connection.pipeline() as flow:
        here.kefu_flow = flow
        try:
            yield
        finally:
            here.kefu_flow = None


def write(
    text: Text, bound: list[Any], take: Callable[[list[Any]], None] | None = None, *, wanted: bool = True
) -> list[tuple[Any, ...]] | int | None:
    """Run a statement that writes: the rows that it returns, or how many it changed. ``None`` if it goes ``together`` with others; then
    ``take`` is called at the end with what it gives. ``None``, too, if it is sent ``flowing`` and its answer not ``wanted``."""
    here = held()
    later: list[_Later] | None = getattr(here, "kefu_later", None)
    if later is not None:
        later.append((text, bound, take))
        return None
    flow = getattr(here, "kefu_flow", None)
    if flow is not None and not (here.queries_logged or here.execute_wrappers):
        return _sent(here, flow, text, bound, wanted=wanted or text.changes)
    with asked(text, bound) as cursor:
        return cursor.fetchall() if cursor.description else cursor.rowcount  # type: ignore[no-any-return]


def _sent(here: Any, flow: Any, text: Text, bound: list[Any], *, wanted: bool) -> list[tuple[Any, ...]] | int | None:
    """A statement of a flow. Each has a cursor of its own, which holds its answer until that is read."""
    here.validate_no_broken_transaction()
    cursor = _cursor(here.connection).execute(_own_of(text), bound)
    if not wanted:
        return None
    if text.gives:
        return cursor.fetchall()  # type: ignore[no-any-return]
    flow.sync()
    return cursor.rowcount  # type: ignore[no-any-return]


@lru_cache(maxsize=500)
def _joined(texts: tuple[tuple[Text, bool], ...]) -> Text:
    parts = [f"w{place} AS ({text.sql}{' RETURNING 1' if text.changes else ''})" for place, (text, _wanted) in enumerate(texts)]
    counted = [f"(SELECT count(*) FROM w{place})" for place, (text, _wanted) in enumerate(texts) if text.changes]
    given = [f", (SELECT array_agg({text.gives}) FROM w{place})" for place, (text, wanted) in enumerate(texts) if wanted]
    return Text(f"WITH {', '.join(parts)} SELECT {' + '.join(counted) or '0'}{''.join(given)}")


def _own_of(text: Text) -> str | bytes:
    own = text.own
    if not own:
        own = text.own = _own(text.sql)
    return own


def _ran(here: Any, text: Text, bound: list[Any]) -> Any:
    own = _own_of(text)
    if here.vendor == "sqlite":
        return here.connection.execute(own, bound)
    kept = here.__dict__.get("kefu_cursor")
    if kept is None or kept.connection is not here.connection:
        kept = here.kefu_cursor = _cursor(here.connection)
    return kept.execute(own, bound)


def _cursor(connection: Any) -> Any:
    """Binds at the server, where a statement asked again and again is planned once; its places are ``$1``, ``$2``, so nothing is parsed."""
    from psycopg import RawCursor

    return RawCursor(connection)
