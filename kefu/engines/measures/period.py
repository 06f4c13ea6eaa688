"""Report periods in the centre's time zone: day, week (from Monday), month, quarter, half-year, year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.engines.filters.spans import shift_months, start_of
from kefu.kit import moment
from kefu.kit.errors import Invalid, Text

KINDS: dict[str, Text] = {
    "day": pgettext_lazy("report period", "Day"),
    "week": pgettext_lazy("report period", "Week"),
    "month": pgettext_lazy("report period", "Month"),
    "quarter": pgettext_lazy("report period", "Quarter"),
    "half": pgettext_lazy("report period", "Half-year"),
    "year": pgettext_lazy("report period", "Year"),
}
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_CODE = re.compile(
    r"(?P<year>20\d\d)(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?|-W(?P<week>\d\d)|-Q(?P<quarter>[1-4])|-H(?P<half>[12]))?", re.ASCII
)


class BadPeriod(Invalid):
    code = "bad_period"
    text = gettext_lazy("This is no report period. Write 2026-03-11, 2026-W11, 2026-03, 2026-Q1, 2026-H1 or 2026.")


@dataclass(frozen=True, order=True)
class Period:
    """A run of whole days, ``first`` to ``last`` inclusive."""

    first: date
    last: date
    kind: str

    @classmethod
    def of(cls, kind: str, day: date) -> Period:
        """The period of this kind that holds ``day``."""
        if kind == "day":
            return cls(day, day, kind)
        if kind == "week":
            monday = day - timedelta(days=day.weekday())
            return cls(monday, monday + timedelta(days=6), kind)
        months = _MONTHS[kind]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        return cls(first, shift_months(first, months) - timedelta(days=1), kind)

    @classmethod
    def parse(cls, code: str) -> Period:
        """A period from its code (2026-03-11, 2026-W11, 2026-03, 2026-Q1, 2026-H1, 2026). Raises ``BadPeriod``."""
        found = _CODE.fullmatch(code)
        if found is None:
            raise BadPeriod()
        part = {name: int(value) for name, value in found.groupdict().items() if value}
        year = part["year"]
        try:
            if "week" in part:
                return cls.of("week", date.fromisocalendar(year, part["week"], 1))
            if "day" in part:
                return cls.of("day", date(year, part["month"], part["day"]))
            if "month" in part:
                return cls.of("month", date(year, part["month"], 1))
        except ValueError as error:
            raise BadPeriod() from error
        if "quarter" in part:
            return cls.of("quarter", date(year, part["quarter"] * 3, 1))
        return cls.of("half", date(year, part["half"] * 6, 1)) if "half" in part else cls.of("year", date(year, 1, 1))

    @classmethod
    def now(cls, kind: str = "month") -> Period:
        return cls.of(kind, today())

    @property
    def code(self) -> str:
        year, month = self.first.year, self.first.month
        if self.kind == "week":
            iso = self.first.isocalendar()
            return f"{iso.year}-W{iso.week:02d}"
        return {
            "day": self.first.isoformat(),
            "month": f"{year}-{month:02d}",
            "quarter": f"{year}-Q{(month + 2) // 3}",
            "half": f"{year}-H{(month + 5) // 6}",
            "year": str(year),
        }[self.kind]

    def __str__(self) -> str:
        """The period as people write it."""
        year, month = self.first.year, self.first.month
        if self.kind == "week":
            return f"{self.first.isoformat()} ~ {self.last.isoformat()}"
        if self.kind == "half":
            return (_("First half of %(year)d") if month == 1 else _("Second half of %(year)d")) % {"year": year}
        if self.kind == "quarter":
            return _("Quarter %(quarter)d of %(year)d") % {"year": year, "quarter": (month + 2) // 3}
        return _("Year %(year)d") % {"year": year} if self.kind == "year" else self.code

    def previous(self) -> Period:
        """The period just before (环比)."""
        return Period.of(self.kind, self.first - timedelta(days=1))

    def following(self) -> Period:
        return Period.of(self.kind, self.last + timedelta(days=1))

    def year_before(self) -> Period:
        """The same period of the year before (同比)."""
        if self.kind == "week":
            iso = self.first.isocalendar()
            return Period.of("week", date.fromisocalendar(iso.year - 1, min(iso.week, 52), 1))
        return Period.of(self.kind, shift_months(self.first, -12))

    @property
    def start(self) -> datetime:
        """The first instant."""
        return start_of(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after."""
        return start_of(self.last + timedelta(days=1))

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def is_over(self) -> bool:
        return self.last < today()


def today() -> date:
    """The present day of the centre."""
    return timezone.localtime(moment.now(), timezone.get_default_timezone()).date()
