"""What the page of background work, ``kefu doctor`` and tests read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from kefu.engines.jobs import queue, worker
from kefu.engines.jobs.models import PeriodicRun
from kefu.engines.jobs.registry import Periodic, periodics
from kefu.kit import moment
from kefu.kit.errors import NotAllowed
from kefu.people.actor import Actor

MANY = 100


def workers_alive() -> int:
    return len(worker.alive())


def waiting() -> int:
    """How many tasks wait and are due; counted to ``MANY``."""
    return len(queue.ready().order_by().values_list("pk")[:MANY])


def failed_lately() -> int:
    """How many tasks failed for good in the last week; counted to ``MANY``."""
    since = moment.now() - timedelta(days=7)
    return len(DBTaskResult.objects.filter(status=queue.FAILED, finished_at__gt=since).order_by().values_list("pk")[:MANY])


def failed(actor: Actor, limit: int = MANY) -> list[dict[str, Any]]:
    """The latest tasks that failed for good, newest first. Raises ``NotAllowed``."""
    if not actor.can("settings.manage"):
        raise NotAllowed()
    rows = DBTaskResult.objects.filter(status=queue.FAILED).order_by("-finished_at")
    shown = ("id", "task_path", "args_kwargs", "enqueued_at", "finished_at", "exception_class_path", "traceback")
    return [dict(row) for row in rows.values(*shown)[:limit]]


def timetable(actor: Actor) -> list[dict[str, Any]]:
    """Every entry with its rhythm, its last and next run. Raises ``NotAllowed``."""
    if not actor.can("settings.manage"):
        raise NotAllowed()
    rows = {row["code"]: row for row in PeriodicRun.objects.values()}
    never = {"last_run_at": None, "next_run_at": None, "last_seconds": None, "last_error": ""}
    return [{**never, **rows.get(one.code, {}), "code": one.code, "name": one.name, "rhythm": _in_words(one)} for one in periodics]


def _in_words(one: Periodic) -> str:
    if one.every is not None:
        return _("every %(count)s seconds") % {"count": one.every}
    return _("daily at %(time)s") % {"time": one.at} if one.at is not None else one.spec
