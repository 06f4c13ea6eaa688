"""The month of the manager, and the rows behind its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import F
from django.utils.translation import gettext as _

from kefu.engines.measures import frozen
from kefu.engines.measures import queries as engine
from kefu.engines.measures.models import Freeze
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import Figure, Measure, Value, Which, measures
from kefu.engines.measures.services import untouched
from kefu.insight.reports.choices import CARDS, COMPLAINTS, MONTH, SERVICE, SPLITS, Split
from kefu.insight.reports.models import Review
from kefu.kit import show
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.timeline.queries import visible

SIZE = 50


class Source(Protocol):
    """Where a report reads its figures: counted now, or as they were frozen."""

    def figure(self, code: str, by: Sequence[str] = ()) -> list[Figure]: ...


class Frozen:
    """The figures of a freeze."""

    def __init__(self, row: Freeze) -> None:
        self.held: dict[tuple[str, tuple[str, ...]], list[Figure]] = {}
        for one in row.figures.order_by("id"):
            found = engine.measure(one.measure)
            made = Figure(tuple(one.dims), one.numerator, one.denominator, found.value(one.numerator, one.denominator))
            self.held.setdefault((one.measure, tuple(one.by)), []).append(made)

    def figure(self, code: str, by: Sequence[str] = ()) -> list[Figure]:
        nothing = [] if by else [Figure((), Decimal(0), Decimal(0), None)]
        return self.held.get((code, tuple(by)), nothing)


@dataclass(frozen=True)
class Line:
    """One figure beside that of the period before."""

    name: str
    now: str
    before: str
    change: str
    url: str
    figure: Figure
    value: float | None
    value_before: float | None


@dataclass(frozen=True)
class Card:
    measure: Measure
    line: Line
    bad: bool = False


@dataclass(frozen=True)
class Table:
    """A measure split by dimensions, with its chart."""

    split: Split
    measure: Measure
    head: list[str]
    lines: list[Line]
    chart: dict[str, Any] | None = None


@dataclass(frozen=True)
class Month:
    period: Period
    complaints: list[Card]
    service: list[Card]
    tables: list[Table]
    days: dict[str, Any] = attribute(default_factory=dict)
    day_rows: list[list[Any]] = attribute(default_factory=list)
    as_of: datetime | None = None


def month(actor: Actor, period: Period, *, held: Freeze | None = None) -> Month:
    """The month beside the one before it; ``held`` reads what was frozen in place of counting now."""
    live = engine.Reading(("complaints.accepted",) if held else CARDS, period, actor=actor)
    now: Source = Frozen(held) if held else live
    before = engine.Reading(CARDS, period.previous(), actor=actor)
    days = live.series("complaints.accepted")
    figures = [int(one.numerator) for _day, one in days]
    return Month(
        period,
        [card(code, period, now, before) for code in COMPLAINTS],
        [card(code, period, now, before) for code in SERVICE],
        [table(split, period, now, before) for split in SPLITS],
        _line_chart([day.strftime("%m-%d") for day, _one in days], figures),
        [[day.isoformat(), number] for (day, _one), number in zip(days, figures, strict=True)],
        live.as_of or before.as_of,
    )


def card(code: str, period: Period, now: Source, before: Source) -> Card:
    """One figure of the head of a report."""
    found = engine.measure(code)
    made = _line(found, str(found.name), now.figure(code)[0], before.figure(code)[0], rows_url(code, period))
    return Card(found, made, bad=code.endswith(".missed") and bool(made.value))


def table(split: Split, period: Period, now: Source, before: Source) -> Table:
    found = engine.measure(split.measure)
    present = {one.dims: one for one in now.figure(split.measure, split.by)}
    earlier = {one.dims: one for one in before.figure(split.measure, split.by)}
    every = [
        *present.values(),
        *(one._replace(numerator=Decimal(0), denominator=Decimal(0), value=None) for dims, one in earlier.items() if dims not in present),
    ]
    names = engine.names(split.measure, split.by, every)
    lines = []
    for one in every:
        url = rows_url(split.measure, period, dict(zip(split.by, one.dims, strict=True)))
        parts = [name for name in names[one.dims] if name]
        lines.append(_line(found, " · ".join(parts), one, earlier.get(one.dims), url, split.shows))
    head = [str(dimension.name) for code in split.by for dimension in found.dimensions if dimension.code == code]
    return Table(split, found, head, lines, _bar_chart(found, split, lines, period) if split.chart and lines else None)


def _line(found: Measure, name: str, one: Figure, past: Figure | None, url: str, shows: str = "value") -> Line:
    value, earlier = _number(found, one, shows), _number(found, past, shows)
    unit = "count" if shows == "count" else found.unit
    change = "" if value is None or earlier is None else _change(unit, found, value - earlier)
    return Line(name, shown(unit, found, value), shown(unit, found, earlier), change, url, one, value, earlier)


def _number(found: Measure, one: Figure | None, shows: str) -> float | None:
    if one is None:
        return 0.0 if shows == "count" or found.combine == "sum" else None
    if shows == "count":
        return float(one.denominator)
    if one.value is None and found.combine == "sum":
        return 0.0
    return None if one.value is None else float(one.value)


def shown(unit: str, found: Measure, value: float | None) -> str:
    """A figure as people read it."""
    if value is None:
        return show.MISSING
    if unit == "share":
        return show.number(value, 2) if found.variant in PER_ONE else show.percent(value)
    return show.span(value) if unit == "seconds" else show.number(value)


# Not a part of a whole but so many for one; above one they are no percentage.
PER_ONE = frozenset({"URGE-2"})


def _change(unit: str, found: Measure, difference: float) -> str:
    sign = "+" if difference > 0 else "-" if difference < 0 else "±"
    size = abs(difference)
    if unit == "share" and found.variant not in PER_ONE:
        return _("%(change)s points") % {"change": f"{sign}{size * 100:.1f}"}
    return f"{sign}{show.span(size) if unit == 'seconds' and size else show.number(size, 2 if found.variant in PER_ONE else 0)}"


def _bar_chart(found: Measure, split: Split, lines: list[Line], period: Period) -> dict[str, Any]:
    """Lying bars, the largest on top, this period above the one before."""
    rows = list(reversed(lines[:12]))
    percent = found.unit == "share" and split.shows == "value"

    def figures(name: str, pick: str, shade: float) -> dict[str, Any]:
        data = [None if (held := getattr(row, pick)) is None else round(held * 100, 1) if percent else held for row in rows]
        return {"name": name, "type": "bar", "data": data, "barMaxWidth": 14, "itemStyle": {"opacity": shade}}

    axis: dict[str, Any] = (
        {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}} if percent else {"type": "value", "minInterval": 1}
    )
    return {
        "xAxis": axis,
        "yAxis": {"type": "category", "data": [row.name for row in rows]},
        "legend": {"top": 0},
        "series": [figures(period.code, "value", 1), figures(period.previous().code, "value_before", 0.5)],
    }


def _line_chart(days: list[str], figures: list[int]) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "data": figures, "barMaxWidth": 18}],
    }


def rows_url(code: str, period: Period, dims: Mapping[str, Value] | None = None, which: Which = "all") -> str:
    """The address of the rows behind a figure."""
    asked: dict[str, Any] = {"measure": code, "period": period.code}
    asked |= {"which": which} if which != "all" else {}
    return "/reports/rows?" + urlencode(asked | {f"by.{name}": value or "" for name, value in (dims or {}).items()})


def _whose(code: str) -> str:
    """The way from a row of a figure to the case that it is of."""
    found = measures.get(code)
    column = getattr(found.source, "subject", "subject_id") if found is not None else "subject_id"
    return "subject" if column == "subject_id" else f"{column.removesuffix('_id')}__subject"


def rows(
    actor: Actor, code: str, period: Period, dims: Mapping[str, Value], *, which: Which = "all", cursor: str | None = None
) -> Page[dict[str, Any]]:
    """One page of the cases behind a figure, newest first, of those the person may see. Raises ``NotFound`` for an unknown figure."""
    whose = _whose(code)
    found = engine.rows(code, period, dims, which=which, actor=actor).filter(visible(actor, f"{whose}__"))
    keys = engine.order_of(code)
    page = after(found, keys=keys, cursor=cursor)
    names = [key.lstrip("-") for key in keys]
    told = ("number", "kind", "title", "unit_path", "opened_at")
    columns = {f"of_{name}": F(f"{whose}__{name}") for name in told}
    rows = page.annotate(of_id=F(f"{whose}__id"), **columns).values(*names, "of_id", *columns)[: SIZE + 1]
    held = [
        {**row, "id": row["of_id"], "subject_id": row["of_id"], **{f"subject__{name}": row[f"of_{name}"] for name in told}} for row in rows
    ]
    return cut(held, size=SIZE, key=lambda row: [row[name] for name in names])


def narrowed(found: Measure, dims: Mapping[str, Value]) -> list[tuple[str, str]]:
    """What the rows are cut to, in words: label and value. Raises ``NotFound`` for an unknown dimension."""
    held = tuple(dims.values())
    named = engine.names(found.code, list(dims), [Figure(held, Decimal(0), Decimal(0), None)])[held]
    labels = {dimension.code: str(dimension.name) for dimension in found.dimensions}
    return [(labels[code], name) for code, name in zip(dims, named, strict=True)]


def latest_freeze(period: Period) -> Freeze | None:
    return frozen.latest(MONTH, period)


def standing(row: Freeze) -> dict[str, Any]:
    """What a page says of a freeze: author, reviewer, hash, whether the stored figures still give it."""
    review = Review.objects.filter(freeze=row).values("by__name", "by__number", "at", "remark").first()
    return {"freeze": row, "review": review, "intact": untouched(row)}


def freezes(limit: int = 24) -> list[dict[str, Any]]:
    """The newest frozen months."""
    held = Freeze.objects.filter(report=MONTH).order_by("-period", "-version")
    return [dict(row) for row in held.values("period", "version", "by__name", "at", "sha256", "review__by__name")[:limit]]


def get_freeze(freeze_id: int) -> Freeze:
    found = Freeze.objects.filter(report=MONTH, pk=freeze_id).first()
    if found is None:
        raise NotFound()
    return found
