"""What-if questions: one JSON object asks, one answers."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from django.db import Error
from django.utils.translation import gettext as _

from kefu.engines.clock import calendars, reading
from kefu.engines.clock.arithmetic import due_at
from kefu.engines.clock.calendar import Calendar
from kefu.engines.clock.choices import Unit
from kefu.engines.clock.errors import Impossible
from kefu.kit.errors import KefuError

_log = logging.getLogger(__name__)


def answer(line: bytes) -> dict[str, Any]:
    """``{"due": ...}`` for a question, or ``{"error": ...}``; an ``id`` comes back with it. Never raises.

    ``due`` is the last second of the limit in the time zone of the calendar; ``provisional`` says that a year on the way has no
    official holidays yet.
    """
    try:
        question = orjson.loads(line)
    except ValueError as error:
        return {"error": _("This line is no JSON: %(why)s") % {"why": str(error)[:120]}}
    named = {"id": question["id"]} if isinstance(question, dict) and "id" in question else {}
    try:
        return {**named, **ask(question)}
    except KefuError as error:
        return {**named, "error": error.message()}
    except Error:
        return {**named, "error": _("The calendars of the centre cannot be read: the database is not ready. Run “kefu doctor”.")}
    except Exception:
        _log.exception("a what-if question could not be answered")
        return {**named, "error": _("This time cannot be worked out.")}


def ask(question: Any) -> dict[str, Any]:
    """Answer one question; raises ``Impossible``."""
    if not isinstance(question, dict):
        raise Impossible(_("A line is one JSON object."), code="no_object")
    for key in ("calendar", "start", "limit"):
        if question.get(key) is None:
            raise Impossible(_("The question names no “%(key)s”."), code="missing_key", key=key)
    limit = reading.limit(question["limit"])
    calendar = _calendar(question["calendar"], needs_week=limit.unit not in (Unit.MINUTE, Unit.CLOCK_HOUR))
    start = reading.at(question["start"], calendar)
    pauses = reading.pauses(question.get("pauses"), calendar)
    due = due_at(calendar, limit, start, pauses)
    try:
        local = calendar.local(due)
    except OverflowError:
        raise Impossible() from None
    found: dict[str, Any] = {"due": local.isoformat()}
    years = range(calendar.local(start).year, local.year + 1)
    if not_known := [year for year in years if calendar.is_provisional(year)]:
        found["provisional"] = not_known
    return found


def _calendar(value: Any, *, needs_week: bool) -> Calendar:
    return calendars.named(value) if isinstance(value, str) else reading.calendar(value, needs_week=needs_week)
