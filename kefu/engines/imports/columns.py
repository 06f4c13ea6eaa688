"""Which column of a file is which: guessed from its head, changed by the person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from kefu.engines.imports import tables
from kefu.engines.imports.registry import Column, ImportKind, Row
from kefu.kit.asking import english
from kefu.kit.errors import Invalid

Mapping_ = Mapping[str, int]
PREVIEW = 8


def plain(head: str) -> str:
    """A head as it is compared: small letters, no blanks, no marks, no remark in brackets."""
    text = unicodedata.normalize("NFKC", head).lower()
    text = re.sub(r"[(（\[].*?[)）\]]", "", text)
    return re.sub(r"[\W_]+", "", text)


def _fits(column: Column, head: str) -> bool:
    names = {column.code, english(column.label), str(column.label), *column.heads}
    return plain(head) in {plain(name) for name in names}


def guess(kind: ImportKind, heads: list[str]) -> dict[str, int]:
    """Column code to place in the file; the first head that fits counts."""
    found: dict[str, int] = {}
    taken: set[int] = set()
    for column in kind.columns:
        for place, head in enumerate(heads):
            if place not in taken and _fits(column, head):
                found[column.code] = place
                taken.add(place)
                break
    return found


def heads_of(file: BinaryIO) -> list[str]:
    """The first line. Raises ``Unreadable``."""
    for _number, cells in tables.lines(file):
        return cells
    raise tables.Unreadable(_("The file is empty."))


def checked(kind: ImportKind, mapping: Mapping[str, int]) -> dict[str, int]:
    """A mapping that names every needed column once. Raises ``Invalid`` naming the columns."""
    kept = {code: place for code, place in mapping.items() if code in kind.by_code and 0 <= place < tables.MAX_COLUMNS}
    wrong = {one.code: _("Choose the column of the file.") for one in kind.columns if one.required and one.code not in kept}
    places = list(kept.values())
    wrong |= {code: _("This column is chosen twice.") for code, place in kept.items() if places.count(place) > 1}
    if wrong:
        raise Invalid(fields=dict(wrong))
    return kept


def rows(file: BinaryIO, mapping: Mapping[str, int]) -> Iterator[Row]:
    """The rows below the head, by column code."""
    head = True
    for number, cells in tables.lines(file):
        if head:
            head = False
            continue
        values = {code: cells[place] if place < len(cells) else "" for code, place in mapping.items()}
        if any(values.values()):
            yield Row(number, values)
