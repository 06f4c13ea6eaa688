"""Standing still and going on: pauses with reason and evidence (R-02C-6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import rules, running
from kefu.engines.clock.arithmetic import ONE_DAY, Limit, advance, due_at, elapsed, whole
from kefu.engines.clock.arithmetic import Pause as Stop
from kefu.engines.clock.choices import OPEN, Cause, State, Unit
from kefu.engines.clock.models import Obligation, Pause
from kefu.kit import hot, moment
from kefu.kit.errors import Conflict, Invalid
from kefu.timeline.models import Subject
from kefu.timeline.services import record


@transaction.atomic
def pause(
    *,
    subject: Subject,
    reason: str,
    cause: str,
    evidence: str = "",
    file_id: int | None = None,
    approved_by: int | None = None,
    codes: Iterable[str] | None = None,
    at: datetime | None = None,
    actor_id: int | None = None,
) -> Pause:
    """Stop the pausable clocks of a subject (all, or those of ``codes``) that have not run out.

    Raises ``Invalid`` without reason or evidence (text or file), ``Conflict`` if a pause is open or no clock can be stopped.
    """
    at = whole(at or moment.now())
    if not reason.strip() or cause not in Cause.values:
        raise Invalid(fields={"reason": _("Choose a reason.")})
    if not evidence.strip() and file_id is None:
        raise Invalid(fields={"evidence": _("A pause needs evidence: what was said, or a file.")})
    rows = [row for row in _locked(subject, codes) if row.frozen.get("pausable", True) and row.due_at >= at and row.started_at <= at]
    if Pause.objects.filter(subject=subject, until=None).exists():
        raise Conflict(_("The clock of this record stands still already."), code="already_paused")
    if not rows:
        raise Conflict(_("No clock of this record can be stopped."), code="nothing_to_pause")
    made = Pause.objects.create(
        subject=subject, since=at, reason=reason, cause=cause, evidence=evidence, file_id=file_id, approved_by_id=approved_by
    )
    made.obligations.set(rows)
    for row in rows:
        row.state, row.next_tick_at = State.PAUSED, None
    Obligation.objects.bulk_update(rows, ["state", "next_tick_at"])
    data = {"pause": made.pk, "reason": reason, "cause": cause, "approved_by": approved_by}
    record(actor_id=actor_id, happened=[running.happened(row, "clock.paused", **data) for row in rows], at=at)
    return made


def _locked(subject: Subject, codes: Iterable[str] | None) -> list[Obligation]:
    rows = Obligation.objects.select_for_update(of=("self",)).filter(subject=subject, state=State.RUNNING)
    return list(rows if codes is None else rows.filter(code__in=list(codes)))


class Owed(NamedTuple):
    """Whether limits of a subject are open, and whether its clock stands still."""

    open: bool
    stands: bool


def _of_one() -> QuerySet[Subject, Any]:
    open_ones = Exists(Obligation.objects.filter(subject_id=OuterRef("pk"), state__in=OPEN))
    standing = Exists(Pause.objects.filter(subject_id=OuterRef("pk"), until=None))
    return Subject.objects.filter(pk=hot.Slot("id")).annotate(open_ones=open_ones, standing=standing).values("open_ones", "standing")


_owed = hot.Read(_of_one)


def owed(subject_id: int) -> Owed:
    """How the clock of a subject stands, for who goes on with it: one statement, where nothing is open the only one."""
    row = _owed(id=subject_id)[0]
    return Owed(bool(row["open_ones"]), bool(row["standing"]))


@transaction.atomic
def resume(*, subject: Subject, at: datetime | None = None, actor_id: int | None = None) -> list[Obligation]:
    """Go on: due times move by the time that stood still, counted on each limit's own calendar. Raises ``Conflict`` if no pause is open."""
    at = whole(at or moment.now())
    open_pause = Pause.objects.select_for_update(of=("self",)).filter(subject=subject, until=None).first()
    if open_pause is None:
        raise Conflict(_("The clock of this record does not stand still."), code="not_paused")
    open_pause.until = at = max(at, open_pause.since)
    open_pause.save(update_fields=["until"])
    rows = list(open_pause.obligations.select_for_update(of=("self",)).filter(state=State.PAUSED))
    stops = running.pauses_of(row.pk for row in rows)
    for row in rows:
        own = stops.get(row.pk, [])
        row.due_at = _later(row, own, (open_pause.since, at))
        row.state = State.RUNNING
        running.set_next(row, own)
    Obligation.objects.bulk_update(rows, ["state", "due_at", "next_tick_at"])
    stood = int((at - open_pause.since).total_seconds())
    record(actor_id=actor_id, happened=[running.happened(row, "clock.resumed", pause=open_pause.pk, seconds=stood) for row in rows], at=at)
    return rows


def _later(row: Obligation, stops: list[Stop], last: Stop) -> datetime:
    """The due time after a pause. A due time that was set by people moves from where they set it."""
    calendar, limit = rules.calendar_from(row.frozen), rules.limit_from(row.frozen)
    if limit is not None and not row.frozen.get("set"):
        return due_at(calendar, limit, row.started_at, stops)
    unit = limit.unit if limit else Unit.CLOCK_HOUR
    if limit is not None and limit.counts_days:
        days = sum(1 for _day in _days_begun(last, limit, row))
        due = row.due_at
        while days:
            due += ONE_DAY
            days -= limit.unit != Unit.WORKING_DAY or calendar.is_working_day(calendar.local(due).date())
        return max(due, last[1])
    return advance(calendar, unit, last[1], elapsed(calendar, unit, last[0], row.due_at))


def _days_begun(stop: Stop, limit: Limit, row: Obligation) -> Iterable[int]:
    """The days that begin in a pause and count for the limit."""
    calendar = rules.calendar_from(row.frozen)
    first, last = calendar.local(stop[0]).date(), calendar.local(stop[1]).date()
    for number in range(first.toordinal() + 1, last.toordinal() + 1):
        if limit.unit != Unit.WORKING_DAY or calendar.is_working_day(type(first).fromordinal(number)):
            yield number
