"""The answers as an Excel file in the columns of the hotline. Cells hold values, never formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

from kefu.kit import show
from kefu.touch.channels.hotline.choices import Role

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def _head() -> list[tuple[str, int]]:
    return [
        (_("Number of the hotline"), 22), (_("Redo round"), 10), (_("Category of the hotline"), 16), (_("We are"), 10), (_("Unit"), 18),
        (_("Answer"), 70), (_("Result"), 12), (_("The caller was told"), 14), (_("Told at"), 18), (_("Reported at"), 18),
        (_("Reported by"), 14),
    ]  # fmt: skip


def _line(row: dict[str, Any]) -> Sequence[Any]:
    told = show.stamp(row["spoken_at"]) if row["spoken_at"] else ""
    return [
        row["order__number"], row["round"], row["order__category"], Role(row["order__role"]).label, row["unit"], row["text"],
        row["solved_name"], row["spoken_name"], told, show.stamp(row["at"]), row["by__name"],
    ]  # fmt: skip


def _harmless(value: Any) -> str:
    """Text that no program takes for a formula, also after the sheet was saved as CSV."""
    text = str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def answers_file(rows: Iterable[dict[str, Any]]) -> bytes:
    """One sheet; the numbers of orders are texts, since Excel rounds numbers past fifteen digits."""
    import xlsxwriter  # needed by few processes, so not loaded by each

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, text = book.add_format({"bold": True, "border": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    page = book.add_worksheet("12345")
    page.freeze_panes(1, 0)
    for column, (label, width) in enumerate(_head()):
        page.set_column(column, column, width)
        page.write_string(0, column, label, bold)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(_line(row)):
            page.write_string(line, column, _harmless(value), text)
    book.close()
    return out.getvalue()
