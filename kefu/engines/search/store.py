"""The pieces in the database, newest document first. Nothing here grows with the number of documents that hold a piece.

SQLite: an FTS5 table without content; its lists are read from the newest end and left at the limit.
PostgreSQL: a GIN index has to read whole lists, so each piece is kept once an *era* of 8,192 subject numbers (era in the upper half of
the key, CRC-32 of the piece in the lower); eras are asked from the newest back, each a short list, and left at the limit. What one
statement adds waits in the list of the index (``fastupdate``) and is sorted in at its end, a common piece once for all of its documents;
it never stays there, for each era would look through it.
Why, and with which figures: docs/decisions/0006-search.md.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from kefu.kit import driven

ERA = 8192
_FIRST, _MORE = 100, 400
_INDEX = "search_pieces_pieces"
_SORT = f"gin_clean_pending_list(to_regclass('{_INDEX}'))"  # nothing where the index is set aside
_SORT_IN = driven.Text(f"SELECT {_SORT}")
_KEYS = driven.Text(
    "INSERT INTO search_pieces (subject_id, pieces) VALUES (%s, CAST(%s AS bigint[])) "
    f"ON CONFLICT (subject_id) DO UPDATE SET pieces = excluded.pieces RETURNING {_SORT}"
)
_MANY_KEYS = driven.Text(
    "INSERT INTO search_pieces (subject_id, pieces) SELECT told.id, CAST(told.pieces AS bigint[]) "
    "FROM unnest(CAST(%s AS bigint[]), CAST(%s AS text[])) AS told (id, pieces) "
    "ON CONFLICT (subject_id) DO UPDATE SET pieces = excluded.pieces"
)
_NEW = driven.Text("INSERT INTO search_pieces (rowid, pieces) VALUES (%s, %s)")

Row = tuple[int, list[str]]
Change = tuple[int, list[str], list[str]]


def kind_piece(kind: str) -> str:
    """The piece that stands for a kind; longer than any piece of text."""
    return "kind" + "".join(sign for sign in kind if sign.isalnum())


def kind_number(kind: str) -> int:
    """The number that stands for a kind beside ranked texts."""
    return zlib.crc32(kind.encode())


def keys(subject_id: int, pieces: Iterable[str]) -> list[int]:
    """The keys of pieces in the era of a subject."""
    return era_keys(subject_id // ERA, pieces)


def era_keys(era: int, pieces: Iterable[str]) -> list[int]:
    high = era << 32
    return [high | zlib.crc32(piece.encode()) for piece in pieces]


def _listed(subject_id: int, pieces: Iterable[str]) -> str:
    """The keys as PostgreSQL writes a list: the driver asks each of fifty numbers for its type."""
    return "{" + ",".join(map(str, keys(subject_id, pieces))) + "}"


def put(changes: list[Change]) -> None:
    """Store the pieces of documents: (subject id, old pieces, new pieces); no old pieces means new."""
    apart = driven.vendor() == "postgresql"
    if len(changes) == 1 and not changes[0][1]:
        pk, _old, new = changes[0]
        driven.write(_KEYS if apart else _NEW, [pk, _listed(pk, new) if apart else " ".join(new)])
        return
    if apart:
        pieces = [_listed(pk, new) for pk, _old, new in changes]
        driven.write(_MANY_KEYS, [[pk for pk, _old, _new in changes], pieces], wanted=False)
        driven.write(_SORT_IN, [], wanted=False)
        return
    with connection.cursor() as cursor:
        _forget(cursor, [(pk, old) for pk, old, _new in changes if old])
        cursor.executemany(_NEW.sql, [(pk, " ".join(new)) for pk, _old, new in changes])


def drop(rows: list[Row]) -> None:
    """Take documents out: (subject id, its pieces)."""
    with connection.cursor() as cursor:
        if driven.vendor() == "postgresql":
            cursor.execute("DELETE FROM search_pieces WHERE subject_id = ANY(%s)", [[pk for pk, _pieces in rows]])
        else:
            _forget(cursor, rows)


def _forget(cursor: Any, rows: list[Row]) -> None:
    cursor.executemany(
        "INSERT INTO search_pieces (search_pieces, rowid, pieces) VALUES ('delete', %s, %s)",
        [(pk, " ".join(pieces)) for pk, pieces in rows],
    )


def candidates(pieces: list[str], *, before: int | None = None) -> Iterator[list[int]]:
    """Subject ids that hold all ``pieces``, newest first, in batches; ``before`` is the id to go on below."""
    size = _FIRST
    while True:
        found = _postgresql(pieces, before, size) if driven.vendor() == "postgresql" else _sqlite(pieces, before, size)
        if found:
            yield found
        if len(found) < size:
            return
        before, size = found[-1], _MORE


def _sqlite(pieces: list[str], before: int | None, size: int) -> list[int]:
    asked = " ".join(f'"{piece}"' for piece in pieces)
    limit = "AND rowid < %s " if before is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid FROM search_pieces WHERE search_pieces MATCH %s {limit}ORDER BY rowid DESC LIMIT %s",
            [asked, *([before] if before is not None else []), size],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _postgresql(pieces: list[str], before: int | None, size: int) -> list[int]:
    """Era by era from the newest back: the nested loop stops where the limit is reached. ``+ 0`` keeps the planner off the primary key."""
    with connection.cursor() as cursor:
        if before is None:
            cursor.execute("SELECT max(subject_id) FROM search_pieces")
            before = (cursor.fetchone()[0] or 0) + 1
        words = [zlib.crc32(piece.encode()) for piece in pieces]
        cursor.execute(
            "SELECT found.subject_id FROM generate_series(%s::bigint, 0, -1) AS era CROSS JOIN LATERAL ("
            "SELECT subject_id FROM search_pieces WHERE pieces @> "
            "ARRAY[" + ", ".join(["(era << 32) | %s::bigint"] * len(words)) + "] AND subject_id + 0 < %s ORDER BY subject_id + 0 DESC"
            ") AS found LIMIT %s",
            [before // ERA, *words, before, size],
        )
        return [pk for (pk,) in cursor.fetchall()]


def put_index_aside() -> None:
    """Before very many documents are loaded: on PostgreSQL the index is made anew at the end, far quicker."""
    if driven.vendor() == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {_INDEX}")


def bring_index_back() -> None:
    """After very many documents: the index in its best form. Harmless if it is there."""
    with connection.cursor() as cursor:
        if driven.vendor() == "postgresql":
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {_INDEX} ON search_pieces USING gin (pieces)")
            cursor.execute("ANALYZE search_pieces")
        else:
            cursor.execute("INSERT INTO search_pieces (search_pieces) VALUES ('optimize')")
