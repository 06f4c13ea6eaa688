"""How values are written on screens: times, numbers, spans."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MISSING = "--"


def stamp(value: datetime | None, zone: tzinfo | None = None) -> str:
    """``yyyy-mm-dd HH:mm:ss`` in the centre's time zone (``zone``, for who asks often: ``timezone.get_current_timezone()``)."""
    return value.astimezone(zone or timezone.get_current_timezone()).isoformat(" ", "seconds")[:19] if value else MISSING


def short_stamp(value: datetime | None, zone: tzinfo | None = None) -> str:
    """``mm-dd HH:mm``, for dense tables; the year shows on hover."""
    return value.astimezone(zone or timezone.get_current_timezone()).isoformat(" ", "minutes")[5:16] if value else MISSING


def clock(value: datetime | None, zone: tzinfo | None = None) -> str:
    """``HH:mm`` of the present day."""
    return timezone.localtime(value, zone).isoformat(" ", "minutes")[11:16] if value else MISSING


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
    return _("%(n)d h") % {"n": n}


def _minutes(n: int) -> str:
    return _("%(n)d min") % {"n": n}


def span(value: timedelta | float | None, language: str | None = None) -> str:
    """A length of time (timedelta or seconds) in its two largest units. ``language`` is the active one, for who knows it already."""
    if value is None:
        return MISSING
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    return _span(abs(seconds) // 60, language or get_language())


@lru_cache(maxsize=4096)
def _span(minutes: int, language: str | None) -> str:
    """``language`` is the active one: what is kept is kept for it."""
    parts = []
    for size, words in ((1440, _days), (60, _hours), (1, _minutes)):
        if minutes >= size:
            n, minutes = divmod(minutes, size)
            parts.append(words(n))
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or _("under a minute")


FILTERS: dict[str, Any] = {
    "stamp": stamp,
    "short_stamp": short_stamp,
    "clock": clock,
    "day": day,
    "number": number,
    "percent": percent,
    "span": span,
}
GLOBALS: dict[str, Any] = {"MISSING": MISSING}
