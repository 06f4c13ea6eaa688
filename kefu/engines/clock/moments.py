"""The instants at which the ticker has something to do for one obligation: warnings, the due time, escalations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kefu.engines.clock.arithmetic import SECOND, Pause, advance, elapsed
from kefu.engines.clock.calendar import Calendar

WARN, OVERDUE, ESCALATE = "warn", "overdue", "escalate"


@dataclass(frozen=True)
class Step:
    """One thing to do at ``at``. ``index`` counts within its kind in order of time; ``to`` says whom an escalation reaches."""

    at: datetime
    kind: str
    index: int = 0
    to: str = ""


def steps(
    calendar: Calendar,
    unit: str,
    start: datetime,
    due: datetime,
    warn_points: Iterable[float],
    escalations: Iterable[Mapping[str, Any]],
    pauses: Iterable[Pause] = (),
) -> list[Step]:
    """All steps in order of time.

    A share of the limit is counted on the limit's own clock without the pauses; hours before and after the due time are clock hours.
    The due second still belongs to the limit, so it is overdue one second later.
    """
    stops = list(pauses)
    warnings = warned_at(calendar, unit, start, due, warn_points, stops)
    ups = _escalated_at(_shares(calendar, unit, start, due, stops), due, escalations)
    found = [Step(at, WARN, index) for index, at in enumerate(warnings)]
    found.append(Step(due + SECOND, OVERDUE))
    found += [Step(at, ESCALATE, index, to) for index, (at, to) in enumerate(ups)]
    order = {WARN: 0, OVERDUE: 1, ESCALATE: 2}
    return sorted(found, key=lambda step: (step.at, order[step.kind], step.index))


def first(
    calendar: Calendar, unit: str, start: datetime, due: datetime, warn_points: Iterable[float], escalations: Iterable[Mapping[str, Any]]
) -> datetime:
    """The instant of the first of ``steps`` of a limit that starts now."""
    at_share = _shares(calendar, unit, start, due, [])
    ups = [at for at, _to in _escalated_at(at_share, due, escalations)]
    return min([_warned(at_share, start, due, x) for x in warn_points] + ups + [due + SECOND])


def _escalated_at(
    at_share: Callable[[float], datetime], due: datetime, escalations: Iterable[Mapping[str, Any]]
) -> list[tuple[datetime, str]]:
    return sorted(
        (at_share(x) if 0 < x < 1 else due + SECOND + timedelta(hours=float(x)), str(one["to"]))
        for one in escalations
        for x in (float(one["after"]),)
    )


def _warned(at_share: Callable[[float], datetime], start: datetime, due: datetime, point: float) -> datetime:
    return at_share(point) if point < 1 else max(start, due - timedelta(hours=float(point)))


def warned_at(
    calendar: Calendar, unit: str, start: datetime, due: datetime, points: Iterable[float], pauses: Iterable[Pause] = ()
) -> list[datetime]:
    """The instants of the warnings, in order."""
    at_share = _shares(calendar, unit, start, due, list(pauses))
    return sorted({_warned(at_share, start, due, x) for x in points})


def _shares(calendar: Calendar, unit: str, start: datetime, due: datetime, stops: list[Pause]) -> Callable[[float], datetime]:
    """When a share of the limit is used up; how long it is, is counted at the first need."""
    length: list[int] = []

    def at_share(share: float) -> datetime:
        if not length:
            length.append(elapsed(calendar, unit, start, due, stops))
        return advance(calendar, unit, start, length[0] * share, stops)

    return at_share


def undone(found: Iterable[Step], *, warned: int, overdue: bool, escalated: int) -> list[Step]:
    """The steps that were not done yet."""
    left = []
    for step in found:
        done = step.index < warned if step.kind == WARN else overdue if step.kind == OVERDUE else step.index < escalated
        if not done:
            left.append(step)
    return left
