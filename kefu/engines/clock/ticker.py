"""The ticker: warns, says what has run out, and carries it upward. It never moves a case.

What is to be done follows from the obligation's due time and from what was written down as done, in the same transaction as its event and
its notices. So a ticker can be killed at any instant, two can run side by side, and the machine's clock may jump: each step comes once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from kefu.engines.clock import moments, recurrences, running
from kefu.engines.clock.arithmetic import Pause
from kefu.engines.clock.choices import State
from kefu.engines.clock.models import Obligation
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.timeline.services import Happened, record

_log = logging.getLogger(__name__)
_FIELDS = ["warned", "escalated", "overdue_at", "next_tick_at"]
_ROUNDS = 200
_AGAIN = timedelta(minutes=1)
_EVENTS = {moments.WARN: "clock.warned", moments.OVERDUE: "clock.overdue", moments.ESCALATE: "clock.escalated"}


@dataclass
class _Work:
    """What one batch leaves to be recorded and told."""

    events: list[Happened] = field(default_factory=list)
    notices: list[tuple[list[int], str, int, dict[str, Any]]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def tick(now: datetime | None = None, batch: int = 100) -> dict[str, int]:
    """Do everything that is due by ``now``, in batches of ``batch`` rows; the answer counts warned, overdue, escalated, duties, failed."""
    now = now or moment.now()
    counts: Counter[str] = Counter()
    counts["duties"] = recurrences.turn(now)
    for _round in range(_ROUNDS):
        if not due_rows(now).exists():
            break
        try:
            done, seen = _batch(now, batch)
        except Exception:
            _log.exception("a batch of the clock failed; its rows are done one by one")
            done, seen = _one_by_one(now, batch)
        counts += done
        if seen < batch:
            break
    return {name: counts[name] for name in ("warned", "overdue", "escalated", "duties", "failed")}


def due_rows(now: datetime) -> Any:
    return Obligation.objects.filter(state=State.RUNNING, next_tick_at__lte=now).order_by("next_tick_at", "id")


@transaction.atomic
def _batch(now: datetime, size: int, ids: Iterable[int] | None = None) -> tuple[Counter[str], int]:
    """One batch in one transaction; rows that another ticker holds are left to it."""
    found = due_rows(now) if ids is None else due_rows(now).filter(pk__in=list(ids))
    rows: list[Obligation] = list(found.select_for_update(skip_locked=True, of=("self",))[:size])
    if not rows:
        return Counter(), 0
    stops = running.pauses_of(row.pk for row in rows)
    work = _Work()
    for row in rows:
        _do(row, now, stops.get(row.pk, []), work)
    Obligation.objects.bulk_update(rows, _FIELDS)
    record(actor_id=None, happened=work.events, at=now)
    for people, kind, subject_id, params in work.notices:
        tell(staff_ids=people, kind=kind, subject_id=subject_id, params=params)
    return work.counts, len(rows)


def _do(row: Obligation, now: datetime, stops: list[Pause], work: _Work) -> None:
    for step in running.left(row, stops):
        if step.at > now:
            break
        reached = running.above(row, step.to) if step.kind == moments.ESCALATE else running.answering(row)
        if step.kind == moments.WARN:
            row.warned += 1
            work.counts["warned"] += 1
        elif step.kind == moments.OVERDUE:
            row.overdue_at = step.at
            work.counts["overdue"] += 1
        else:
            row.escalated += 1
            work.counts["escalated"] += 1
        told = {"told": reached, "to": step.to} if step.to else {"told": reached}
        work.events.append(running.happened(row, _EVENTS[step.kind], **told))
        work.notices.append((reached, _EVENTS[step.kind], row.subject_id, _params(row)))
    running.set_next(row, stops)


def _params(row: Obligation) -> dict[str, Any]:
    due = timezone.localtime(row.due_at).strftime("%Y-%m-%d %H:%M")
    return {"name": row.name, "name_en": row.name_en, "due": due, "obligation": row.pk}


def _one_by_one(now: datetime, size: int) -> tuple[Counter[str], int]:
    """After a failed batch: every row in a transaction of its own; one that fails waits a minute, so that it never stops the others."""
    counts: Counter[str] = Counter()
    ids = list(due_rows(now).values_list("pk", flat=True)[:size])
    for pk in ids:
        try:
            done, _seen = _batch(now, 1, [pk])
            counts += done
        except Exception:
            _log.exception("obligation %s cannot be worked", pk)
            counts["failed"] += 1
            Obligation.objects.filter(pk=pk, state=State.RUNNING).update(next_tick_at=now + _AGAIN)
    return counts, len(ids)
