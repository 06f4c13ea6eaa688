"""Official holidays and make-up workdays by year: what ships, replaced by what the centre has stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.choices import DayKind
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.models import Holiday


@dataclass(frozen=True, order=True)
class Day:
    """One day of an official notice."""

    date: date
    kind: str
    name: str
    source: str = ""


@cache
def shipped() -> dict[int, tuple[Day, ...]]:
    """The years that come with this version (data/holidays.json)."""
    data = orjson.loads((files(__package__) / "data" / "holidays.json").read_bytes())
    return {int(year): tuple(sorted(_spread(one))) for year, one in data.items()}


def _spread(one: dict[str, Any]) -> Iterable[Day]:
    for first, last, name in one["off"]:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield Day(day, DayKind.OFF, name, one["source"])
            day += timedelta(1)
    for text, name in one["work"]:
        yield Day(date.fromisoformat(text), DayKind.WORK, name, one["source"])


def known() -> dict[int, tuple[Day, ...]]:
    """All years that are known: the stored ones stand before those that ship."""
    stored: dict[int, list[Day]] = {}
    for row in Holiday.objects.order_by("date").values_list("date", "kind", "name", "source"):
        stored.setdefault(row[0].year, []).append(Day(*row))
    return {**shipped(), **{year: tuple(days) for year, days in stored.items()}}


def read(data: Any) -> tuple[int, list[Day]]:
    """One year in the form of holiday-cn: {"year": 2027, "days": [{"name", "date", "isOffDay"}]}. Raises ``Impossible``."""
    try:
        year = int(data["year"])
        source = next((str(one) for one in data.get("papers") or []), "")
        days = [
            Day(date.fromisoformat(one["date"]), DayKind.OFF if one["isOffDay"] else DayKind.WORK, str(one["name"])[:60], source[:200])
            for one in data["days"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Impossible(_("This is no list of holidays: {“year”, “days”: [{“name”, “date”, “isOffDay”}]}."), code="bad_holidays") from None
    if not days or not 1900 <= year <= 2200 or len({one.date for one in days}) != len(days):
        raise Impossible(_("The list of holidays is empty or names a day twice."), code="bad_holidays")
    return year, days


@transaction.atomic
def store(year: int, days: Iterable[Day]) -> int:
    """Replace the days of ``year``; those of another year (a notice may touch December) are set beside what is there."""
    days = list(days)
    Holiday.objects.filter(date__year=year).delete()
    others = {one.date.year for one in days} - {year}
    for other in others - set(Holiday.objects.filter(date__year__in=others).values_list("date__year", flat=True)):
        Holiday.objects.bulk_create([_row(one) for one in shipped().get(other, ())])
    Holiday.objects.bulk_create(
        [_row(one) for one in days], update_conflicts=True, unique_fields=["date"], update_fields=["kind", "name", "source"]
    )
    return len(days)


def change(day: Day | None, *, on: date) -> None:
    """Set or take away one day; the year is stored from now on, so that a newer version of the software does not touch it."""
    present = {one.date: one for one in known().get(on.year, ())}
    present.pop(on, None)
    if day is not None:
        present[on] = day
    if not present:
        raise Impossible(_("The list of holidays is empty or names a day twice."), code="bad_holidays")
    store(on.year, present.values())


def _row(day: Day) -> Holiday:
    return Holiday(date=day.date, kind=day.kind, name=day.name, source=day.source)
