"""The pieces: FTS5 without content on SQLite, an array with a GIN index on PostgreSQL."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = ("CREATE VIRTUAL TABLE search_pieces USING fts5(pieces, content='', detail=none, columnsize=0, tokenize='ascii')",)
POSTGRESQL = (
    "CREATE TABLE search_pieces (subject_id bigint PRIMARY KEY, pieces bigint[] NOT NULL)",
    "CREATE INDEX search_pieces_pieces ON search_pieces USING gin (pieces) WITH (fastupdate = off)",
)


def make(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def undo(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    editor.execute("DROP TABLE search_pieces")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(make, undo)]
