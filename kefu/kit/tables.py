"""What a list page shows: its columns. The rows come as ``.values()`` mappings or ``.values_list()`` tuples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from kefu.kit import show
from kefu.kit.errors import Text

_DRAWN: dict[str, Any] = {
    "stamp": show.stamp,
    "short_stamp": show.short_stamp,
    "day": show.day,
    "number": show.number,
    "percent": show.percent,
    "span": show.span,
}
_RIGHT = {"number", "percent", "span"}


@dataclass(frozen=True)
class Column:
    """One column.

    ``key`` reaches the value in a row (a name, or a position in a tuple). ``kind`` is text, stamp, short_stamp, day, number, percent, span,
    or "own": then the page draws the cell in the ``{% call(row, column) %}`` of ``paged_table``. ``optional`` columns start hidden,
    ``fixed`` ones cannot be hidden. ``unit`` stands in the head behind the label. ``width`` is a CSS length.
    """

    key: str | int
    label: Text
    kind: str = "text"
    unit: Text = ""
    width: str = ""
    fixed: bool = False
    optional: bool = False

    @property
    def right(self) -> bool:
        """Whether figures stand here, aligned right."""
        return self.kind in _RIGHT

    @property
    def name(self) -> str:
        return str(self.key)


def cell(row: Any, column: Column) -> str:
    """The text of a cell; ``--`` where nothing is stored."""
    held: Any = row
    value = held[column.key] if isinstance(row, (dict, tuple, list)) else getattr(row, column.name)
    if value is None or value == "":
        return show.MISSING
    drawn = _DRAWN.get(column.kind)
    if drawn is not None:
        return str(drawn(value))
    if isinstance(value, (str, Promise)):
        return str(value)
    return show.number(value) if isinstance(value, float) else str(value)


def row_id(row: Any) -> Any:
    """The id of a row: ``row["id"]``, ``row.id`` or the first of a tuple."""
    if isinstance(row, (tuple, list)):
        return row[0]
    return row["id"] if isinstance(row, dict) else row.id


GLOBALS: dict[str, Any] = {"cell": cell, "row_id": row_id}
