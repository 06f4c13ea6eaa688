"""Reading tables row by row, in bounded memory: Excel (.xlsx) and CSV in UTF-8 or GB18030 with comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 200_000, 100, 4000
MAX_UNPACKED = 200 * 1024 * 1024
SAMPLE = 64 * 1024
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, SyntaxError, TypeError, AttributeError)
Line = tuple[int, list[str]]


class Unreadable(Invalid):
    code = "unreadable_table"
    text = _("This file cannot be read as a table. Save it as .xlsx or as CSV (UTF-8 or GB18030) and try again.")


class TooLong(Invalid):
    code = "too_many_rows"
    text = _("At most %(most)d rows fit in one file. Split it.")


def lines(file: BinaryIO) -> Iterator[Line]:
    """The lines that are not empty, each with its number in the file (from 1). Raises ``Unreadable``, ``TooLong``."""
    file.seek(0)
    excel = file.read(4) == b"PK\x03\x04"
    file.seek(0)
    count = 0
    for number, cells in _excel(file) if excel else _csv(file):
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            count += 1
            if count > MAX_ROWS + 1:
                raise TooLong(most=MAX_ROWS)
            yield number, cells


def _cell(value: Any) -> str:
    """A cell as text: whole numbers without ".0" (phones and customer numbers), days as yyyy-mm-dd."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.replace("\x00", "").strip()[:MAX_CELL]


@contextmanager
def _unreadable() -> Iterator[None]:
    try:
        yield
    except Invalid:
        raise
    except _BROKEN as error:
        raise Unreadable() from error


def _excel(file: BinaryIO) -> Iterator[Line]:
    from openpyxl import load_workbook  # with what it takes along a fifth of all that a starting process would load

    with _unreadable():
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise Unreadable()
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            # Some programs write a wrong size into the sheet; without one the rows are read as they come.
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
                yield number, [_cell(value) for value in row]
        except IndexError as error:
            raise Unreadable() from error
        finally:
            book.close()


def encoding_of(head: bytes, *, whole: bool) -> str:
    """How a CSV file is written. Raises ``Unreadable`` for none of the usual ways."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for name in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(name)()
        try:
            decoder.decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        return name
    raise Unreadable()


def _csv(file: BinaryIO) -> Iterator[Line]:
    head = file.read(SAMPLE)
    name = encoding_of(head, whole=len(head) < SAMPLE)
    if name != "utf-16" and b"\x00" in head:
        raise Unreadable()
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=name, newline="", errors="strict")
    try:
        with _unreadable():
            first = text.readline(SAMPLE)
            text.seek(0)
            reader = csv.reader(text, delimiter=max(",;\t", key=first.count))
            for cells in reader:
                yield reader.line_num, [_cell(value) for value in cells[:MAX_COLUMNS]]
    except csv.Error as error:
        raise Unreadable() from error
    finally:
        text.detach()
