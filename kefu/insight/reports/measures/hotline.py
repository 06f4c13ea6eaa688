"""Figures of the orders that the city hotline passed on (domain notes §3: response, solution and satisfaction by the caller's word)."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension
from kefu.insight.reports.measures.making import UNIT, chosen, measure
from kefu.kit import moment
from kefu.touch.channels.hotline.choices import Rated, Role, State
from kefu.touch.channels.hotline.models import HotlineRound

ROLE = Dimension("role", _("We are"), chosen(Role))
_COLUMNS = {"unit": "subject__unit_path", "role": "order__role"}
_CLAUSES = ("R-02C-2d",)


def _kept() -> QuerySet[Any, Any]:
    """Rounds that were answered, or whose limit has passed without an answer; what the hotline took back does not count."""
    judged = HotlineRound.objects.exclude(order__state=State.RETURNED).filter(Q(reported_at__isnull=False) | Q(due_at__lte=moment.now()))
    kept = Case(When(reported_at__lte=F("due_at"), then=Value(True)), default=Value(False), output_field=BooleanField())
    return judged.annotate(kept=kept)


def _answered() -> QuerySet[Any, Any]:
    further = HotlineRound.objects.filter(order_id=OuterRef("order_id"), number__gt=OuterRef("number"))
    return HotlineRound.objects.filter(reported_at__isnull=False).annotate(again=Exists(further))


def _rated() -> QuerySet[Any, Any]:
    return HotlineRound.objects.filter(rated_at__isnull=False).exclude(rated=Rated.UNREACHED)


MEASURES = (
    measure(
        "hotline.on_time",
        _("12345 answered in time"),
        _("Rounds answered within the limit on the order / rounds whose limit fell into the period; open overdue ones count as missed."),
        Counted(_kept, "due_at", _COLUMNS, good=Q(kept=True)),
        (UNIT, ROLE),
        variant="HL-1",
        goal="up",
        clauses=_CLAUSES,
    ),
    measure(
        "hotline.redo",
        _("12345 sent back for redo"),
        _("Answers of the period that the hotline sent back for another round / answers of the period."),
        Counted(_answered, "reported_at", _COLUMNS, good=Q(again=True)),
        (UNIT, ROLE),
        variant="HL-2",
        goal="down",
        clauses=_CLAUSES,
    ),
    measure(
        "hotline.satisfied",
        _("12345 callers satisfied"),
        _("Callers who told the hotline that they are satisfied or basically satisfied / callers whom the hotline reached."),
        Counted(_rated, "rated_at", _COLUMNS, good=Q(rated__in=[Rated.SATISFIED, Rated.BASICALLY])),
        (UNIT, ROLE),
        variant="HL-3",
        goal="up",
        clauses=_CLAUSES,
    ),
    measure(
        "hotline.solved",
        _("12345 matters solved"),
        _("Callers who told the hotline that the matter is solved / callers whom the hotline asked about it."),
        Counted(_rated, "rated_at", _COLUMNS, good=Q(solved=True), among=lambda: Q(solved__isnull=False)),
        (UNIT, ROLE),
        variant="HL-4",
        goal="up",
        clauses=_CLAUSES,
    ),
)
