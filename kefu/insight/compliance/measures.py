"""The two figures that the compliance page is made of. Both are rolled up per day, so that the page costs the same in every centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.spans import start_of
from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension, Measure, Part
from kefu.insight.reports.measures.making import LIMIT, OUTCOME, UNIT, due, measure
from kefu.timeline.models import Event
from kefu.timeline.registry import event_kinds

RIGHT = "compliance.see"
DUE, CITED = "clauses.due", "clauses.cited"
CLAUSE = Dimension("clause", _("Clause"))
_DUE = Counted(due, "due_at", {"code": "code", "outcome": "outcome", "unit": "unit_path"})


def cited(first: date, last: date, tree: Any) -> Iterator[Part]:
    """Events by the clauses that they cite. All kinds are named, since events are found by kind and time."""
    if tree:
        return
    rows = Event.objects.filter(kind__in=event_kinds.codes(), at__gte=start_of(first), at__lt=start_of(last + timedelta(days=1)))
    zone = timezone.get_default_timezone()
    grouped = rows.order_by().annotate(of_day=TruncDate("at", tzinfo=zone)).values("of_day", "clauses").annotate(count=Count("pk"))
    sums: Counter[tuple[date, str]] = Counter()
    for day, clauses, count in grouped.values_list("of_day", "clauses", "count"):
        for clause in clauses:
            sums[(day, clause)] += count
    for (day, clause), count in sums.items():
        yield Part(day, (clause,), count)


MEASURES = (
    measure(
        DUE,
        _("Limits due"),
        _("All limits and recurring duties due in the period: in time, late, or open and overdue. Paused and void ones do not count."),
        _DUE,
        (LIMIT, OUTCOME, UNIT),
        unit="count",
        combine="sum",
        variant="N",
        right=RIGHT,
    ),
    Measure(
        code=CITED,
        name=_("Events by clause"),
        definition=_("Events of the period that cite the clause, whatever they are."),
        unit="count",
        source=cited,
        combine="sum",
        variant="N",
        dimensions=(CLAUSE,),
        settles=2,
        right=RIGHT,
    ),
)
