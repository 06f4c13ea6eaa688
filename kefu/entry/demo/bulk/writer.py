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
_CLOCK = [f" {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(86400)]
_CACHE = "PRAGMA cache_size=-400000; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF;"


class Writer:
    """One connection, told how to write values as its database wants them. Text must hold no tab, line break or backslash."""

    def __init__(self) -> None:
        self.copies = connection.vendor == "postgresql"
        self.null: Any = r"\N" if self.copies else None
        self.true: Any = "t" if self.copies else 1
        self._zone = "+00" if self.copies else ""
        self._days: dict[int, str] = {}

    def stamp(self, seconds: int) -> str:
        """A time, given in seconds since 1970."""
        day = seconds // 86400
        text = self._days.get(day)
        if text is None:
            text = self._days[day] = _day(day)
        return text + _CLOCK[seconds % 86400] + self._zone

    def json(self, value: Any) -> str:
        """A JSON value as Django stores it."""
        text = json.dumps(value)
        return text.replace("\\", "\\\\") if self.copies else text

    def reserve(self, count: int) -> int:
        """The first of ``count`` subject ids that nobody else gets; inside the batch's transaction."""
        with connection.cursor() as cursor:
            if not self.copies:
                cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM timeline_subject")
                return int(cursor.fetchone()[0])
            cursor.execute("LOCK TABLE timeline_subject IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(
                "SELECT setval(s, greatest(nextval(s), (SELECT coalesce(max(id), 0) + 1 FROM timeline_subject)) + %s) - %s "
                "FROM pg_get_serial_sequence('timeline_subject', 'id') s",
                [count, count],
            )
            return int(cursor.fetchone()[0])

    @contextmanager
    def batch(self) -> Iterator[None]:
        with transaction.atomic():
            yield

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
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO search_pieces (search_pieces, rank) VALUES ('hashsize', %s)", [64 * 1024 * 1024])
        try:
            with store.loading():
                yield
        finally:
            if not self.copies:
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO search_pieces (search_pieces, rank) VALUES ('hashsize', %s)", [1024 * 1024])
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            connection.close()


def _day(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


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

    def write(self, rows: Iterable[Row]) -> None:
        if not self.writer.copies:
            connection.connection.executemany(self._insert, rows)
            return
        line = self._line
        with connection.cursor() as cursor, cursor.copy(f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN") as out:
            out.write("".join([line % tuple(row) for row in rows]))


def put_pieces(writer: Writer, rows: Iterable[tuple[int, list[str]]], sums: dict[str, int]) -> None:
    """``store.put`` for new documents in order of their ids; ``sums`` keeps what a piece's key is made of from batch to batch."""
    if not writer.copies:
        connection.connection.executemany(
            "INSERT INTO search_pieces (rowid, pieces) VALUES (?, ?)", ((pk, " ".join(pieces)) for pk, pieces in rows)
        )
        return
    lines = []
    for pk, pieces in rows:
        era = pk // store.ERA
        high = era << 32
        for piece in pieces:
            if piece not in sums:
                sums[piece] = store.era_keys(0, [piece])[0]
        lines.append(f"{pk}\t{{{','.join([str(high | sums[piece]) for piece in pieces])}}}\n")
    with connection.cursor() as cursor, cursor.copy("COPY search_pieces (subject_id, pieces) FROM STDIN") as out:
        out.write("".join(lines))
    if len(sums) > 500_000:
        sums.clear()
