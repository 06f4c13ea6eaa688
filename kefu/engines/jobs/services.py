"""Queue work. A queued task is a row of the caller's transaction: it exists exactly if that commits, and no kill can lose it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import ParamSpec, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from kefu.engines.jobs import queue
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotAllowed, NotFound
from kefu.people.actor import Actor

P = ParamSpec("P")
T = TypeVar("T")


def job(*, tries: int = 6, priority: int = 0) -> Callable[[Callable[P, T]], Task[P, T]]:
    """Declare background work (in ``tasks.py``): an idempotent function that takes ids (JSON values).

    It is tried ``tries`` times with growing pauses (10 s, 1 min, 5 min, 30 min, 2 h ...); a refusal (``KefuError`` other than
    ``Unavailable``) is final at once. ``priority`` -100 to 100, higher first.
    """

    def wrap(function: Callable[P, T]) -> Task[P, T]:
        made: Task[P, T] = task(priority=priority)(function)
        queue.tries_of[made.module_path] = tries
        return made

    return wrap


def enqueue(work: Task[P, T], *args: P.args, **kwargs: P.kwargs) -> uuid.UUID:
    """Queue ``work`` in the caller's transaction; it runs after the commit. Answers with the id of the task."""
    return uuid.UUID(work.enqueue(*args, **kwargs).id)


def enqueue_at(at: datetime, work: Task[P, T], *args: P.args, **kwargs: P.kwargs) -> uuid.UUID:
    """Queue ``work`` for the instant ``at`` (aware)."""
    return enqueue(work.using(run_after=at), *args, **kwargs)


@transaction.atomic
def rerun(*, actor: Actor, task_id: uuid.UUID) -> None:
    """Queue a failed task again, with all its tries. Raises ``NotAllowed``, ``NotFound``, ``Conflict`` (it did not fail)."""
    if not actor.can("settings.manage"):
        raise NotAllowed()
    row = DBTaskResult.objects.select_for_update().filter(pk=task_id).first()
    if row is None:
        raise NotFound()
    if row.status != queue.FAILED:
        raise Conflict(_("Only failed work can be run again."))
    DBTaskResult.objects.filter(pk=task_id).update(status=queue.READY, worker_ids=[], run_after=moment.now(), finished_at=None)
