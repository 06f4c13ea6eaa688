"""Recurring duties: each time one comes it makes a subject of its own with an obligation."""

from __future__ import annotations

import calendar as gregorian
import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import calendars, reading, rules, running
from kefu.engines.clock.arithmetic import SECOND, due_at
from kefu.engines.clock.calendar import Calendar, instant
from kefu.engines.clock.errors import Impossible
from kefu.engines.clock.models import Obligation, Recurrence
from kefu.timeline.models import Subject

_log = logging.getLogger(__name__)
EVERY = ("daily", "weekly", "monthly", "yearly")
_EVERY_WORDS = {"daily": _("every day"), "weekly": _("every week"), "monthly": _("every month"), "yearly": _("every year")}
DUTY = "duty"
DONE = "duty.done"
_LOOK_AHEAD = 3 * 366
_MOST_AT_ONCE = 50


def check(rule: dict[str, Any]) -> None:
    """Raises ``Impossible`` for a rhythm that cannot be read or never comes."""
    following(rule, Calendar(), datetime.fromisoformat("2024-01-01T00:00:00+00:00"))


def in_words(rule: dict[str, Any]) -> str:
    """The rhythm for people: every month at 09:00."""
    every = _EVERY_WORDS.get(str(rule.get("every")), rule.get("every"))
    return gettext("%(every)s at %(time)s") % {"every": every, "time": rule.get("at", "00:00")}


def following(rule: dict[str, Any], calendar: Calendar, after: datetime) -> datetime:
    """The first time after ``after``.

    A day that a month does not have is its last day; ``working_days_only`` moves on to the next working day (daily: leaves rest days out).
    """
    every = rule.get("every")
    if every not in EVERY:
        raise Impossible(_("A duty comes daily, weekly, monthly or yearly."), code="bad_rhythm")
    minute = reading.minute(rule.get("at", "00:00"))
    day = calendar.local(after).date() - timedelta(days=15)
    for _step in range(_LOOK_AHEAD):
        if _fits(rule, every, day):
            moved = _working(calendar, day) if rule.get("working_days_only") and every != "daily" else day
            at = instant(calendar.tz, moved, minute)
            if at > after and not (every == "daily" and rule.get("working_days_only") and not calendar.is_working_day(day)):
                return at
        day += timedelta(days=1)
    raise Impossible(_("This duty never comes."), code="bad_rhythm")


def _fits(rule: dict[str, Any], every: str, day: date) -> bool:
    if every == "weekly":
        return day.weekday() == int(rule.get("weekday", 0))
    if every == "daily":
        return True
    if every == "yearly" and day.month != int(rule.get("month", 1)):
        return False
    length = gregorian.monthrange(day.year, day.month)[1]
    wanted = int(rule.get("day", 1))
    return day.day == (length if wanted == -1 else min(wanted, length))


def _working(calendar: Calendar, day: date) -> date:
    for offset in range(15):
        if calendar.is_working_day(day + timedelta(offset)):
            return day + timedelta(offset)
    return day


def turn(now: datetime) -> int:
    """Make the duties that have come by ``now``, also those missed in a standstill; the answer is how many. Each comes once."""
    made = 0
    for pk in list(Recurrence.objects.filter(active=True, next_at__lte=now).values_list("pk", flat=True)):
        try:
            made += _come(pk, now)
        except Exception:
            _log.exception("recurring duty %s cannot be made", pk)
    return made


@transaction.atomic
def _come(pk: int, now: datetime) -> int:
    row = Recurrence.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, active=True, next_at__lte=now).first()
    if row is None:
        return 0
    calendar = calendars.named(row.calendar)
    made = 0
    while row.next_at is not None and row.next_at <= now and made < _MOST_AT_ONCE:
        after = following(row.rule, calendar, row.next_at)
        open_duty(row, calendar, row.next_at, after)
        row.next_at = after
        made += 1
    row.save(update_fields=["next_at"])
    return made


def open_duty(row: Recurrence, calendar: Calendar, at: datetime, after: datetime) -> Obligation:
    """One coming of a duty. Its number holds the duty and the time, so that it can never be made twice."""
    local = calendar.local(at)
    subject = Subject.objects.create(
        kind=DUTY,
        number=f"D{row.pk}-{local:%Y%m%d%H%M}",
        title=row.name,
        unit_path=row.unit_path,
        owner_id=row.owner_id,
        opened_at=at,
    )
    limit = reading.limit(row.limit) if row.limit else None
    frozen = rules.copy_of(limit, row.calendar, calendar) if limit else {"unit": "clock_hour", "calendar": row.calendar}
    made = Obligation(
        subject=subject,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        clauses=list(row.clauses),
        owner_id=running.person_for(row.addressed_to, subject),
        addressed_to=row.addressed_to,
        unit_path=row.unit_path,
        started_at=at,
        due_at=due_at(calendar, limit, at) if limit else after - SECOND,
        frozen={**frozen, "met_by": [DONE], "warn": list(row.warn_points), "steps": list(row.steps), "recurrence": row.pk},
    )
    running.set_next(made)
    made.save()
    return made


def start(row: Recurrence, *, at: datetime) -> None:
    """Set the first coming of a new or changed duty."""
    row.next_at = following(row.rule, calendars.named(row.calendar), at)
    row.save(update_fields=["next_at"])
