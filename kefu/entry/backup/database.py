"""The database in and out of an archive, online: SQLite by its backup interface, PostgreSQL by COPY out of one snapshot."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from kefu.engines.numbering import services as numbering
from kefu.entry.backup.archive import Damaged, Writer

SQLITE_MEMBER = "database/kefu.sqlite3"


def migrations() -> list[str]:
    """What is applied, as ``app.name``."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def save(writer: Writer) -> None:
    """Add the database as it stands at one instant; nobody has to stop working."""
    writer.manifest["vendor"] = connection.vendor
    if connection.vendor == "sqlite":
        writer.manifest["migrations"] = migrations()
        _save_sqlite(writer)
    else:
        _save_postgresql(writer)


def _save_sqlite(writer: Writer) -> None:
    source = connection.settings_dict["NAME"]
    descriptor, name = tempfile.mkstemp(prefix=".backup-", dir=Path(source).parent)
    os.close(descriptor)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(name)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        check_sqlite(Path(name))
        writer.add_file(SQLITE_MEMBER, Path(name))
    finally:
        Path(name).unlink()


def check_sqlite(path: Path) -> None:
    """Raises ``Damaged`` unless the file is a whole SQLite database with all references intact."""
    with closing(sqlite3.connect(path)) as opened:
        try:
            said = opened.execute("PRAGMA integrity_check").fetchone()[0]
            loose = opened.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as error:
            raise Damaged(f"the database in it: {error}") from error
    if said != "ok" or loose:
        raise Damaged(f"the database in it: {said if said != 'ok' else f'a loose reference {loose}'}")


def _tables() -> dict[str, list[str]]:
    """Every table with its stored columns (generated ones make themselves)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' GROUP BY table_name"
        )
        return {name: list(columns) for name, columns in cursor.fetchall() if name != "django_migrations"}


def _selected(table: str, column: str) -> str:
    """An event keeps its order, but not the number of a transaction that the other cluster does not know."""
    return "0" if (table, column) == ("timeline_event", "xid") else f'"{column}"'


def _copy_out(statement: str) -> Iterator[bytes]:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy:
            yield bytes(chunk)


def _save_postgresql(writer: Writer) -> None:
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        writer.manifest["migrations"] = migrations()
        tables = writer.manifest["tables"] = _tables()
        for table, columns in tables.items():
            chosen = ", ".join(_selected(table, column) for column in columns)
            writer.add_stream(f"database/{table}.copy", _copy_out(f'COPY (SELECT {chosen} FROM "{table}") TO STDOUT'))
        # Read last: a sequence stands outside the snapshot, and must not be behind the rows.
        writer.manifest["numbering"] = numbering.sequences()


def check(manifest: dict[str, Any], folder: Path) -> None:
    """Whether the unpacked database can be put in here. Raises ``Damaged``."""
    if manifest.get("vendor") != connection.vendor:
        raise Damaged(f"it holds a {manifest.get('vendor')} database, and this installation runs on {connection.vendor}")
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in (loader.disk_migrations or {})}
    if strange := set(manifest["migrations"]) - known:
        raise Damaged(f"it was made by a later version of Kefu (step {sorted(strange)[0]} is unknown here)")
    if connection.vendor == "sqlite":
        check_sqlite(folder / SQLITE_MEMBER)
    elif set(manifest["migrations"]) != set(migrations()):
        raise Damaged("its tables are of another version; install that version, restore, then bring Kefu up to date")


def load_postgresql(manifest: dict[str, Any], folder: Path) -> None:
    """Replace all rows in one transaction: either everything is as saved, or nothing changed."""
    tables: dict[str, list[str]] = manifest["tables"]
    here = _tables()
    if any(set(columns) - set(here.get(table, ())) for table, columns in tables.items()):
        raise Damaged("its tables do not fit the tables here")
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in here))
        for table, columns in tables.items():
            chosen = ", ".join(f'"{column}"' for column in columns)
            with (folder / f"database/{table}.copy").open("rb") as source, cursor.copy(f'COPY "{table}" ({chosen}) FROM STDIN') as copy:
                while chunk := source.read(1024 * 1024):
                    copy.write(chunk)
        _set_sequences(cursor)
        numbering.set_sequences(manifest.get("numbering", {}))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _set_sequences(cursor: Any) -> None:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND (is_identity = 'YES' OR column_default LIKE 'nextval(%%')"
    )
    for table, column in cursor.fetchall():
        cursor.execute(
            f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table}"',
            [f'"{table}"', column],
        )
