"""Parts of a measure from the database: one grouped statement for all days asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from kefu.engines.filters.spans import start_of
from kefu.engines.measures.registry import Part
from kefu.kit import moment


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
    zone = timezone.get_default_timezone()
    chosen = rows.filter(**{f"{stamp}__gte": start_of(first), f"{stamp}__lt": start_of(last + timedelta(days=1))}).order_by()
    chosen = chosen.annotate(of_day=TruncDate(stamp, tzinfo=zone), **{f"dim_{number}": F(path) for number, path in enumerate(dims)})
    names = [f"dim_{number}" for number in range(len(dims))]
    grouped = chosen.values("of_day", *names).annotate(over=numerator or Count("pk"), under=denominator or Count("pk"))
    for day, *rest in grouped.values_list("of_day", *names, "over", "under"):
        yield Part(day, tuple(rest[:-2]), rest[-2] or 0, rest[-1] or 0)


def on_time_per_day(rows: QuerySet[Any, Any], *, due: str, met: str, first: date, last: date, dims: Sequence[str] = ()) -> Iterator[Part]:
    """On-time parts by the day on which a step is due: met in limit / due.

    Open and overdue is missed; open and not yet due does not count.
    """
    good = Q(**{f"{met}__isnull": False, f"{met}__lte": F(due)})
    counted = good | Q(**{f"{due}__lte": moment.now()})
    return per_day(
        rows.filter(counted), stamp=due, first=first, last=last, dims=dims, numerator=Count("pk", filter=good), denominator=Count("pk")
    )
