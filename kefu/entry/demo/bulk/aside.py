"""Indexes and foreign keys put aside while very many rows are loaded, and made again at the end: sorted once instead of kept in order.

What was put aside stands in a table of its own until it is back, written in the transaction that drops it: a load that is killed leaves
nothing forgotten, the next ``kefu demo --orders`` goes on and ends with everything in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connection, transaction

from kefu.engines.search import store

_TABLE = "demo_aside"
_SQLITE = (
    "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
    "AND tbl_name IN (SELECT value FROM json_each(%s)) ORDER BY name"
)
_POSTGRESQL = (
    "WITH asked AS (SELECT (value::regclass)::oid AS id FROM json_array_elements_text(%s::json)) "
    "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname), "
    "format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)) "
    "FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT id FROM asked) "
    "UNION ALL SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index "
    "WHERE indrelid IN (SELECT id FROM asked) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
)


def put(tables: Sequence[str]) -> None:
    """Take the indexes and foreign keys of ``tables`` away, for ``bring_back``."""
    wanted = '["' + '", "'.join(tables) + '"]'
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (place integer PRIMARY KEY, statement text NOT NULL)")
        cursor.execute(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE, [wanted])
        found = cursor.fetchall()
        cursor.execute(f"SELECT coalesce(max(place), 0) FROM {_TABLE}")
        last = cursor.fetchone()[0]
        for place, (drop, make) in enumerate(found, last + 1):
            cursor.execute(f"INSERT INTO {_TABLE} (place, statement) VALUES (%s, %s)", [place, make])
            cursor.execute(drop)
    store.put_index_aside()


def waits() -> bool:
    """Whether something is still put aside."""
    return _TABLE in connection.introspection.table_names()


def bring_back(progress: Callable[[int, int], None]) -> None:
    """Make again what was put aside, one transaction each; ``progress`` hears how many of how many."""
    with connection.cursor() as cursor:
        # Foreign keys were noted first and come last: checking them reads the indexes.
        cursor.execute(f"SELECT place, statement FROM {_TABLE} ORDER BY place DESC")
        found = cursor.fetchall()
    for turn, (place, statement) in enumerate(found):
        progress(turn, len(found))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute(f"DELETE FROM {_TABLE} WHERE place = %s", [place])
    progress(len(found), len(found))
    store.bring_index_back()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {_TABLE}")
