"""Reading what was frozen."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.engines.measures.models import Freeze
from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import measure
from kefu.engines.measures.registry import Figure


def latest(report: str, period: Period) -> Freeze | None:
    """The newest version of the frozen figures of a report period."""
    return Freeze.objects.filter(report=report, period=period.code).order_by("-version").select_related("by").first()


def figures(row: Freeze, code: str, by: Sequence[str] = ()) -> list[Figure]:
    """The frozen figures of one measure by these dimensions; empty if they were not part of the report."""
    found = measure(code)
    kept = row.figures.filter(measure=code).order_by("id").values_list("by", "dims", "numerator", "denominator")
    return [Figure(tuple(dims), over, under, found.value(over, under)) for held, dims, over, under in kept if held == list(by)]
