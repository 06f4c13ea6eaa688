"""Reading calendars, limits, times and pauses from JSON (packs, the settings page, `kefu clock due`). Every mistake is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.arithmetic import Limit, Pause, usual
from kefu.engines.clock.calendar import DAY, ROUND_THE_CLOCK, Calendar, Spans, tidy, wall
from kefu.engines.clock.choices import Unit
from kefu.engines.clock.errors import Impossible

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_CALENDAR_KEYS = {"timezone", "week", "holidays", "workdays", "exceptions", "makeup", "always", "name", "code"}
_LIMIT_KEYS = {"amount", "unit", "start", "end", "rest", "pausable"}


def _shown(value: Any) -> str:
    return str(value)[:40]


def _wrong(place: str, value: Any) -> Impossible:
    return Impossible(_("“%(place)s” cannot be read: %(value)s"), code="unreadable", place=place, value=_shown(value))


def minute(value: Any) -> int:
    """ "08:30" as minutes of the day; "24:00" is its end."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("week", value)
    hours, minutes = int(found[1]), int(found[2])
    if minutes > 59 or hours * 60 + minutes > DAY:
        raise _wrong("week", value)
    return hours * 60 + minutes


def spans(value: Any) -> Spans:
    """[["08:30", "12:00"], ...] as minutes."""
    if not isinstance(value, list | tuple):
        raise _wrong("week", value)
    pairs = []
    for one in value:
        if not isinstance(one, list | tuple) or len(one) != 2:
            raise _wrong("week", one)
        pairs.append((minute(one[0]), minute(one[1])))
    return tidy(pairs)


def week(value: Any) -> tuple[Spans, ...]:
    """{"mon": [...], ...}; a day that is not named is a rest day."""
    if not isinstance(value, Mapping):
        raise _wrong("week", value)
    unknown = [name for name in value if name not in WEEKDAYS]
    if unknown:
        raise _wrong("week", unknown[0])
    return tuple(spans(value.get(name) or []) for name in WEEKDAYS)


def day(value: Any, place: str = "date") -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(place, value) from None


def days(value: Any, place: str) -> frozenset[date]:
    if value is None:
        return frozenset()
    if not isinstance(value, list | tuple):
        raise _wrong(place, value)
    return frozenset(day(one.get("date") if isinstance(one, Mapping) else one, place) for one in value)


def calendar(value: Any, *, needs_week: bool = True) -> Calendar:
    """A calendar given in full. Its lists are all there is: it is never provisional. Clock hours need no week."""
    if not isinstance(value, Mapping):
        raise _wrong("calendar", value)
    unknown = sorted(set(value) - _CALENDAR_KEYS)
    if unknown:
        raise Impossible(_("A calendar has no “%(key)s”."), code="unknown_key", key=_shown(unknown[0]))
    timezone = value.get("timezone") or "Asia/Shanghai"
    if not isinstance(timezone, str):
        raise _wrong("timezone", timezone)
    always = value.get("always", False)
    if not isinstance(always, bool):
        raise _wrong("always", always)
    if "week" not in value and not always and needs_week:
        raise Impossible(_("The calendar names no “week”."), code="no_week")
    own = value.get("exceptions") or {}
    if not isinstance(own, Mapping):
        raise _wrong("exceptions", own)
    return Calendar(
        timezone=timezone,
        week=ROUND_THE_CLOCK if always or "week" not in value else week(value["week"]),
        holidays=days(value.get("holidays"), "holidays"),
        workdays=days(value.get("workdays"), "workdays"),
        exceptions={day(key, "exceptions"): spans(times) for key, times in own.items()},
        makeup=spans(value.get("makeup") or []),
    )


def unit(value: Any) -> str:
    """A unit by its name; capitals, blanks, hyphens and a plural s are forgiven."""
    if not isinstance(value, str):
        raise _wrong("unit", value)
    plain = value.strip().lower().replace(" ", "_").replace("-", "_")
    for name in (plain, plain.removesuffix("s")):
        if name in Unit.values:
            return name
    raise Impossible(
        _("There is no unit “%(unit)s”. Use one of: %(known)s."), code="bad_unit", unit=_shown(value), known=", ".join(Unit.values)
    )


def limit(value: Any) -> Limit:
    """{"amount", "unit"} with optional "start", "end", "rest" rules and "pausable"."""
    if not isinstance(value, Mapping):
        raise _wrong("limit", value)
    unknown = sorted(set(value) - _LIMIT_KEYS)
    if unknown:
        raise Impossible(_("A limit has no “%(key)s”."), code="unknown_key", key=_shown(unknown[0]))
    missing = [key for key in ("amount", "unit") if key not in value]
    if missing:
        raise Impossible(_("The limit names no “%(key)s”."), code="missing_key", key=missing[0])
    pausable = value.get("pausable", True)
    if not isinstance(pausable, bool):
        raise _wrong("pausable", pausable)
    rules = {key: value.get(key) or "" for key in ("start", "end", "rest")}
    for key, rule in rules.items():
        if not isinstance(rule, str):
            raise _wrong(key, rule)
    return usual(value["amount"], unit(value["unit"]), **rules, pausable=pausable)


def at(value: Any, where: Calendar, place: str = "start") -> datetime:
    """An ISO time; one without an offset is a wall time of the calendar."""
    if not isinstance(value, str):
        raise _wrong(place, value)
    try:
        told = datetime.fromisoformat(value.strip())
        return wall(where.tz, told) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(place, value) from None


def pauses(value: Any, where: Calendar) -> list[Pause]:
    """[{"from", "to"}, ...] or [[from, to], ...]."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise _wrong("pauses", value)
    found = []
    for one in value:
        since, until = (one.get("from"), one.get("to")) if isinstance(one, Mapping) else one if _is_pair(one) else (one, one)
        pause = (at(since, where, "pauses"), at(until, where, "pauses"))
        if pause[1] < pause[0]:
            raise Impossible(_("A pause ends before it begins."), code="bad_pause")
        found.append(pause)
    return found


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2
