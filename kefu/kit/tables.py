"""What a list page shows: its columns. The rows come as ``.values()`` mappings or ``.values_list()`` tuples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
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
    or "own": then ``draw`` gives the cell of a row, or ``drawing`` what draws the cells of one table (what passes with time is asked once),
    or the page draws it in the ``{% call(row, column) %}`` of ``paged_table``.
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
    drawing: Callable[[], Callable[[Any], Any]] | None = None

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


class Columns(tuple[Column, ...]):
    """The columns of a list in one language, and what was drawn for them once and stands around every row."""

    patterns: dict[tuple[Any, ...], str]

    def __new__(cls, columns: Iterable[Column]) -> Columns:
        made = super().__new__(cls, columns)
        made.patterns = {}
        return made

    @staticmethod
    def by_language(build: Callable[[], Iterable[Column]]) -> Callable[[], Columns]:
        """``build`` gives the columns in the active language, and nothing that passes with time; asked once a language."""
        held: dict[str | None, Columns] = {}

        def columns() -> Columns:
            language = get_language()
            known = held.get(language)
            if known is None:
                known = held[language] = Columns(build())
            return known

        return columns


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
    asked = (row_url, row_drawer, link_key, live, row_live_url, bool(batch))
    pattern = columns.patterns.get(asked) if isinstance(columns, Columns) else None
    if pattern is None:
        pattern = _pattern(columns, *asked)
        if isinstance(columns, Columns):
            columns.patterns[asked] = pattern
    cells = [_drawer(column, draw) for column in columns]
    drawn = [pattern.replace("{id}", _id_text(row)) % tuple([one(row) for one in cells]) for row in rows]
    return Markup("".join(drawn))  # noqa: S704 - every value above is escaped


def _id_text(row: Any) -> str:
    known = row_id(row)
    return str(known) if known.__class__ is int else _percent(escaped(known))


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _pattern(columns: Sequence[Column], row_url: str, drawer: bool, link_key: Any, live: str, live_url: str, tick: bool) -> str:
    """A row with ``{id}`` where its id stands and ``%s`` where its cells stand."""
    link = columns[0].key if link_key is None else link_key
    url = escaped(row_url)
    opened = f' hx-get="{url}" hx-target="#drawer" hx-swap="innerHTML" hx-push-url="false"' if drawer else ""
    before, after = _percent(f'<a class="row-link" href="{url}"{opened}>'), "</a></td>"
    parts = [_percent(_row_head(row_url, f"{live}:{{id}}" if live and live_url else "", live_url, tick=tick))]
    for place, column in enumerate(columns):
        leads = bool(row_url) and column.key == link
        parts += (_percent(_cell_head(column, place)), before if leads else "", "%s", after if leads else "</td>")
    return "".join([*parts, "</tr>\n"])


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


def _drawer(column: Column, draw: Draw | None) -> Callable[[Any], str]:
    """What draws the cells of a column, escaped."""
    if column.kind == "own":
        own = column.drawing() if column.drawing is not None else column.draw
        if own is not None:
            return lambda row: escaped(own(row))
        if draw is not None:
            return lambda row: escaped(draw(row, column))
    if isinstance(column.key, str) and column.kind in ("text", "short_stamp"):
        return _plain(column.key) if column.kind == "text" else _stamped(column.key)
    return lambda row: escaped(cell(row, column))


def _plain(key: str) -> Callable[[Any], str]:
    def drawn(row: Any) -> str:
        value = row[key] if row.__class__ is dict else getattr(row, key)
        if value is None or value == "":
            return show.MISSING
        return escaped(value if value.__class__ is str else text_of(value))

    return drawn


def _stamped(key: str) -> Callable[[Any], str]:
    zone = timezone.get_current_timezone()
    return lambda row: show.short_stamp(row[key] if row.__class__ is dict else getattr(row, key), zone)


def heads_html(columns: Sequence[Column]) -> Markup:
    """The ``<th>`` of a table."""
    known = columns.patterns.get(("heads",)) if isinstance(columns, Columns) else None
    drawn = known if known is not None else "".join([_head(column) for column in columns])
    if known is None and isinstance(columns, Columns):
        columns.patterns["heads",] = drawn
    return Markup(drawn)  # noqa: S704 - every value is escaped


def _head(column: Column) -> str:
    told = " data-fixed" * column.fixed + " data-optional" * column.optional + ' class="num"' * column.right
    if column.width:
        told += f' style="width:{escaped(column.width)}"'
    unit = f" ({escaped(column.unit)})" if column.unit else ""
    return f'<th scope="col" data-column="{escaped(column.name)}"{told}>{escaped(column.label)}{unit}</th>'


GLOBALS: dict[str, Any] = {"cell": cell, "row_id": row_id, "rows_html": rows_html, "heads_html": heads_html}
