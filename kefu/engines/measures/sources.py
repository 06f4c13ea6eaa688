"""Parts of a measure from the database: one grouped statement for all days asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, DateField, F, Func, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from kefu.engines.filters.spans import start_of
from kefu.engines.measures.registry import Part
from kefu.kit import moment


class _Shifted(Func):
    """The day of an instant in a zone that stands a fixed time off UTC: SQLite's own arithmetic, not a call into Python for each row."""

    function = "DATE"
    output_field = DateField()


def _of_day(stamp: str, first: date, last: date) -> Any:
    """The centre's day of an instant. A single day needs no arithmetic."""
    if first == last:
        return Value(first, output_field=DateField())
    offset = _fixed_offset(first, last)
    if offset is None or connection.vendor != "sqlite":
        return TruncDate(stamp, tzinfo=timezone.get_default_timezone())
    return _Shifted(F(stamp), Value(f"{offset.total_seconds():+.0f} seconds"))


def _fixed_offset(first: date, last: date) -> timedelta | None:
    """The offset from UTC if it is the same on all these days, else None."""
    starts = (start_of(first + timedelta(days=number)) for number in range((last - first).days + 2))
    offsets = {start.utcoffset() for start in starts}
    return offsets.pop() if len(offsets) == 1 else None


def grouped(
    rows: QuerySet[Any, Any], *, stamp: str, first: date, last: date, dims: Sequence[str], aggregates: Sequence[Any]
) -> Iterator[tuple[date, list[Any], list[Any]]]:
    """Day, values of ``dims`` and of ``aggregates`` (None: a count of rows), by the centre's day of the instant ``stamp``."""
    chosen = rows.filter(**{f"{stamp}__gte": start_of(first), f"{stamp}__lt": start_of(last + timedelta(days=1))}).order_by()
    chosen = chosen.annotate(of_day=_of_day(stamp, first, last), **{f"dim_{number}": F(path) for number, path in enumerate(dims)})
    names = [f"dim_{number}" for number in range(len(dims))]
    made = chosen.values("of_day", *names).annotate(
        of_all=Count("pk"), **{f"sum_{number}": one for number, one in enumerate(aggregates) if one is not None}
    )
    sums = ["of_all" if one is None else f"sum_{number}" for number, one in enumerate(aggregates)]
    for row in made.values("of_day", *names, "of_all", *dict.fromkeys(name for name in sums if name != "of_all")):
        yield row["of_day"], [row[name] for name in names], [row[name] for name in sums]


def per_day(
    rows: QuerySet[Any, Any],
    *,
    stamp: str,
    first: date,
    last: date,
    dims: Sequence[str] = (),
    numerator: Any = None,
    denominator: Any = None,
) -> Iterator[Part]:
    """Aggregates by the centre's day of the instant ``stamp`` and by the columns ``dims``. Counts rows if no aggregate is given."""
    for day, held, (over, under) in grouped(rows, stamp=stamp, first=first, last=last, dims=dims, aggregates=(numerator, denominator)):
        yield Part(day, tuple(held), over or 0, under or 0)


def on_time_per_day(rows: QuerySet[Any, Any], *, due: str, met: str, first: date, last: date, dims: Sequence[str] = ()) -> Iterator[Part]:
    """On-time parts by the day on which a step is due: met in limit / due.

    Open and overdue is missed; open and not yet due does not count.
    """
    good = Q(**{f"{met}__isnull": False, f"{met}__lte": F(due)})
    counted = good | Q(**{f"{due}__lte": moment.now()})
    return per_day(
        rows.filter(counted), stamp=due, first=first, last=last, dims=dims, numerator=Count("pk", filter=good), denominator=Count("pk")
    )
