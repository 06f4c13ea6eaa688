"""The one task through which the timetable runs, and the cleaning of the queue."""

from __future__ import annotations

import time
from datetime import timedelta

from django_tasks_db.models import DBTaskResult

from kefu.engines.jobs import queue
from kefu.engines.jobs.models import PeriodicRun
from kefu.engines.jobs.registry import periodics
from kefu.engines.jobs.services import job
from kefu.kit import moment

KEEP_DONE, KEEP_FAILED = timedelta(days=2), timedelta(days=30)


@job(tries=3, priority=10)
def run_periodic(code: str) -> None:
    """Run one entry of the timetable and note how it went."""
    if code not in periodics:
        return
    began, at, error = time.monotonic(), moment.now(), ""
    try:
        periodics[code].run()
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"[:2_000]
        raise
    finally:
        PeriodicRun.objects.filter(pk=code).update(last_run_at=at, last_seconds=time.monotonic() - began, last_error=error)


def prune(batch: int = 1_000) -> int:
    """Forget finished tasks after 2 days and failed ones after 30, a batch at a time; answers how many."""
    gone = 0
    for status, keep in ((queue.DONE, KEEP_DONE), (queue.FAILED, KEEP_FAILED)):
        while True:
            old = DBTaskResult.objects.filter(status=status, finished_at__lt=moment.now() - keep).order_by()
            ids = list(old.values_list("pk", flat=True)[:batch])
            DBTaskResult.objects.filter(pk__in=ids).delete()
            gone += len(ids)
            if len(ids) < batch:
                break
    return gone
