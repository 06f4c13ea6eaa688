"""How fields fall into the rows of the paper form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Wide(Protocol):
    @property
    def wide(self) -> bool: ...


One = TypeVar("One", bound=Wide)


def rows(fields: Sequence[One], columns: int) -> list[list[tuple[One, int]]]:
    """Fields with the number of label-value pairs they span: wide ones take a row of their own, the last of a row takes what is left."""
    found: list[list[tuple[One, int]]] = []
    row: list[tuple[One, int]] = []
    for one in fields:
        if one.wide:
            _close(found, row, columns)
            row = []
            found.append([(one, columns)])
            continue
        row.append((one, 1))
        if len(row) == columns:
            found.append(row)
            row = []
    _close(found, row, columns)
    return found


def _close(found: list[list[tuple[One, int]]], row: list[tuple[One, int]], columns: int) -> None:
    if row:
        last, _width = row[-1]
        row[-1] = (last, columns - len(row) + 1)
        found.append(row)
