"""On PostgreSQL the index of the pieces takes the documents of a statement together (store.py sorts them in)."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def change(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER INDEX IF EXISTS search_pieces_pieces RESET (fastupdate)")


def undo(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER INDEX IF EXISTS search_pieces_pieces SET (fastupdate = off)")


class Migration(migrations.Migration):
    dependencies = [("search", "0004_packed_as_they_are")]
    operations = [migrations.RunPython(change, undo)]
