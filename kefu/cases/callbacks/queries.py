"""Reads about callbacks."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from kefu.cases.callbacks.choices import TaskState
from kefu.cases.callbacks.models import CallbackRule, CallbackTask, CallbackTry
from kefu.cases.callbacks.policies import TaskFacts
from kefu.engines.filters.memory import matches
from kefu.kit import hot, moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.kit.waiting import MOST
from kefu.people.actor import Actor
from kefu.timeline.queries import visible
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers.registry import untold


def visible_to(actor: Actor) -> QuerySet[CallbackTask]:
    return CallbackTask.objects.filter(visible(actor, "subject__"))


def how_many_wait(actor: Actor) -> int:
    """How many callbacks are to be made now; counting stops at ``MOST``."""
    return visible_to(actor).filter(state=TaskState.OPEN, not_before__lte=moment.now()).order_by()[:MOST].count()


def get(actor: Actor, task_id: int) -> CallbackTask:
    found = visible_to(actor).select_related("subject").filter(pk=task_id).first()
    if found is None:
        raise NotFound()
    return found


def facts(task: CallbackTask) -> TaskFacts:
    return TaskFacts(task.state, task.subject.owner_id)


def waiting(actor: Actor, *, cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """The callbacks whose time has come, oldest first."""
    query = visible_to(actor).filter(state=TaskState.OPEN, not_before__lte=moment.now())
    rows = after(query, keys=("not_before", "id"), cursor=cursor).values(
        "id",
        "subject_id",
        "subject__number",
        "subject__kind",
        "subject__title",
        "subject__owner_id",
        "name",
        "phone",
        "created_at",
        "not_before",
        "tries",
    )[: size + 1]
    return cut([dict(row) for row in rows], size=size, key=lambda row: [row["not_before"].isoformat(), row["id"]])


def of_subject(subject_id: int) -> list[dict[str, Any]]:
    """All callbacks of a case with their tries."""
    found = _tasks(id=subject_id)
    tries = _tries(id=subject_id) if found else []
    for row in found:
        row["attempts"] = [one for one in tries if one["task_id"] == row["id"]]
    return found


def _tasks_of_one() -> QuerySet[CallbackTask, Any]:
    rows = CallbackTask.objects.filter(subject_id=hot.Slot("id")).order_by("-id")
    return rows.values("id", "state", "verdict", "words", "heads_present", "done_at", "done_by__name", "created_at", "tries")


def _tries_of_one() -> QuerySet[CallbackTry, Any]:
    rows = CallbackTry.objects.filter(task__subject_id=hot.Slot("id")).order_by("id")
    return rows.values("task_id", "at", "by__name", "way", "reached", "remark")


_tasks, _tries = hot.Read(_tasks_of_one), hot.Read(_tries_of_one)


def any_callback() -> Exists:
    """For a query of cases: whether anybody was or is to be called back."""
    return Exists(CallbackTask.objects.filter(subject_id=OuterRef("pk")))


def of_customer(actor: Actor, customer_id: int, channel: str) -> QuerySet[CallbackTask]:
    """The callbacks of a customer that a person sees and of which he may know whose they are; they are made by phone."""
    query = visible_to(actor).filter(~untold(actor, "subject_id"), customer_id=customer_id).exclude(state=TaskState.VOID)
    return query if channel in ("", Channel.PHONE) else query.none()


def open_of(subject_id: int) -> CallbackTask | None:
    return CallbackTask.objects.filter(subject_id=subject_id, state=TaskState.OPEN).first()


def rule_for(subject_kind: str, facts: Mapping[str, Any], number: str) -> CallbackRule | None:
    """The first active rule that matches and draws this case. The draw goes by the case's number: repeatable, and nobody chooses."""
    for rule in CallbackRule.objects.filter(active=True, subject_kind=subject_kind).order_by("position", "code"):
        if matches(rule.condition, facts):
            return rule if zlib.crc32(number.encode()) % 10_000 < rule.share * 10_000 else None
    return None
