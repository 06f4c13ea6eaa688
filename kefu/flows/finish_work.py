"""The end of an order: done, asked, closed and sealed, or back to work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import queries as callback_queries
from kefu.cases.callbacks import services as callbacks
from kefu.cases.callbacks.choices import SETTLED, TaskState, Verdict, Way
from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import queries as complaint_queries
from kefu.cases.complaints.choices import State as ComplaintState
from kefu.cases.workorders import queries as order_queries
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.choices import State
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.forms import queries as form_queries
from kefu.engines.forms import services as forms
from kefu.engines.rulebook.queries import setting
from kefu.flows import archive, complaint_steps
from kefu.kit import moment
from kefu.kit.errors import Conflict, KefuError
from kefu.people.actor import SYSTEM, Actor
from kefu.touch.contacts.choices import Channel

log = logging.getLogger("kefu.flows")
AT_ONCE = 500
Row = TypeVar("Row", bound=Model)


def complete(*, actor: Actor, id: int, result: str) -> WorkOrder:  # noqa: A002
    """The handler is done; the rules say whether the customer is asked."""
    with transaction.atomic():
        for answer in form_queries.answers_of(id):
            forms.pass_gates(answer, blocks="complete")
        order = orders.complete(actor=actor, id=id, result=result)
        callbacks.ask(
            actor=actor, subject=order.subject, facts=orders.facts_of(order), name=order.name, phone=order.phone, at=moment.now(),
            customer_id=order.customer_id,
        )  # fmt: skip
    return order


def record_callback(
    *,
    actor: Actor,
    id: int,
    verdict: Verdict,
    words: str = "",
    way: Way = Way.PHONE,
    heads_present: str = "",  # noqa: A002
) -> CallbackTask:
    """Write what the customer said and move the case: satisfied closes and archives, not satisfied sends it back to the handler;
    a second time the matter becomes a complaint (design.md §10)."""
    with transaction.atomic():
        task = callbacks.given(actor, id, "record")
        if verdict == Verdict.UNREACHABLE:
            callbacks.check_unreachable(task)
        callbacks.settle(actor=actor, task=task, verdict=verdict, words=words, way=way, heads_present=heads_present, at=moment.now())
        if task.subject.kind == "workorder":
            _move_order(actor, task, verdict, words)
        else:
            complaint_steps.after_callback(actor=actor, complaint_id=task.subject_id, verdict=verdict, words=words)
    return task


def _move_order(actor: Actor, task: CallbackTask, verdict: Verdict, words: str) -> None:
    if verdict == Verdict.NOT_SATISFIED:
        order = orders.redo(actor=actor, id=task.subject_id, words=words)
        if order.redo_round > 1:
            complaint_steps.raise_from_order(actor=actor, order=order, words=words)
        return
    order = orders.close(actor=actor, id=task.subject_id, satisfaction=str(verdict))
    # The city hotline asks the caller itself and may send the order back, so it stays open to that for some days.
    if verdict in SETTLED and order.channel != Channel.HOTLINE12345:
        archive.seal_order(actor=actor, order=order)
    else:
        archive.archive_when_due(actor=actor, order=order)


def give_up(*, actor: Actor, id: int, reason: str) -> CallbackTask:  # noqa: A002
    """The customer cannot be reached: the case is closed as such."""
    return record_callback(actor=actor, id=id, verdict=Verdict.UNREACHABLE, words=reason)


def close(*, actor: Actor, id: int, reason: str) -> WorkOrder:  # noqa: A002
    """Close without a callback, where none is owed."""
    with transaction.atomic():
        if callback_queries.open_of(id) is not None:
            raise Conflict(_("The customer is to be called back first."), code="callback_owed")
        order = orders.close(actor=actor, id=id, reason=reason)
        return archive.archive_when_due(actor=actor, order=order)


def redo(*, actor: Actor, id: int, words: str) -> WorkOrder:  # noqa: A002
    """Sent back by the dispatcher before the customer was asked."""
    with transaction.atomic():
        callbacks.void(actor=actor, subject_id=id)
        return orders.redo(actor=actor, id=id, words=words)


def close_settled(limit: int = AT_ONCE) -> int:
    """Close completed orders whose customer need not be asked, some days after their end (setting ``order.auto_close_days``; 0: never).

    The oldest first; the answer is how many were closed. One that cannot be closed is logged and left.
    """
    days = int(setting("order.auto_close_days", default=7))
    if days < 1:
        return 0
    waiting = order_queries.visible_to(SYSTEM).filter(state=State.COMPLETED, completed_at__lt=moment.now() - timedelta(days=days))
    owed = CallbackTask.objects.filter(state=TaskState.OPEN).values("subject_id")
    found = list(waiting.exclude(pk__in=owed).order_by("completed_at", "pk").values_list("pk", flat=True)[:limit])
    reason = gettext("Closed by itself after %(days)d days") % {"days": days}
    return _each(found, lambda order_id: close(actor=SYSTEM, id=order_id, reason=reason))


def archive_closed(limit: int = AT_ONCE) -> int:
    """Seal what closed without the customer's word and was not reopened in time; the answer is how many."""
    orders_closed = order_queries.visible_to(SYSTEM).filter(state=State.CLOSED)
    complaints_closed = complaint_queries.visible_to(SYSTEM).filter(state=ComplaintState.CLOSED)
    return _each(
        _closed_long_ago(orders_closed, "workorder", limit), lambda row_id: archive.archive_order(actor=SYSTEM, id=row_id)
    ) + _each(
        _closed_long_ago(complaints_closed, "complaint", limit), lambda row_id: complaint_steps.archive_complaint(actor=SYSTEM, id=row_id)
    )


def _closed_long_ago(rows: QuerySet[Row], kind: str, limit: int) -> list[int]:
    before = moment.now() - timedelta(days=archive.days_to_wait(kind))
    return list(rows.filter(closed_at__lte=before).order_by("closed_at", "pk").values_list("pk", flat=True)[:limit])


def _each(ids: list[int], run: Callable[[int], object]) -> int:
    """Do it for each; one that refuses is logged and left."""
    done = 0
    for row_id in ids:
        try:
            run(row_id)
            done += 1
        except KefuError as error:
            log.warning("%s was left by the timetable: %s", row_id, error)
    return done
