"""Very many rows at once: COPY on PostgreSQL, prepared inserts on SQLite. For made-up data only: it trusts its values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction

from kefu.engines.search import store

Row = Sequence[Any]
Packed = str | list[Row]
"""The rows of a table as its database takes them: lines for COPY, or the rows themselves."""

_CLOCK = [f" {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(86400)]
# A kill loses no acknowledged batch with this; only a power cut may, and made-up orders can be made again.
_CACHE = "PRAGMA cache_size=-400000; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;"


class Writer:
    """One connection, told how to write values as its database wants them. Text must hold no tab, line break or backslash."""

    def __init__(self) -> None:
        self.copies = connection.vendor == "postgresql"
        self.null: Any = r"\N" if self.copies else None
        self.true: Any = "t" if self.copies else 1
        self._days: dict[int, str] = {}
        self._sums: dict[str, int] = {}

    def stamp(self, seconds: int) -> str:
        """A time, given in seconds since 1970; in UTC, as the connection is."""
        day = seconds // 86400
        text = self._days.get(day)
        if text is None:
            text = self._days[day] = _day(day)
        return text + _CLOCK[seconds % 86400]

    def json(self, value: Any) -> str:
        """A JSON value as Django stores it."""
        text = json.dumps(value)
        return text.replace("\\", "\\\\") if self.copies else text

    def reserve(self, count: int) -> int:
        """The first of ``count`` subject ids that nobody else gets."""
        with transaction.atomic(), connection.cursor() as cursor:
            if not self.copies:
                cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = 'timeline_subject' RETURNING seq", [count])
                row = cursor.fetchone()
                if row is None:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('timeline_subject', %s)", [count])
                return int(row[0]) - count + 1 if row else 1
            cursor.execute("LOCK TABLE timeline_subject IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(
                "SELECT setval(s, greatest(nextval(s), (SELECT coalesce(max(id), 0) + 1 FROM timeline_subject)) + %s) - %s "
                "FROM pg_get_serial_sequence('timeline_subject', 'id') s",
                [count, count],
            )
            return int(cursor.fetchone()[0])

    def keyed(self, pieces: Iterable[str]) -> Any:
        """Pieces of search as ``pack_pieces`` takes them, so that those of a sentence are made ready once."""
        if not self.copies:
            return " ".join(pieces)
        sums = self._sums
        found = []
        for piece in pieces:
            known = sums.get(piece)
            if known is None:
                if len(sums) > 500_000:
                    sums.clear()
                known = sums[piece] = store.era_keys(0, [piece])[0]
            found.append(known)
        return tuple(found)

    def pack_pieces(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> Packed:
        """``store.put`` for new documents in order of their ids; each with what ``keyed`` gave for its parts."""
        if not self.copies:
            return [(pk, " ".join(parts)) for pk, parts in rows]
        lines = []
        for pk, parts in rows:
            high = (pk // store.ERA) << 32
            lines.append(f"{pk}\t{{{','.join([str(high | one) for part in parts for one in part])}}}\n")
        return "".join(lines)

    def write_pieces(self, packed: Packed) -> None:
        if isinstance(packed, str):
            _copy("search_pieces (subject_id, pieces)", packed)
        else:
            connection.connection.executemany("INSERT INTO search_pieces (rowid, pieces) VALUES (?, ?)", packed)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Around all batches: what slows many writes down waits until the end."""
        if self.copies:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = off")
                cursor.execute("SET maintenance_work_mem = '512MB'")
        else:
            connection.ensure_connection()
            connection.connection.executescript(_CACHE)
            _hash_size(64)
        try:
            yield
        finally:
            if not self.copies:
                _hash_size(1)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            connection.close()


def _hash_size(megabytes: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_pieces (search_pieces, rank) VALUES ('hashsize', %s)", [megabytes * 1024 * 1024])


def _day(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _copy(target: str, lines: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as out:
        out.write(lines)


class Table:
    """The rows of one model: ``columns`` are given row by row, every other column gets its default."""

    def __init__(self, writer: Writer, model: type[models.Model], columns: str) -> None:
        self.writer = writer
        given = columns.split()
        fields = {field.attname: field for field in model._meta.concrete_fields}
        constants: dict[str, Any] = {}
        for name, field in fields.items():
            optional = field.null or isinstance(field, models.AutoField) or field.db_default is not models.NOT_PROVIDED
            if name not in given and not optional:
                value = field.get_db_prep_save(field.get_default(), connection)
                constants[field.column] = getattr(value, "obj", value)
        self.columns = [fields[name].column for name in given] + list(constants)
        self.table = model._meta.db_table
        self._line, self._insert = self._templates(len(given), list(constants.values()))

    def _templates(self, given: int, constants: list[Any]) -> tuple[str, str]:
        copied = [self._copied(value).replace("%", "%%") for value in constants]
        line = "\t".join(["%s"] * given + copied) + "\n"
        literal = [self._literal(value) for value in constants]
        insert = f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({', '.join(['?'] * given + literal)})"
        return line, insert

    @staticmethod
    def _copied(value: Any) -> str:
        if isinstance(value, bool):
            return "t" if value else "f"
        return json.dumps(value) if isinstance(value, (dict, list)) else str(value)

    @staticmethod
    def _literal(value: Any) -> str:
        if isinstance(value, (bool, int, float)):
            return str(int(value) if isinstance(value, bool) else value)
        return "'" + str(value).replace("'", "''") + "'"

    def pack(self, rows: Iterable[Row]) -> Packed:
        """The rows, ready to be written; needs no connection."""
        if not self.writer.copies:
            return list(rows)
        line = self._line
        return "".join([line % tuple(row) for row in rows])

    def write(self, packed: Packed) -> None:
        """Inside the batch's transaction."""
        if isinstance(packed, str):
            _copy(f"{self.table} ({', '.join(self.columns)})", packed)
        else:
            connection.connection.executemany(self._insert, packed)
