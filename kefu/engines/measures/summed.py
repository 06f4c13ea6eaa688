"""What several days of a measure add up to, kept in one row: the days of a month, and the present day as it stood a moment ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from kefu.engines.measures.models import DailyFigure, FilledDay, Summed
from kefu.engines.measures.period import Period, today
from kefu.engines.measures.registry import Part, Value
from kefu.kit import moment

PLACES = Decimal("0.0001")
# A present day that stood longer ago is counted from its rows (no worker runs, or it is behind).
AGE = timedelta(minutes=10)

Sums = Mapping[tuple[Value, ...], Sequence[Decimal]]


def exact(number: Decimal | float) -> Decimal:
    return (number if isinstance(number, Decimal) else Decimal(str(number))).quantize(PLACES)


@dataclass
class Held:
    """The sums of a period by measure: its rolled-up days and which these are, and the present day, which stood ``as_of``."""

    parts: dict[str, list[Part]]
    days: dict[str, set[date]]
    present: dict[str, list[Part]] = field(default_factory=dict)
    as_of: datetime | None = None


def is_whole(period: Period) -> bool:
    """Whether a period is made of whole months."""
    return period.first.day == 1 and (period.last + timedelta(days=1)).day == 1


def nothing(codes: Sequence[str]) -> Held:
    return Held({code: [] for code in codes}, {code: set() for code in codes})


def read(codes: Sequence[str], period: Period) -> Held:
    """All sums inside a period, in one statement."""
    held, now = nothing(codes), today()
    rows = Summed.objects.filter(measure__in=codes, first__gte=period.first, last__lte=period.last)
    for code, first, last, days, at, parts in rows.values_list("measure", "first", "last", "days", "at", "parts"):
        if first != last:
            if first + timedelta(days=days.bit_length() - 1) < now:  # else the clock was set back: no sum of days to come
                held.days[code] |= {first + timedelta(days=place) for place in range(31) if days >> place & 1}
                held.parts[code] += _parts(first, parts)
        elif first == now and at > moment.now() - AGE:
            held.present[code] = _parts(first, parts)
            held.as_of = at if held.as_of is None else min(held.as_of, at)
    return held


def _parts(day: date, text: str) -> list[Part]:
    return [Part(day, tuple(dims), Decimal(over).scaleb(-4), Decimal(under).scaleb(-4)) for dims, over, under in orjson.loads(text)]


def _text(sums: Sums) -> str:
    """Whole ten-thousandths, so that nothing is lost and reading is quick."""
    return orjson.dumps([[list(dims), _ten_thousandths(over), _ten_thousandths(under)] for dims, (over, under) in sums.items()]).decode()


def _ten_thousandths(number: Decimal) -> int:
    return int(exact(number).scaleb(4))


def months_of(first: date, last: date) -> list[date]:
    """The first days of the months that these days touch."""
    found = [first.replace(day=1)]
    while (following := Period.of("month", found[-1]).following().first) <= last:
        found.append(following)
    return found


def hold(codes: Iterable[str], months: Sequence[date]) -> None:
    """Lock the months of these measures until the transaction ends, so that nobody adds up days that another is just writing."""
    _put([Summed(measure=code, first=month, last=_end(month), at=moment.now()) for code in sorted(codes) for month in months], ["at"])


def add_up(codes: Sequence[str], months: Sequence[date]) -> None:
    """Add up anew the rolled-up days of these months, which are held."""
    for month in months:
        end, days = _end(month), dict.fromkeys(codes, 0)
        for code, day in FilledDay.objects.filter(measure__in=codes, day__gte=month, day__lte=end).values_list("measure", "day"):
            days[code] |= 1 << day.day - 1
        sums: dict[str, dict[tuple[Value, ...], tuple[Decimal, Decimal]]] = {code: {} for code in codes}
        added = stored(codes, month, end).order_by().values("measure", "dims").annotate(over=Sum("numerator"), under=Sum("denominator"))
        for code, dims, over, under in added.values_list("measure", "dims", "over", "under"):
            sums[code][tuple(dims)] = (over, under)
        made = [
            Summed(measure=code, first=month, last=end, days=days[code], parts=_text(sums[code]), at=moment.now()) for code in sorted(codes)
        ]
        _put(made, ["days", "parts", "at"])


def put_present(day: date, at: datetime, parts: Mapping[str, Iterable[Part]]) -> None:
    """Keep the present day as it stood ``at``; nothing else is kept of days that were the present one."""
    forget_present()
    made = []
    for code in sorted(parts):
        sums: dict[tuple[Value, ...], list[Decimal]] = {}
        for part in parts[code]:
            held = sums.setdefault(part.dims, [Decimal(0), Decimal(0)])
            held[0] += exact(part.numerator)
            held[1] += exact(part.denominator)
        made.append(Summed(measure=code, first=day, last=day, days=1, parts=_text(sums), at=at))
    _put(made, ["parts", "at"])


def forget_present() -> None:
    Summed.objects.filter(first=F("last")).delete()


def without_sums(codes: Sequence[str]) -> dict[date, list[str]]:
    """Months that hold rolled-up days of a measure, but not their sum: by month the measures."""
    known = set(Summed.objects.filter(measure__in=codes).values_list("measure", "first"))
    held = FilledDay.objects.filter(measure__in=codes).order_by().values_list("measure", "day__year", "day__month").distinct()
    missing: dict[date, list[str]] = {}
    for code, year, month in held:
        if (code, date(year, month, 1)) not in known:
            missing.setdefault(date(year, month, 1), []).append(code)
    return missing


def stored(codes: Iterable[str], first: date, last: date) -> QuerySet[DailyFigure, Any]:
    """The rows of the rolled-up days among these."""
    rolled = FilledDay.objects.filter(measure=OuterRef("measure"), day=OuterRef("day"), day__lt=today())
    return DailyFigure.objects.filter(Exists(rolled), measure__in=codes, day__gte=first, day__lte=last)


def _end(month: date) -> date:
    return Period.of("month", month).last


def _put(rows: list[Summed], fields: list[str]) -> None:
    Summed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["measure", "first", "last"], update_fields=fields)
