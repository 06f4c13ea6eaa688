"""What capabilities declare: ``MEASURES``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from kefu.engines.measures.period import Period
from kefu.kit.errors import Text
from kefu.kit.registry import Registry

Unit = Literal["count", "share", "seconds", "money", "points"]
Value = str | int | None
Which = Literal["all", "good", "missed"]


class Part(NamedTuple):
    """What one day adds to a figure: ``dims`` in the order of the measure's dimensions."""

    day: date
    dims: tuple[Value, ...]
    numerator: Decimal | float
    denominator: Decimal | float = 0


class Figure(NamedTuple):
    """One figure. ``dims`` are the values of the dimensions asked for; ``value`` is None where nothing was counted."""

    dims: tuple[Value, ...]
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None


@dataclass(frozen=True)
class Dimension:
    """Something a figure can be split by. ``names(values)`` gives what people read."""

    code: str
    name: Text
    names: Callable[[list[Any]], Mapping[Any, str]] | None = None


# ``(first, last, tree)``: the parts of these days (inclusive), of all rows or of those that meet a condition.
Source = Callable[[date, date, Any], Iterable[Part]]
# ``(period, dims, which)``: a queryset of the rows behind a figure; dims maps dimension codes to values.
Rows = Callable[[Period, Mapping[str, Value], Which], Any]


@dataclass(frozen=True)
class Measure:
    """A named figure.

    ``definition`` is what a report prints; ``variant`` the code of the formula. ``combine``: "sum" adds the numerators, "ratio" divides the
    sums. ``settles``: days after which a past day no longer changes (extensions, late judgements). A dimension named "unit" holds unit
    paths and is cut to the reader's scope. ``goal`` says which way is better. ``stamp`` is the instant by which ``rows`` belong to a day:
    they are listed by it, as its index has them.
    """

    code: str
    name: Text
    definition: Text
    unit: Unit
    source: Source
    kind: str = ""
    variant: str = ""
    combine: Literal["sum", "ratio"] = "ratio"
    dimensions: tuple[Dimension, ...] = ()
    rows: Rows | None = None
    stamp: str = ""
    clauses: tuple[str, ...] = ()
    settles: int = 35
    goal: Literal["up", "down", ""] = ""
    right: str = "reports.see"

    def value(self, numerator: Decimal, denominator: Decimal) -> Decimal | None:
        if self.combine == "sum":
            return numerator
        return numerator / denominator if denominator else None


measures: Registry[Measure] = Registry("measure", lambda measure: measure.code)
