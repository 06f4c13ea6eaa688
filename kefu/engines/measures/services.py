"""Writes: roll up closed days, freeze the figures of a report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kefu.engines.measures import queries, summed
from kefu.engines.measures.models import DailyFigure, FilledDay, Freeze, FrozenFigure
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.registry import Measure, measures
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor

_CHUNK = 7
BACK = 400
# Rows counted, over all measures: some hundred orders a day, below which a reader notices nothing.
FEW = 5000

Asked = tuple[str, Sequence[str]]


def fill(found: Measure, first: date, last: date) -> int:
    """Roll up these days (inclusive) of a measure anew, closed days only; the answer is the number of rows."""
    return fill_many([found], first, last)


@transaction.atomic
def fill_many(found: Sequence[Measure], first: date, last: date) -> int:
    """``fill`` for several measures, those over the same rows read together."""
    last = min(last, today() - timedelta(days=1))
    if last < first or not found:
        return 0
    codes = sorted(one.code for one in found)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    months = summed.months_of(first, last)
    # First, since it locks the months and days: who rolls up the same ones at the same time waits and then counts anew.
    summed.hold(codes, months)
    FilledDay.objects.bulk_create(
        [FilledDay(measure=code, day=day, filled_at=moment.now()) for code in codes for day in days],
        update_conflicts=True,
        unique_fields=["measure", "day"],
        update_fields=["filled_at"],
    )
    sums: dict[tuple[str, date, tuple[Any, ...]], list[Any]] = {}
    for code, parts in queries.counted_live(found, dict.fromkeys(codes, days)).items():
        for part in parts:
            held = sums.setdefault((code, part.day, part.dims), [0, 0])
            held[0] += summed.exact(part.numerator)
            held[1] += summed.exact(part.denominator)
    DailyFigure.objects.filter(measure__in=codes, day__gte=first, day__lte=last).delete()
    DailyFigure.objects.bulk_create(
        [
            DailyFigure(measure=code, day=day, dims=list(dims), numerator=over, denominator=under)
            for (code, day, dims), (over, under) in sums.items()
        ],
        batch_size=1000,
    )
    summed.add_up(codes, months)
    return len(sums)


def fill_all(*, back: int = BACK, anew: bool = False) -> int:
    """Roll up what is missing of the last ``back`` days, and what may still have changed, of every measure. Safe to run again.

    ``anew``: all of these days (very many rows were loaded).
    """
    yesterday = today() - timedelta(days=1)
    start = yesterday - timedelta(days=back - 1)
    held: dict[str, set[date]] = {one.code: set() for one in measures}
    for code, day in FilledDay.objects.filter(measure__in=list(held), day__gte=start).values_list("measure", "day"):
        held[code].add(day)
    days = [start + timedelta(days=number) for number in range(back)]
    runs: dict[tuple[date, date], list[Measure]] = {}
    for found in measures:
        unsettled = yesterday - timedelta(days=found.settles - 1)
        for run in queries._gaps([day for day in days if anew or day >= unsettled or day not in held[found.code]]):
            runs.setdefault(run, []).append(found)
    written = sum(_fill_run(found, first, last) for (first, last), found in runs.items())
    for month, codes in summed.without_sums(list(held)).items():
        _add_up(codes, [month])
    return written


@transaction.atomic
def _add_up(codes: Sequence[str], months: Sequence[date]) -> None:
    summed.hold(codes, months)
    summed.add_up(codes, months)


def _fill_run(found: Sequence[Measure], first: date, last: date) -> int:
    """In pieces, so that no transaction is long."""
    written = 0
    while first <= last:
        end = min(first + timedelta(days=_CHUNK - 1), last)
        written += fill_many(found, first, end)
        first = end + timedelta(days=1)
    return written


@transaction.atomic
def forget(code: str, first: date, last: date) -> None:
    """These days of a measure are computed live until they are rolled up again (a past day was corrected)."""
    months = summed.months_of(first, last)
    summed.hold([code], months)
    FilledDay.objects.filter(measure=code, day__gte=first, day__lte=last).delete()
    summed.add_up([code], months)


def stand_today() -> int:
    """Keep the present day of every measure as it stands now, if so much has happened that counting it for each reader would show.

    The answer is how much was counted. A small centre reads its present day from the rows, exact to the second.
    """
    at, day = moment.now(), today()
    parts = queries.counted_live(list(measures), {one.code: [day] for one in measures})
    weight = int(sum(part.denominator for held in parts.values() for part in held))
    with transaction.atomic():
        if weight < FEW:
            summed.forget_present()
            return 0
        summed.put_present(day, at, parts)
    return weight


@transaction.atomic
def freeze(*, actor: Actor, report: str, period: Period, asked: Sequence[Asked], reason: str = "") -> Freeze:
    """Fix the figures of a report period: (measure, dimensions) pairs. Freezing again makes a new version and needs a reason.

    Raises ``Conflict`` while the period is not over, ``Invalid`` without a reason for a further version.
    """
    if not period.is_over:
        raise Conflict(_("This period is not over yet; its figures can be frozen when it is."), code="period_open")
    held = Freeze.objects.filter(report=report, period=period.code).aggregate(top=Max("version"))["top"] or 0
    if held and not reason.strip():
        raise Invalid(fields={"reason": _("The figures are frozen already. Say why they are corrected.")})
    taken: list[FrozenFigure] = []
    for code, by in asked:
        found = queries.measure(code, actor)
        for one in queries.figure(code, period, by):
            taken.append(
                FrozenFigure(
                    measure=code,
                    variant=found.variant,
                    by=list(by),
                    dims=list(one.dims),
                    numerator=one.numerator,
                    denominator=one.denominator,
                )
            )
    row = Freeze.objects.create(
        report=report, period=period.code, version=held + 1, by_id=actor.person_id, reason=reason.strip(), sha256=digest(taken)
    )
    for figure in taken:
        figure.freeze = row
    FrozenFigure.objects.bulk_create(taken, batch_size=1000)
    return row


def digest(figures: Sequence[FrozenFigure]) -> str:
    """The SHA-256 over the figures in a fixed order and form."""
    lines = sorted(
        orjson.dumps([one.measure, one.variant, one.by, one.dims, f"{one.numerator:.4f}", f"{one.denominator:.4f}"]) for one in figures
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def untouched(row: Freeze) -> bool:
    """Whether the stored figures of a freeze still give its hash."""
    return digest(list(row.figures.all())) == row.sha256
