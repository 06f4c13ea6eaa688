"""Figures of complaints (R-04-3.7.7)."""

from __future__ import annotations

from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints.choices import Severity, Validity
from kefu.cases.complaints.models import Complaint
from kefu.engines.measures.counted import Counted, joined, only
from kefu.engines.measures.registry import Dimension
from kefu.insight.reports.measures.contacts import CHANNEL
from kefu.insight.reports.measures.making import KEPT, LIMIT, OUTCOME, UNIT, by_limit, chosen, due, listed, measure, owed
from kefu.insight.reports.measures.orders import _ACCEPTED as ORDERS
from kefu.touch.contacts.choices import Channel

TYPE = Dimension("type", _("Subject"), listed("complaint_subjects", empty=_("Not yet classed")))
SEVERITY = Dimension("severity", _("Severity"), chosen(Severity, _("Not yet classed")))
VALIDITY = Dimension("validity", _("Validity"), chosen(Validity, _("Not yet judged")))
REASON = Dimension("reason", _("Cause or reason"), listed("complaint_valid_causes", "complaint_invalid_reasons", empty=_("Not yet judged")))
_COLUMNS = {
    "type": "subject_type", "severity": "severity", "validity": "validity", "reason": "reason", "unit": "subject__unit_path",
    "channel": "channel",
}  # fmt: skip
_OF_LIMIT = {"code": "code", "unit": "unit_path"}


def _complaints() -> QuerySet[Any, Any]:
    return Complaint.objects.annotate(tests=Cast("severity_tests", TextField()))


def _waited(among: Q | None) -> Any:
    return Sum(ExpressionWrapper(F("accepted_at") - F("heard_at"), output_field=DurationField()), filter=among)


_UNIT = {"unit": "subject__unit_path"}
_ACCEPTED = Counted(_complaints, "accepted_at", _COLUMNS, kind="complaint")
_REPEATED = Counted(_complaints, "accepted_at", _UNIT, good=Q(tests__contains='"repeated"'), kind="complaint")
_VALID = Counted(_complaints, "accepted_at", _UNIT, good=Q(validity=Validity.VALID), among=lambda: ~Q(validity=""), kind="complaint")
_BY_UNIT = Counted(_complaints, "accepted_at", _UNIT, kind="complaint")
_ORDERS = Counted(ORDERS.rows, "accepted_at", _UNIT)
_BY_LIMIT = by_limit("complaint")
_ON_TIME = Counted(due, "due_at", _OF_LIMIT, good=KEPT, among=owed("complaint"), found_by=_BY_LIMIT)
_OF_MISSED = {"code": "code", "outcome": "outcome", "unit": "unit_path"}
_MISSED = Counted(due, "due_at", _OF_MISSED, among=owed("complaint", kept=False), found_by=_BY_LIMIT)
_DELAY = Counted(_complaints, "accepted_at", _UNIT, among=lambda: Q(channel=Channel.PASSED_ON), over=_waited, kind="complaint")

MEASURES = (
    measure(
        "complaints.accepted", _("Complaints"),
        _("Complaints taken in the period, by what is known of them now; withdrawn ones count too."), _ACCEPTED,
        (TYPE, SEVERITY, VALIDITY, REASON, UNIT, CHANNEL), unit="count", combine="sum", variant="N", clauses=("R-04-3.7.7",),
    ),
    measure(
        "complaints.valid", _("Valid share"), _("Complaints judged valid / complaints judged, of those taken in the period."), _VALID,
        (UNIT,), variant="VALID-1", goal="down", clauses=("R-04-3.6.3", "R-04-3.6.4"),
    ),
    measure(
        "complaints.repeated", _("Repeated share"),
        _("Complaints that met the test of repetition in a short time / complaints taken in the period."), _REPEATED, (UNIT,),
        variant="REP-1", goal="down", clauses=("R-04-3.6.2",),
    ),
    measure(
        "complaints.rate", _("Complaint rate"), _("Complaints taken in the period / work orders accepted in the period."), _BY_UNIT,
        (UNIT,),
        source=joined(only(_BY_UNIT, numerator=1), only(_ORDERS, denominator=1)), variant="CR-ORDERS", goal="down",
        clauses=("R-04-3.7.7",),
    ),
    measure(
        "complaints.on_time", _("Complaint limits kept"),
        _("Limits kept / limits due in the period (kept, late, open and overdue). Paused and void ones do not count."), _ON_TIME,
        (LIMIT, UNIT), variant="ON-1", goal="up", clauses=("R-04-3.7.1", "R-04-3.6.5", "R-04-3.6.6a", "R-04-3.7.5"),
    ),
    measure(
        "complaints.missed", _("Complaint limits missed"), _("Limits on complaints due in the period and kept late or still open."),
        _MISSED, (LIMIT, OUTCOME, UNIT), unit="count", combine="sum", variant="N", goal="down", clauses=("R-04-3.7.6",),
    ),
    measure(
        "complaints.pass_on_delay", _("Pass-on delay"),
        _("Mean time from hearing a complaint to its reaching the centre, of those that employees passed on in the period."), _DELAY,
        (UNIT,), unit="seconds", variant="DELAY-1", goal="down", clauses=("R-04-3.1",),
    ),
)  # fmt: skip
