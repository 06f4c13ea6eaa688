"""Named sources of choices, so that a schema may say ``asked(title, choices="units")`` without knowing who gives the units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

Pairs = Sequence[tuple[Any, Text]]
Give = Callable[[Any, int | None], Pairs]


@dataclass(frozen=True)
class ChoiceSource:
    """``give(actor, id)`` answers with (value, label) pairs; ``id`` is the record the form is about, None for a new one.

    ``src`` is an address that answers ``?q=`` with options, for lists too long to be drawn at once; "{id}" in it is the record.
    ``give`` then gives the first of them, and ``named(actor, values)`` what is chosen, so that a form that comes back still shows it.
    """

    code: str
    give: Give
    src: str = ""
    named: Callable[[Any, Iterable[Any]], Pairs] | None = None


choice_sources: Registry[ChoiceSource] = Registry("source of choices", lambda source: source.code)


@dataclass(frozen=True)
class ChoiceFamily:
    """Sources with an argument: "list:order.return_reasons" asks the family "list" for ``of("order.return_reasons")``."""

    code: str
    of: Callable[[str], ChoiceSource]


choice_families: Registry[ChoiceFamily] = Registry("family of choices", lambda family: family.code)


def source_of(code: str) -> ChoiceSource:
    """The declared source, or one of a family; raises ``KeyError`` for an undeclared code."""
    family, colon, rest = code.partition(":")
    return choice_families[family].of(rest) if colon else choice_sources[code]
