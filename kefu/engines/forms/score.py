"""Scores: weighted share of what applies; a fatal item hit makes it 0; "not applicable" leaves the denominator. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.engines.forms.choices import NOT_APPLICABLE, FieldKind
from kefu.engines.forms.definition import Choice, Definition, Field
from kefu.engines.forms.values import bounds


@dataclass(frozen=True)
class Item:
    """One scored field: ``share`` of its weight that was earned (0 to 1), None while unanswered or not applicable."""

    code: str
    weight: float
    share: float | None
    fatal: bool = False

    @property
    def hit(self) -> bool:
        """A fatal item that was answered with the worst."""
        return self.fatal and self.share == 0


@dataclass(frozen=True)
class Score:
    """``value`` is 0 to 100: 100 x sum(w*s) / sum(w of what applies); None if nothing applies."""

    value: float | None
    weight: float
    items: tuple[Item, ...]

    @property
    def fatal(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items if item.hit)


def score(definition: Definition, data: Mapping[str, Any], shown: set[str] | None = None) -> Score:
    """The score of the answers; fields outside ``shown`` do not apply."""
    items = tuple(
        Item(field.code, field.weight, share(field, data.get(field.code)), field.fatal)
        for field in definition.fields()
        if (field.weight or field.fatal) and (shown is None or field.code in shown)
    )
    counted = [(item.weight, item.share) for item in items if item.share is not None]
    total = sum(weight for weight, _share in counted)
    if any(item.hit for item in items):
        return Score(0.0, total, items)
    if not total:
        return Score(None, 0.0, items)
    return Score(round(100 * sum(weight * part for weight, part in counted) / total, 4), total, items)


def share(field: Field, value: Any) -> float | None:
    """How much of a field's weight an answer earns; None for no answer, "not applicable" and kinds that earn nothing."""
    if value is None or value == NOT_APPLICABLE:
        return None
    if field.kind == FieldKind.YES_NO and isinstance(value, bool):
        return 1.0 if value == field.good else 0.0
    if field.kind == FieldKind.CHOICE:
        return _points(field.choices, value)
    if field.kind in (FieldKind.RATING, FieldKind.SCORE) and isinstance(value, (int, float)):
        low, high = bounds(field)
        if field.kind == FieldKind.RATING or low is None:
            low = min(low or 0, 0) if field.kind == FieldKind.SCORE else 0
        return max(0.0, min(1.0, (value - low) / (high - low))) if high and high > low else None
    return None


def _points(choices: tuple[Choice, ...], value: Any) -> float | None:
    return next((choice.points for choice in choices if choice.code == value), None)


_FORMULA = re.compile(r"(count|sum)\(([a-z0-9_]+)(?:\.([a-z0-9_]+))?\)")


def computed(definition: Definition, data: dict[str, Any], shown: set[str]) -> float | None:
    """Write the computed fields into ``data``; the answer is the score of the form (None if it has no weights)."""
    total = score(definition, data, shown).value
    for field in definition.fields():
        if field.kind == FieldKind.COMPUTED and field.code in shown:
            value = total if field.formula == "score" else _figure(field.formula, data)
            if value is not None:
                data[field.code] = value
    return total


def _figure(formula: str, data: Mapping[str, Any]) -> float | None:
    match = _FORMULA.fullmatch(formula)
    if match is None:
        return None
    what, name, column = match.groups()
    held = data.get(name)
    if what == "count":
        return len(held) if isinstance(held, list) else 0
    if column:
        rows = held if isinstance(held, list) else []
        cells = [row.get(column) for row in rows if isinstance(row, dict)]
    else:
        cells = [held]
    return round(sum(cell for cell in cells if isinstance(cell, (int, float)) and not isinstance(cell, bool)), 6)
