"""How values are written on screens: times, numbers, spans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MISSING = "--"


def stamp(value: datetime | None) -> str:
    """``yyyy-mm-dd HH:mm:ss`` in the centre's time zone."""
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S") if value else MISSING


def short_stamp(value: datetime | None) -> str:
    """``mm-dd HH:mm``, for dense tables; the year shows on hover."""
    return timezone.localtime(value).strftime("%m-%d %H:%M") if value else MISSING


def day(value: date | None) -> str:
    return value.isoformat() if value else MISSING


def number(value: float | None, digits: int = 0) -> str:
    """With thousands marks; ``--`` when missing."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share (0.981) as ``98.1%``."""
    return MISSING if value is None else f"{value * 100:.{digits}f}%"


def _days(n: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def _hours(n: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}


def _minutes(n: int) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}


def span(value: timedelta | float | None) -> str:
    """A length of time (timedelta or seconds) in its two largest units."""
    if value is None:
        return MISSING
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    seconds = abs(seconds)
    parts = []
    for size, words in ((86400, _days), (3600, _hours), (60, _minutes)):
        if seconds >= size:
            n, seconds = divmod(seconds, size)
            parts.append(words(n))
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or _("under a minute")


FILTERS: dict[str, Any] = {
    "stamp": stamp,
    "short_stamp": short_stamp,
    "day": day,
    "number": number,
    "percent": percent,
    "span": span,
}
GLOBALS: dict[str, Any] = {"MISSING": MISSING}
