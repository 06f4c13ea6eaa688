"""The one place where forms ask the condition language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.engines.filters import memory
from kefu.engines.forms.definition import Definition, Field, Gate, Section, Tree

MOST = 2000
_read: dict[int, tuple[Tree, memory.Ask]] = {}


def holds(tree: Tree | None, facts: Mapping[str, Any]) -> bool:
    """Whether a condition is true of ``facts``; no condition is always true."""
    if not tree:
        return True
    return _asked(tree)(facts)


def _asked(tree: Tree) -> memory.Ask:
    """The condition, read once as long as its definition is held: nobody changes a definition."""
    held = _read.get(id(tree))
    if held is None or held[0] is not tree:
        if len(_read) >= MOST:
            _read.clear()
        held = _read[id(tree)] = (tree, memory.compiled(tree))
    return held[1]


def shown(definition: Definition, data: Mapping[str, Any], facts: Mapping[str, Any]) -> set[str]:
    """The codes of the fields that show now. A hidden field counts as empty for those after it, so there is never a ring."""
    known: dict[str, Any] = {**facts, **data}
    visible: set[str] = set()
    for section in definition.sections:
        open_section = holds(section.show_when, known)
        for field in section.fields:
            if open_section and holds(field.show_when, known):
                visible.add(field.code)
            else:
                known.pop(field.code, None)
    return visible


def shows_section(section: Section, visible: set[str]) -> bool:
    return any(field.code in visible for field in section.fields)


def column_shows(column: Field, row: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    return column.show_when is None or holds(column.show_when, {**facts, **row})


def open_gates(definition: Definition, data: Mapping[str, Any], facts: Mapping[str, Any], *, blocks: str | None = None) -> list[Gate]:
    """The gates that hold something back now (those of one moment, if ``blocks`` names it)."""
    known = {**facts, **data}
    return [gate for gate in definition.gates if blocks in (None, gate.blocks) and holds(gate.when, known)]
