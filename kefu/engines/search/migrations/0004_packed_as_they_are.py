"""PostgreSQL keeps the packed numbers as they are: opening compressed ones cost more than reading them."""

from typing import Any

from django.db import migrations

_STORAGE = "ALTER TABLE {} ALTER COLUMN {} SET STORAGE {}"
_COLUMNS = (("search_rankedsegment", "places"), ("search_rankedposting", "held"))


def _stored(editor: Any, how: str) -> None:
    if editor.connection.vendor == "postgresql":
        for table, column in _COLUMNS:
            editor.execute(_STORAGE.format(table, column, how))


def plainly(_apps: Any, editor: Any) -> None:
    _stored(editor, "EXTERNAL")


def compressed(_apps: Any, editor: Any) -> None:
    _stored(editor, "EXTENDED")


class Migration(migrations.Migration):
    dependencies = [("search", "0003_ranked")]
    operations = [migrations.RunPython(plainly, compressed)]
