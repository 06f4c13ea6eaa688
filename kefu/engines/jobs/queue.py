"""The queue: claim, finish, try again, take back from the dead. Each step is one short transaction."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_tasks import TaskContext, TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult

from kefu.kit import moment
from kefu.kit.errors import KefuError, Unavailable

READY, RUNNING = TaskResultStatus.READY, TaskResultStatus.RUNNING
FAILED, DONE = TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL
TRIES = 6
PAUSES = (10, 60, 300, 1800, 7200)
AT_ONCE = datetime(9999, 1, 1, tzinfo=UTC)

Row = DBTaskResult[Any, Any]
log = logging.getLogger("kefu.jobs")
tries_of: dict[str, int] = {}


def ready() -> Any:
    """Tasks whose time has come, most urgent first."""
    return DBTaskResult.objects.filter(Q(run_after=AT_ONCE) | Q(run_after__lte=moment.now()), status=READY)


def claim(worker: str) -> Row | None:
    """Take the next task for ``worker``, or None. Two workers never get the same one."""
    if not ready().exists():
        return None
    with transaction.atomic():
        row: Row | None = ready().select_for_update(skip_locked=True).first()
        if row is not None:
            row.status, row.started_at, row.worker_ids = RUNNING, moment.now(), [*row.worker_ids, worker]
            row.save(update_fields=["status", "started_at", "worker_ids"])
        return row


def run(row: Row) -> bool:
    """Run a claimed task and write down how it went; True if it succeeded."""
    try:
        work = row.task
        args, kwargs = row.args_kwargs["args"], row.args_kwargs["kwargs"]
        if work.takes_context:
            args = [TaskContext(task_result=row.task_result), *args]
        value = normalize_json(work.func(*args, **kwargs))
    except Exception as error:
        _failed(row, error)
        return False
    _settle(row, status=DONE, finished_at=moment.now(), return_value=value, exception_class_path="", traceback="")
    return True


def _settle(row: Row, **changes: Any) -> None:
    """Write the end of this try, unless the task was meanwhile taken away from a worker thought dead."""
    DBTaskResult.objects.filter(pk=row.pk, status=RUNNING, started_at=row.started_at).update(**changes)


def _failed(row: Row, error: Exception) -> None:
    final = isinstance(error, KefuError) and not isinstance(error, Unavailable)
    log.warning("task %s failed (try %d): %s", row.task_path, len(row.worker_ids), type(error).__name__, exc_info=error)
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    _again_or_failed(row, name, "".join(format_exception(error))[-20_000:], final=final)


def _again_or_failed(row: Row, error: str, trace: str, *, final: bool = False, at_once: bool = False) -> None:
    tried = len(row.worker_ids)
    said: dict[str, Any] = {"exception_class_path": error, "traceback": trace}
    if final or tried >= tries_of.get(row.task_path, TRIES):
        _settle(row, status=FAILED, finished_at=moment.now(), **said)
    else:
        pause = 0 if at_once else PAUSES[min(tried, len(PAUSES)) - 1]
        _settle(row, status=READY, run_after=moment.now() + timedelta(seconds=pause), **said)


def reclaim(alive: set[str]) -> int:
    """Put back what workers that are no longer ``alive`` were running; answers how many tasks."""
    taken = 0
    for row in DBTaskResult.objects.filter(status=RUNNING):
        if row.worker_ids and row.worker_ids[-1] not in alive:
            _again_or_failed(row, "kefu.jobs.WorkerDied", "The worker process ended while it ran this.", at_once=True)
            taken += 1
    return taken


def release(worker: str) -> None:
    """Put back what ``worker`` is running: it stops and cannot wait for the end. The try does not count."""
    for row in DBTaskResult.objects.filter(status=RUNNING):
        if row.worker_ids and row.worker_ids[-1] == worker:
            _settle(row, status=READY, run_after=moment.now(), worker_ids=row.worker_ids[:-1])


def drain(limit: int = 10_000) -> int:
    """Run what is ready in this process until nothing is (tests, demo, one-off commands); answers how many ran."""
    for done in range(limit):
        row = claim("inline")
        if row is None:
            return done
        run(row)
    return limit
