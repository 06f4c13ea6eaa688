"""What a list page shows: its columns. The rows come as ``.values()`` mappings or ``.values_list()`` tuples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from markupsafe import Markup

from kefu.kit import show
from kefu.kit.errors import Text
from kefu.kit.escaping import escaped
from kefu.kit.language import texts

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
    or "own": then ``draw`` gives the cell of a row, or the page draws it in the ``{% call(row, column) %}`` of ``paged_table``.
    ``optional`` columns start hidden, ``fixed`` ones cannot be hidden.
    ``unit`` stands in the head behind the label. ``width`` is a CSS length.
    """

    key: str | int
    label: Text
    kind: str = "text"
    unit: Text = ""
    width: str = ""
    fixed: bool = False
    optional: bool = False
    draw: Callable[[Any], Markup] | None = None

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
    return text_of(value)


def text_of(value: Any) -> str:
    """A value that has no kind of its own."""
    if isinstance(value, (str, Promise)):
        return str(value)
    return show.number(value) if isinstance(value, float) else str(value)


def row_id(row: Any) -> Any:
    """The id of a row: ``row["id"]``, ``row.id`` or the first of a tuple."""
    if isinstance(row, (tuple, list)):
        return row[0]
    return row["id"] if isinstance(row, dict) else row.id


Draw = Callable[[Any, Column], Any]


def rows_html(
    columns: Sequence[Column],
    rows: Iterable[Any],
    row_url: str = "",
    row_drawer: bool = False,
    link_key: str | int | None = None,
    live: str = "",
    row_live_url: str = "",
    batch: Sequence[Any] = (),
    draw: Draw | None = None,
) -> Markup:
    """The ``<tr>`` of a table (see components/paged_table.html). Written here: a list draws thousands of cells."""
    head = _row_head(row_url, f"{live}:{{id}}" if live and row_live_url else "", row_live_url, tick=bool(batch))
    link = columns[0].key if link_key is None else link_key
    cells = [
        (_cell_head(column, place), _drawer(column, draw), bool(row_url) and column.key == link) for place, column in enumerate(columns)
    ]
    opened = ' hx-get="{url}" hx-target="#drawer" hx-swap="innerHTML" hx-push-url="false"' if row_drawer else ""
    anchor = f'<a class="row-link" href="{{url}}"{opened}>'
    target = escaped(row_url)
    parts: list[str] = []
    for row in rows:
        pk = escaped(row_id(row))
        parts.append(head.replace("{id}", pk))
        for start, drawn, leads in cells:
            text = escaped(drawn(row))
            parts += (start, anchor.replace("{url}", target.replace("{id}", pk)), text, "</a></td>") if leads else (start, text, "</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 - every value above is escaped


def _row_head(row_url: str, live: str, live_url: str, *, tick: bool) -> str:
    """The beginning of every row, ``{id}`` where its id stands."""
    leads = f' data-href="{escaped(row_url)}"' if row_url else ""
    follows = f' data-live="{escaped(live)}" hx-get="{escaped(live_url)}" hx-trigger="live" hx-swap="outerHTML"' if live else ""
    _ = texts()
    label = escaped(_("Select"))
    box = f'<td class="w-1"><input class="form-check-input m-0" type="checkbox" name="id" value="{{id}}" aria-label="{label}"></td>'
    return f'<tr id="row-{{id}}"{leads}{follows}>' + (box if tick else "")


def _cell_head(column: Column, place: int) -> str:
    look = "num" if column.right else "clip" if column.kind == "text" else "text-nowrap" if column.kind != "own" else ""
    label = f' data-label="{escaped(column.label)}"' if place else ""
    return f'<td data-column="{escaped(column.name)}"{label} class="{look}"{" data-optional" if column.optional else ""}>'


def _drawer(column: Column, draw: Draw | None) -> Callable[[Any], Any]:
    """What draws the cells of a column."""
    if column.kind == "own" and column.draw is not None:
        return column.draw
    if column.kind == "own" and draw is not None:
        return lambda row: draw(row, column)
    if isinstance(column.key, str) and column.kind in ("text", "short_stamp"):
        return _plain(column.key) if column.kind == "text" else _stamped(column.key)
    return lambda row: cell(row, column)


def _plain(key: str) -> Callable[[Any], Any]:
    def drawn(row: Any) -> Any:
        value = row[key] if row.__class__ is dict else getattr(row, key)
        if value is None or value == "":
            return show.MISSING
        return value if value.__class__ is str else text_of(value)

    return drawn


def _stamped(key: str) -> Callable[[Any], str]:
    zone = timezone.get_current_timezone()
    return lambda row: show.short_stamp(row[key] if row.__class__ is dict else getattr(row, key), zone)


GLOBALS: dict[str, Any] = {"cell": cell, "row_id": row_id, "rows_html": rows_html}
