"""Figures of callbacks. The customer's word is no survey score; the two are kept apart."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks.choices import TaskState, Verdict
from kefu.cases.callbacks.models import CallbackTask
from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension
from kefu.engines.rulebook.queries import setting
from kefu.insight.reports.measures.making import UNIT, chosen, measure
from kefu.timeline.registry import subject_kinds

POSITIVE = "callback.understands_positive"
CASE = Dimension("case", _("Kind of case"), lambda codes: {code: str(subject_kinds[code].name) for code in codes if code in subject_kinds})
VERDICT = Dimension("verdict", _("The customer's word"), chosen(Verdict))


def _ended() -> QuerySet[Any, Any]:
    """Callbacks brought to an end; whether "understands" is positive is a setting (conflict C-20)."""
    kind = [Verdict.SATISFIED, Verdict.UNDERSTANDS] if setting(POSITIVE, default=False) else [Verdict.SATISFIED]
    positive = Case(When(verdict__in=kind, then=Value(True)), default=Value(False), output_field=BooleanField())
    return CallbackTask.objects.filter(state__in=[TaskState.DONE, TaskState.GIVEN_UP]).annotate(positive=positive)


_COLUMNS = {"case": "subject__kind", "unit": "subject__unit_path"}
_SPOKEN = Q(state=TaskState.DONE)
_SATISFIED = Counted(_ended, "done_at", {**_COLUMNS, "verdict": "verdict"}, good=Q(positive=True), among=lambda: _SPOKEN)
_REACHED = Counted(_ended, "done_at", _COLUMNS, good=_SPOKEN)

MEASURES = (
    measure(
        "callbacks.satisfied",
        _("Satisfied at callback"),
        _("Callbacks with a positive word / callbacks in which the customer spoke. “Understands” is positive only if the setting says so."),
        _SATISFIED,
        (CASE, UNIT, VERDICT),
        variant="CB-1",
        goal="up",
        clauses=("R-04-3.7.4", "R-02C-6.5"),
    ),
    measure(
        "callbacks.reached",
        _("Reached at callback"),
        _("Callbacks in which the customer was reached / callbacks brought to an end in the period."),
        _REACHED,
        (CASE, UNIT),
        variant="CB-2",
        goal="up",
        clauses=("R-04-3.7.4",),
    ),
)
