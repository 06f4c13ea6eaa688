"""What can be imported: capabilities declare it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class Column:
    """One column of the target. ``heads`` are further heads by which it is guessed; ``sample`` fills the template."""

    code: str
    label: Text
    heads: tuple[str, ...] = ()
    required: bool = False
    sample: str = ""


class Row(NamedTuple):
    """One row of the file: the line where it stands, and the values by column code (texts)."""

    line: int
    values: dict[str, str]


class Fault(NamedTuple):
    """What is wrong in one row: a code of ``ImportKind.faults`` and the values for its places."""

    line: int
    column: str
    code: str
    values: Mapping[str, Any] = {}


@dataclass
class Written:
    """How many rows were created, changed, and found as they were."""

    created: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True)
class ImportKind:
    """A kind of record that can be imported.

    ``check(batch, seen)`` names the faults of a batch; ``seen`` is kept from batch to batch. ``write(actor, batch, written)`` writes a
    checked batch inside the one transaction of the import and counts in ``written``. ``faults`` are the words of what ``check`` finds.
    """

    code: str
    name: Text
    right: str
    columns: tuple[Column, ...]
    check: Callable[[list[Row], dict[str, Any]], Iterable[Fault]]
    write: Callable[[Any, list[Row], Written], None]
    faults: Mapping[str, Text]
    by_code: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {one.code: one for one in self.columns})


import_kinds: Registry[ImportKind] = Registry("import", lambda one: one.code)
