"""Figures of work orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision.models import Urge
from kefu.cases.workorders.choices import State, TypeKind
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Pause
from kefu.engines.measures.counted import Counted, joined, only
from kefu.engines.measures.registry import Dimension
from kefu.insight.reports.measures.making import KEPT, LIMIT, OUTCOME, UNIT, chosen, due, measure, owed
from kefu.timeline.models import Event

KIND = Dimension("kind", _("Kind of business"), chosen(TypeKind))
_DIMS = {"kind": "type__kind", "unit": "subject__unit_path"}
_OF_SUBJECT = {"kind": "subject__workorder__type__kind", "unit": "subject__unit_path"}


def _orders() -> QuerySet[Any, Any]:
    return WorkOrder.objects.exclude(state=State.VOID)


def _urges() -> QuerySet[Any, Any]:
    return Event.objects.filter(kind="case.urged", subject__kind="workorder")


def _stops() -> QuerySet[Any, Any]:
    return Pause.objects.filter(subject__kind="workorder", until__isnull=False)


def _length(since: str, until: str) -> Callable[[Q | None], Any]:
    between = ExpressionWrapper(F(until) - F(since), output_field=DurationField())
    return lambda among: Sum(between, filter=among)


_LIMITS = {"code": "code", "unit": "unit_path"}
_ACCEPTED = Counted(_orders, "accepted_at", _DIMS, kind="workorder")
_COMPLETED = Counted(_orders, "completed_at", _DIMS, kind="workorder")
_ON_TIME = Counted(due, "due_at", _LIMITS, good=KEPT, among=owed("workorder", only_by="completed"))
_STEPS = Counted(due, "due_at", _LIMITS, good=KEPT, among=owed("workorder"))
_MISSED = Counted(due, "due_at", {"code": "code", "outcome": "outcome", "unit": "unit_path"}, among=owed("workorder", kept=False))
_RETURNED = Counted(_orders, "accepted_at", _DIMS, good=Q(returned=True), kind="workorder")
_URGED = Counted(_orders, "accepted_at", _DIMS, good=Q(Exists(Urge.objects.filter(subject_id=OuterRef("pk")))), kind="workorder")
_URGES = Counted(_urges, "at", _OF_SUBJECT)
_REDONE = Counted(_orders, "completed_at", _DIMS, good=Q(redo_round__gt=0), kind="workorder")
_STOOD = Counted(_orders, "completed_at", _DIMS, good=Q(Exists(Pause.objects.filter(subject_id=OuterRef("pk")))), kind="workorder")
_GROSS = Counted(_orders, "completed_at", _DIMS, over=_length("accepted_at", "completed_at"), kind="workorder")
_STILL = Counted(_stops, "subject__workorder__completed_at", _OF_SUBJECT, over=_length("since", "until"))

MEASURES = (
    measure(
        "orders.accepted", _("Orders accepted"), _("Work orders accepted in the period, void ones left out."), _ACCEPTED, (KIND, UNIT),
        unit="count", combine="sum", variant="N",
    ),
    measure(
        "orders.completed", _("Orders completed"), _("Work orders whose handler reported completion in the period."), _COMPLETED,
        (KIND, UNIT), unit="count", combine="sum", variant="N",
    ),
    measure(
        "orders.on_time", _("Orders completed on time"),
        _("Result limits kept / result limits due in the period. Open and overdue counts as missed; paused and void ones do not count."),
        _ON_TIME, (LIMIT, UNIT), variant="ON-1", goal="up", clauses=("R-03-3.2.4",),
    ),
    measure(
        "orders.steps_on_time", _("Order limits kept"),
        _("Limits kept / limits due in the period, all limits on work orders. Open and overdue counts as missed."),
        _STEPS, (LIMIT, UNIT), variant="ON-1", goal="up",
    ),
    measure(
        "orders.missed", _("Order limits missed"), _("Limits on work orders due in the period and kept late or still open."), _MISSED,
        (LIMIT, OUTCOME, UNIT), unit="count", combine="sum", variant="N", goal="down",
    ),
    measure(
        "orders.returned", _("Return rate"), _("Orders returned to the dispatcher / orders accepted in the period."), _RETURNED,
        (KIND, UNIT), variant="RET-1", goal="down", clauses=("R-02C-6.1",),
    ),
    measure(
        "orders.urge_rate", _("Urge rate"), _("Orders that were urged at least once / orders accepted in the period."), _URGED,
        (KIND, UNIT), variant="URGE-1", goal="down",
    ),
    measure(
        "orders.urges", _("Urges per order"), _("Urges recorded in the period / orders accepted in the period."), _URGES, (KIND, UNIT),
        source=joined(only(_URGES, numerator=1), only(_ACCEPTED, denominator=1)), variant="URGE-2", goal="down",
    ),
    measure(
        "orders.redone", _("Redo rate"), _("Orders completed in the period that had been sent back or reopened / orders completed."),
        _REDONE, (KIND, UNIT), variant="REDO-1", goal="down", clauses=("R-02C-6.5",),
    ),
    measure(
        "orders.suspended", _("Suspended share"), _("Orders completed in the period whose clock had stood still / orders completed."),
        _STOOD, (KIND, UNIT), variant="SUSP-1", goal="down", clauses=("R-02C-6.2",),
    ),
    measure(
        "orders.gross_time", _("Handling time, gross"), _("Mean time from acceptance to completion of orders completed in the period."),
        _GROSS, (KIND, UNIT), unit="seconds", variant="AHT-G", goal="down", clauses=("R-02C-6.2",),
    ),
    measure(
        "orders.net_time", _("Handling time, net"),
        _("Mean time from acceptance to completion without the time that the clock stood still."),
        _GROSS, (KIND, UNIT), source=joined(_GROSS, only(_STILL, numerator=-1)), unit="seconds", variant="AHT-N", goal="down",
        clauses=("R-02C-6.2",),
    ),
)  # fmt: skip
