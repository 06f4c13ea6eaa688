"""Reports as Excel files. Cells hold values, never formulas; every sheet says who took it out and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.insight.reports.queries import Card, Line, Month, Table
from kefu.kit import moment, show
from kefu.people.actor import Actor

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST = 32_000


def harmless(value: Any) -> Any:
    """Text that no program takes for a formula, also after the sheet was saved as CSV; numbers as they are."""
    if not isinstance(value, str):
        return value
    text = value[:_LONGEST]
    return f"'{text}" if text.startswith(_DANGEROUS) else text


class Book:
    """One workbook under construction."""

    def __init__(self, actor: Actor) -> None:
        import xlsxwriter  # needed by few processes, so not loaded by each

        self.out = BytesIO()
        self.book = xlsxwriter.Workbook(
            self.out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        )
        self.head = self.book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1, "text_wrap": True, "valign": "top"})
        self.text = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.formats = {"share": self.book.add_format({"num_format": "0.0%"}), "count": self.book.add_format({"num_format": "#,##0"})}
        self.faint = self.book.add_format({"font_color": "#808080", "italic": True})
        self.mark = watermark(actor)

    def sheet(self, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int] = ()) -> None:
        """A sheet with a head, its rows and the mark. A cell may be (value, format)."""
        page = self.book.add_worksheet(name[:31])
        page.freeze_panes(1, 0)
        page.set_footer("&L" + self.mark.replace("&", "&&") + "&R&P / &N")
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        for column, label in enumerate(head):
            page.write_string(0, column, str(harmless(label)), self.head)
        line = 0
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                self._write(page, line, column, cell)
        page.write_string(line + 2, 0, self.mark, self.faint)

    def _write(self, page: Any, line: int, column: int, cell: Any) -> None:
        value, form = cell if isinstance(cell, tuple) else (cell, "")
        if value is None or value == "":
            return
        if isinstance(value, bool):
            page.write_string(line, column, _("Yes") if value else _("No"), self.text)
        elif isinstance(value, (int, float)):
            page.write_number(line, column, value, self.formats.get(form))
        else:
            told = show.stamp(value) if isinstance(value, datetime) else value.isoformat() if isinstance(value, date) else str(value)
            page.write_string(line, column, str(harmless(told)), self.text)

    def done(self) -> bytes:
        self.book.close()
        return self.out.getvalue()


def watermark(actor: Actor) -> str:
    """Who took the table out, and when."""
    at = timezone.localtime(moment.now()).strftime("%Y-%m-%d %H:%M:%S")
    return _("Taken out by %(number)s %(name)s at %(at)s. For internal use only.") % {"number": actor.number, "name": actor.name, "at": at}


def _figures(unit: str, line: Line) -> list[Any]:
    over, under = float(line.figure.numerator), float(line.figure.denominator)
    return [(line.value, unit), (line.value_before, unit), line.change, over, under]


def _card(one: Card) -> list[Any]:
    found = one.measure
    unit = "share" if found.unit == "share" and found.variant != "URGE-2" else found.unit
    return [str(found.name), *_figures(unit, one.line), found.variant, str(found.definition), " ".join(found.clauses)]


def _table(one: Table) -> Iterable[list[Any]]:
    unit = "count" if one.split.shows == "count" else one.measure.unit
    for line in one.lines:
        yield [str(one.split.title), line.name, *_figures(unit, line), one.measure.variant]


def month_file(actor: Actor, made: Month, note: str = "") -> bytes:
    """The month: its figures with definitions, and its tables. Aggregates only, nobody is named in it."""
    book = Book(actor)
    now, before = made.period.code, made.period.previous().code
    numbers = [now, before, _("Difference"), _("Numerator"), _("Denominator"), _("Formula")]
    cards = [_card(one) for one in (*made.complaints, *made.service)]
    if note:
        cards.append([note])
    book.sheet(now, [_("Measure"), *numbers, _("Definition"), _("Clauses")], cards, (26, 12, 12, 12, 12, 12, 12, 70, 30))
    book.sheet(
        _("Tables"), [_("Table"), _("Item"), *numbers], (row for one in made.tables for row in _table(one)), (26, 36, 12, 12, 12, 12, 12)
    )
    book.sheet(_("Days"), [_("Day"), _("Complaints")], made.day_rows, (14, 12))
    return book.done()


def day_file(actor: Actor, day: date, head: Sequence[tuple[str, str]], rows: Iterable[dict[str, Any]]) -> bytes:
    """The day work record; ``head`` gives the columns (code, label)."""
    book = Book(actor)
    lines = ([row[code] for code, _label in head] for row in rows)
    book.sheet(day.isoformat(), [label for _code, label in head], lines, [18] * len(head))
    return book.done()
