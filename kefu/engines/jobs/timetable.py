"""The timetable: what is due is queued once, whichever worker looks first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from kefu.engines.jobs import queue, rhythm
from kefu.engines.jobs.models import PeriodicRun
from kefu.engines.jobs.registry import Periodic, periodics
from kefu.engines.jobs.services import enqueue
from kefu.engines.jobs.tasks import run_periodic
from kefu.kit import moment


def prepare() -> None:
    """Enter what is newly declared, follow a changed rhythm, drop what is declared no more. Called when a worker starts."""
    known = {row.code: row for row in PeriodicRun.objects.all()}
    at = moment.now()
    fresh = [PeriodicRun(code=one.code, spec=one.spec, next_run_at=_first(one, at)) for one in periodics if one.code not in known]
    PeriodicRun.objects.bulk_create(fresh, ignore_conflicts=True)
    for one in periodics:
        if one.code in known and known[one.code].spec != one.spec:
            PeriodicRun.objects.filter(pk=one.code).update(spec=one.spec, next_run_at=_first(one, at))
    PeriodicRun.objects.exclude(code__in=[one.code for one in periodics]).delete()


def _first(one: Periodic, at: datetime) -> datetime:
    return at if one.every is not None else rhythm.following(one.spec, at, timezone.get_default_timezone())


def turn() -> list[str]:
    """Queue every entry that is due, once for all workers; answers their codes. An entry still at work is left out until next time."""
    at = moment.now()
    if not PeriodicRun.objects.filter(next_run_at__lte=at).exists():
        return []
    started = []
    with transaction.atomic():
        for row in PeriodicRun.objects.filter(next_run_at__lte=at).select_for_update(skip_locked=True):
            busy = row.task_id and DBTaskResult.objects.filter(pk=row.task_id, status__in=(queue.READY, queue.RUNNING)).exists()
            if row.code in periodics and not busy:
                row.task_id = enqueue(run_periodic, row.code)
                started.append(row.code)
            row.next_run_at = rhythm.following(row.spec, at, timezone.get_default_timezone())
            row.save(update_fields=["task_id", "next_run_at"])
    return started
