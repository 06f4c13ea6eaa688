"""Reads: figures of a period from the roll-ups and, for days not rolled up (today above all), from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from kefu.engines.measures import summed
from kefu.engines.measures.counted import Counted, Joined, read_together
from kefu.engines.measures.models import DailyFigure, FilledDay
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.registry import Figure, Measure, Part, Value, Which, measures
from kefu.kit.errors import NotAllowed, NotFound
from kefu.people.actor import Actor

UNIT = "unit"


def measure(code: str, actor: Actor | None = None) -> Measure:
    """A declared measure; raises ``NotFound``, and ``NotAllowed`` if ``actor`` may not read it."""
    found = measures.get(code)
    if found is None:
        raise NotFound()
    if actor is not None and found.right and not actor.can(found.right):
        raise NotAllowed()
    return found


def figure(
    code: str,
    period: Period,
    by: Sequence[str] = (),
    *,
    where: Mapping[str, Iterable[Value]] | None = None,
    tree: Any = None,
    actor: Actor | None = None,
) -> list[Figure]:
    """The figures of a measure, one for each combination of the dimensions ``by``, largest first; without ``by`` exactly one.

    ``where`` keeps parts whose dimension has one of the values, ``tree`` (a condition over the rows) is always computed live,
    ``actor`` is who reads: the right is judged and figures by unit are cut to the scope. Raises ``NotFound`` for an unknown dimension.
    """
    return Reading([code], period, actor=actor, tree=tree).figure(code, by, where)


class Reading:
    """Several measures of one period, read together: one statement for whole months (three for others), and what is counted.

    ``actor`` is who reads, as in ``figure``. A report that splits a measure in several ways reads it once. ``as_of`` is the instant at
    which the present day stood as it is told here; None: it was counted now, or does not belong to the period.
    """

    def __init__(self, codes: Iterable[str], period: Period, *, actor: Actor | None = None, tree: Any = None) -> None:
        self.actor = actor
        self.period = period
        self.measures = {code: measure(code, actor) for code in codes}
        self._held, self.live = _summed(list(self.measures.values()), period, tree)
        self.as_of = self._held.as_of
        self.parts = {code: self._held.parts[code] + self.live[code] for code in self.measures}

    def figure(
        self, code: str, by: Sequence[str] = (), where: Mapping[str, Iterable[Value]] | None = None, *, since: date | None = None
    ) -> list[Figure]:
        """One figure for each combination of the dimensions ``by``, largest first; without ``by`` exactly one.

        ``since``: of this month (its first day) and those after it alone, in a period of several.
        """
        found = self.measures[code]
        places = [_place(found, one) for one in by]
        keep = _Keep(found, where or {}, self.actor)
        sums: dict[tuple[Value, ...], list[Decimal]] = {} if by else {(): [Decimal(0), Decimal(0)]}
        for part in self.parts[code]:
            if (since is not None and part.day < since) or (keep.some and not keep(part)):
                continue
            key = tuple([part.dims[place] for place in places])
            held = sums.get(key)
            if held is None:
                held = sums[key] = [Decimal(0), Decimal(0)]
            held[0] += summed.exact(part.numerator)
            held[1] += summed.exact(part.denominator)
        made = [Figure(dims, over, under, found.value(over, under)) for dims, (over, under) in sums.items()]
        return sorted(made, key=lambda one: (-max(one.denominator, one.numerator), str(one.dims)))

    def total(self, code: str) -> Figure:
        """The one figure of a measure."""
        return self.figure(code)[0]

    def series(self, code: str) -> list[tuple[date, Figure]]:
        """The figure of each day up to today, for charts; one more statement."""
        keep = _Keep(self.measures[code], {}, self.actor)
        rows = summed.stored([code], self.period.first, self.period.last)
        if keep.some:
            held = rows.values_list("day", "dims", "numerator", "denominator")
            stored = [Part(day, tuple(dims), over, under) for day, dims, over, under in held]
        else:
            days = rows.order_by().values("day").annotate(over=Sum("numerator"), under=Sum("denominator"))
            stored = [Part(day, (), over, under) for day, over, under in days.values_list("day", "over", "under")]
        added = self._held.days[code]
        return _by_day(self.measures[code], self.period, [*(part for part in stored if part.day in added), *self.live[code]], keep)


def total(code: str, period: Period, **more: Any) -> Figure:
    """The one figure of a measure."""
    return figure(code, period, **more)[0]


class Compared(NamedTuple):
    """A figure beside that of the period before (环比) and of the year before (同比)."""

    dims: tuple[Value, ...]
    now: Figure
    previous: Figure | None
    year_before: Figure | None

    @property
    def change(self) -> Decimal | None:
        """The difference to the period before; None where one of the two is missing."""
        if self.previous is None or self.now.value is None or self.previous.value is None:
            return None
        return self.now.value - self.previous.value


def compared(code: str, period: Period, by: Sequence[str] = (), **more: Any) -> list[Compared]:
    """``figure`` beside the two periods that it is compared with."""
    before = {one.dims: one for one in figure(code, period.previous(), by, **more)}
    earlier = {one.dims: one for one in figure(code, period.year_before(), by, **more)}
    return [Compared(one.dims, one, before.get(one.dims), earlier.get(one.dims)) for one in figure(code, period, by, **more)]


def series(code: str, period: Period, **more: Any) -> list[tuple[date, Figure]]:
    """The figure of each day of a period up to today, for charts."""
    found = measure(code, more.get("actor"))
    keep = _Keep(found, more.get("where") or {}, more.get("actor"))
    return _by_day(found, period, parts(found, period, more.get("tree")), keep)


def _by_day(found: Measure, period: Period, held: Iterable[Part], keep: _Keep) -> list[tuple[date, Figure]]:
    last = min(period.last, today())
    sums = {day: [Decimal(0), Decimal(0)] for day in period.days() if day <= last}
    for part in held:
        if keep(part) and part.day in sums:
            sums[part.day][0] += summed.exact(part.numerator)
            sums[part.day][1] += summed.exact(part.denominator)
    return [(day, Figure((), over, under, found.value(over, under))) for day, (over, under) in sums.items()]


def rows(code: str, period: Period, dims: Mapping[str, Value] | None = None, *, which: Which = "all", actor: Actor | None = None) -> Any:
    """The rows behind a figure (a queryset of the capability); raises ``NotFound`` if the measure has none."""
    found = measure(code, actor)
    if found.rows is None or any(one not in {dimension.code for dimension in found.dimensions} for one in dims or {}):
        raise NotFound()
    return found.rows(period, dims or {}, which)


def order_of(code: str) -> tuple[str, ...]:
    """The keys by which the rows behind a figure are paged, newest first: within a period an index on the instant gives them in order."""
    stamp = measure(code).stamp
    return (f"-{stamp}", "-pk") if stamp else ("-pk",)


def names(code: str, by: Sequence[str], figures: Iterable[Figure]) -> dict[tuple[Value, ...], list[str]]:
    """What people read for the dimension values of some figures."""
    found = measure(code)
    every = [one.dims for one in figures]
    known: list[Mapping[Any, str]] = []
    for place, dimension in enumerate(found.dimensions[_place(found, one)] for one in by):
        values = list({dims[place] for dims in every if dims[place] is not None})
        known.append(dimension.names(values) if dimension.names else {})
    return {dims: ["--" if value is None else str(known[place].get(value, value)) for place, value in enumerate(dims)] for dims in every}


def parts(found: Measure, period: Period, tree: Any = None) -> Iterator[Part]:
    """The parts of all days of a period that have come: rolled-up days from the table, the others from the source."""
    last = min(period.last, today())
    if tree:
        if period.first <= last:
            yield from found.source(period.first, last, tree)
        return
    filled = set(
        FilledDay.objects.filter(measure=found.code, day__gte=period.first, day__lt=today(), day__lte=last).values_list("day", flat=True)
    )
    stored = DailyFigure.objects.filter(measure=found.code, day__gte=period.first, day__lte=last)
    for day, dims, over, under in stored.values_list("day", "dims", "numerator", "denominator"):
        if day in filled:
            yield Part(day, tuple(dims), over, under)
    for first, end in _gaps([day for day in period.days() if day <= last and day not in filled]):
        yield from found.source(first, end, None)


def _summed(found: Sequence[Measure], period: Period, tree: Any) -> tuple[summed.Held, dict[str, list[Part]]]:
    """The parts of a period by measure: rolled-up days, added up (their number is no matter), and the others by day."""
    codes = [one.code for one in found]
    if tree:
        return summed.nothing(codes), {one.code: list(parts(one, period, tree)) for one in found}
    held, last = summed.read(codes, period), min(period.last, today())
    if not summed.is_whole(period):
        _add_days(held, period)
    for code in held.present:
        held.days[code].add(today())
    live = counted_live(
        found, {one.code: [day for day in period.days() if day <= last and day not in held.days[one.code]] for one in found}
    )
    return held, {code: live[code] + held.present.get(code, []) for code in live}


def _add_days(held: summed.Held, period: Period) -> None:
    """The rolled-up days of a week or a day, which have no sum of their own."""
    codes = list(held.parts)
    filled = FilledDay.objects.filter(measure__in=codes, day__gte=period.first, day__lt=today(), day__lte=period.last)
    for code, day in filled.values_list("measure", "day"):
        held.days[code].add(day)
    rows = summed.stored(codes, period.first, period.last)
    for code, day, dims, over, under in rows.values_list("measure", "day", "dims", "numerator", "denominator"):
        held.parts[code].append(Part(day, tuple(dims), over, under))


def counted_live(found: Sequence[Measure], days: Mapping[str, list[date]]) -> dict[str, list[Part]]:
    """The parts of these days (by measure) from the rows: measures over the same rows in one statement for each run of days."""
    runs: dict[tuple[date, date], list[Measure]] = {}
    for one in found:
        for run in _gaps(days[one.code]):
            runs.setdefault(run, []).append(one)
    made: dict[str, list[Part]] = {one.code: [] for one in found}
    for (first, end), members in runs.items():
        together = {one.code: one.source for one in members if isinstance(one.source, Counted | Joined)}
        for code, held in read_together(together, first, end).items():
            made[code] += held
        for one in members:
            if one.code not in together:
                made[one.code] += one.source(first, end, None)
    return made


def _gaps(days: list[date]) -> Iterator[tuple[date, date]]:
    """Runs of neighbouring days."""
    start = end = None
    for day in days:
        if end is not None and start is not None and day != end + timedelta(days=1):
            yield start, end
            start = day
        start, end = start or day, day
    if start is not None and end is not None:
        yield start, end


def _place(found: Measure, code: str) -> int:
    for place, dimension in enumerate(found.dimensions):
        if dimension.code == code:
            return place
    raise NotFound()


class _Keep:
    """Whether a part belongs to what is asked, and to the scope of who asks."""

    def __init__(self, found: Measure, where: Mapping[str, Iterable[Value]], actor: Actor | None) -> None:
        self.where = [(_place(found, code), set(values)) for code, values in where.items()]
        self.actor = actor if actor is not None and not actor.sees_all else None
        codes = [dimension.code for dimension in found.dimensions]
        self.unit = codes.index(UNIT) if UNIT in codes else None
        self.some = bool(self.where) or self.actor is not None

    def __call__(self, part: Part) -> bool:
        if any(part.dims[place] not in values for place, values in self.where):
            return False
        if self.actor is None:
            return True
        return self.unit is not None and self.actor.sees_path(str(part.dims[self.unit] or ""))
