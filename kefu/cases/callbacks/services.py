"""Writes: queue a callback, note a try, record the customer's word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import policies, queries
from kefu.cases.callbacks.choices import Reached, TaskState, Verdict, Way
from kefu.cases.callbacks.models import CallbackTask, CallbackTry
from kefu.engines.clock import services as clock
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.choices import Audience
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.customers import queries as customers
from kefu.touch.customers.choices import Purpose, ReachedBy

FEWEST_TRIES = 3
OWED = frozenset({"complaint"})
NEXT_TRY = timedelta(hours=4)


def ask(
    *, actor: Actor, subject: Subject, facts: Mapping[str, Any], name: str, phone: str, at: datetime, customer_id: int | None = None
) -> CallbackTask | None:
    """Queue the callback that the rules demand of a finished case, inside the caller's transaction; None if none is due, or the customer
    objects to be asked (a complaint is called back all the same: the result is owed to him, R-04-3.7.4).

    The limit that the callback meets is answered for by the post that the rule names.
    """
    rule = queries.rule_for(subject.kind, facts, subject.number)
    if rule is None:
        return None
    purpose = Purpose.SERVICE if subject.kind in OWED else Purpose.SURVEY
    why = customers.refusal(customer_id, channel=ReachedBy.CALL, purpose=purpose)
    if why:
        record_one(actor_id=actor.id, subject_id=subject.pk, kind="callback.spared", data={"why": why}, at=at)
        return None
    clock.address(subject=subject, met_by="called_back", post=rule.post)
    held = queries.open_of(subject.pk)
    if held is not None:
        return held
    task = CallbackTask.objects.create(
        subject=subject, customer_id=customer_id, rule=rule.code, name=name, phone=phone, created_at=at, not_before=at
    )
    record_one(
        actor_id=actor.id, subject_id=subject.pk, kind="callback.queued", data={"rule": rule.code}, clauses=tuple(rule.clauses), at=at
    )
    return task


def given(actor: Actor, task_id: int, command: str) -> CallbackTask:
    """The task, locked, and the command judged; inside the caller's transaction."""
    queries.get(actor, task_id)
    task = CallbackTask.objects.select_for_update(of=("self",)).select_related("subject").get(pk=task_id)
    if command not in policies.allowed(actor, queries.facts(task)):
        raise NotAllowed() if task.state == TaskState.OPEN else Conflict()
    return task


def try_again(*, actor: Actor, id: int, reached: Reached, not_before: datetime | None = None, remark: str = "") -> CallbackTask:
    """The customer was not asked this time; the next try comes at another time of day."""
    if reached == Reached.REACHED:
        raise Invalid(fields={"reached": _("Record what the customer said instead.")})
    with transaction.atomic():
        task = given(actor, id, "try_again")
        at = moment.now()
        _note_try(task, actor, Way.PHONE, reached, remark, at)
        task.not_before = not_before or at + NEXT_TRY
        task.save(update_fields=["tries", "not_before"])
        record_one(actor_id=actor.id, subject_id=task.subject_id, kind="callback.tried", data={"reached": str(reached)}, at=at)
    return task


def settle(*, actor: Actor, task: CallbackTask, verdict: Verdict, words: str, way: Way, heads_present: str, at: datetime) -> CallbackTask:
    """Write the customer's word; the flow that calls this holds the task and moves the case."""
    if verdict == Verdict.NOT_SATISFIED and not words.strip():
        raise Invalid(fields={"words": _("Write down what the customer says is not settled.")})
    reached = Reached.NO_ANSWER if verdict == Verdict.UNREACHABLE else Reached.REACHED
    _note_try(task, actor, way, reached, words[:500], at)
    task.state = TaskState.GIVEN_UP if verdict == Verdict.UNREACHABLE else TaskState.DONE
    task.verdict, task.words, task.heads_present, task.done_by_id, task.done_at = verdict, words, heads_present, actor.person_id, at
    task.save()
    data = {"verdict": str(verdict), "words": words[:500], "heads": heads_present}
    record_one(
        actor_id=actor.id, subject_id=task.subject_id, kind="callback.done", data=data, clauses=("R-04-3.7.4",),
        audience=Audience.CUSTOMER, at=at,
    )  # fmt: skip
    return task


def check_unreachable(task: CallbackTask) -> None:
    """Giving up needs three tries (one more counts now)."""
    if task.tries + 1 < FEWEST_TRIES:
        raise Conflict(_("Try at least %(count)d times at different hours before giving up."), code="too_few_tries", count=FEWEST_TRIES)


def void(*, actor: Actor, subject_id: int) -> None:
    """The case went back to work: nobody is asked now."""
    CallbackTask.objects.filter(subject_id=subject_id, state=TaskState.OPEN).update(state=TaskState.VOID)


def _note_try(task: CallbackTask, actor: Actor, way: Way, reached: Reached, remark: str, at: datetime) -> None:
    CallbackTry.objects.create(task=task, at=at, by_id=actor.person_id, way=way, reached=reached, remark=remark)
    task.tries += 1
