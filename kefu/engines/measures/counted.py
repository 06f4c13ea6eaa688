"""Sources that count rows on the day of one stamp; those over the same rows are read together in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.engines.filters.spans import start_of
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.registry import Part, Value, Which
from kefu.engines.measures.sources import grouped
from kefu.kit import moment


@dataclass(frozen=True, eq=False)
class Counted:
    """Rows counted on the day of ``stamp``. ``columns`` are the dimensions in their order: code to column.

    ``among`` are the rows that count (None: all), ``good`` those of the numerator (None: all that count). ``over`` makes another aggregate
    of a condition in place of the count. ``found_by`` gives keys among which are those of all rows that count in a span of the ``stamp``,
    by an index: for what is rare among the ``rows`` of a period. ``subject`` is the column that says whose case a row is. Sources with
    the same ``rows`` and ``stamp`` are read together, so what differs stands in the conditions.
    """

    rows: Callable[[], QuerySet[Any, Any]]
    stamp: str
    columns: Mapping[str, str] = field(default_factory=dict)
    good: Q | None = None
    among: Callable[[], Q] | None = None
    over: Callable[[Q | None], Any] | None = None
    kind: str = ""
    subject: str = "subject_id"
    found_by: Callable[[Mapping[str, Any]], QuerySet[Any, Any]] | None = None

    def __call__(self, first: date, last: date, tree: Any) -> Iterator[Part]:
        """The source of a measure; ``tree`` narrows the rows."""
        return iter(_family([self], first, last, tree)[self])

    @property
    def terms(self) -> tuple[Term, ...]:
        return (Term(self),)

    def aggregates(self) -> tuple[Any, Any]:
        """Numerator and denominator, over rows that others share."""
        among = self.among() if self.among is not None else None
        counted = Count("pk", filter=among) if among is not None else None
        if self.over is not None:
            return self.over(among), counted
        if self.good is None:
            return counted, counted
        return Count("pk", filter=self.good if among is None else among & self.good), counted

    def behind(self, period: Period, dims: Mapping[str, Value], which: Which) -> QuerySet[Any, Any]:
        """The rows behind a figure, up to today."""
        end = min(period.end, start_of(today() + timedelta(days=1)))
        span = {f"{self.stamp}__gte": period.start, f"{self.stamp}__lt": end}
        found = self.rows().filter(**span)
        if self.among is not None:
            found = found.filter(self.among())
        if self.found_by is not None:
            found = found.filter(pk__in=self.found_by(span))
        for code, value in dims.items():
            column = self.columns.get(code)
            if column is not None:
                test: dict[str, Any] = {f"{column}__isnull": True} if value is None else {column: value}
                found = found.filter(**test)
        if which == "all" or self.good is None:
            return found
        return found.filter(self.good if which == "good" else ~self.good)


class Term(NamedTuple):
    """What a source adds to a figure. With factors, what is counted above the line goes above, below, or is taken off (-1)."""

    counted: Counted
    factors: tuple[int, int] | None = None

    def __call__(self, part: Part) -> Part:
        if self.factors is None:
            return part
        return part._replace(numerator=part.numerator * self.factors[0], denominator=part.numerator * self.factors[1])


@dataclass(frozen=True)
class Joined:
    """The parts of several sources: a denominator that comes from elsewhere, a time that is taken off."""

    terms: tuple[Term, ...]

    def __call__(self, first: date, last: date, tree: Any) -> Iterator[Part]:
        for term in self.terms:
            yield from (term(part) for part in term.counted(first, last, tree))


def joined(*terms: Counted | Term) -> Joined:
    return Joined(tuple(one if isinstance(one, Term) else Term(one) for one in terms))


def only(counted: Counted, *, numerator: int = 0, denominator: int = 0) -> Term:
    """What ``counted`` has above the line, as numerator, as denominator, or taken off (-1)."""
    return Term(counted, (numerator, denominator))


def read_together(asked: Mapping[str, Counted | Joined], first: date, last: date) -> dict[str, list[Part]]:
    """The parts of several sources by name: one statement for all that count the same rows on the same stamp."""
    families: dict[tuple[Any, str], dict[Counted, None]] = defaultdict(dict)
    for source in asked.values():
        for term in source.terms:
            families[(term.counted.rows, term.counted.stamp)][term.counted] = None
    read: dict[Counted, list[Part]] = {}
    for members in families.values():
        read |= _family(list(members), first, last)
    return {name: [term(part) for term in source.terms for part in read[term.counted]] for name, source in asked.items()}


def _family(members: list[Counted], first: date, last: date, tree: Any = None) -> dict[Counted, list[Part]]:
    head = members[0]
    rows = head.rows()
    if tree:
        rows = rows.filter(to_q(tree, fields_of(head.kind), at=moment.now()))
    if len(members) == 1 and head.among is not None:
        rows = rows.filter(head.among())
    dims = list(dict.fromkeys(column for one in members for column in one.columns.values()))
    aggregates = [one for member in members for one in member.aggregates()]
    answered = list(grouped(rows, stamp=head.stamp, first=first, last=last, dims=dims, aggregates=aggregates))
    found: dict[Counted, list[Part]] = {}
    for number, member in enumerate(members):
        places = [dims.index(column) for column in member.columns.values()]
        sums: dict[tuple[date, tuple[Value, ...]], list[Any]] = {}
        for day, held, figures in answered:
            over, under = figures[number * 2], figures[number * 2 + 1]
            if not under:
                continue
            kept = sums.setdefault((day, tuple([held[place] for place in places])), [0, 0])
            kept[0] += seconds(over or 0)
            kept[1] += under
        found[member] = [Part(day, key, over, under) for (day, key), (over, under) in sums.items()]
    return found


def seconds(value: Any) -> Any:
    """Lengths of time as seconds; other numbers as they are."""
    return value.total_seconds() if isinstance(value, timedelta) else value
