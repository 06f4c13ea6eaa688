"""Figures of contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension
from kefu.engines.rulebook.models import Setting
from kefu.insight.reports.measures.making import UNIT, chosen, measure
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact

CHANNEL = Dimension("channel", _("Channel"), chosen(Channel))
OUTCOME = Dimension("outcome", _("What became of it"), chosen(Outcome))
RING = "voice.answer_ring"


def _all() -> QuerySet[Any, Any]:
    return Contact.objects.exclude(outcome=Outcome.VOID)


def _rung() -> QuerySet[Any, Any]:
    """Answered calls whose rings were counted; ``in_rings`` by the target in force when each came in."""
    target = Q(pk__in=[])
    for rings, since, until in Setting.objects.filter(key=RING).values_list("value", "valid_from", "valid_to"):
        within = Q(received_at__gte=since) & (Q(received_at__lt=until) if until else Q())
        target |= within & Q(ring_count__lte=int(rings or 0))
    judged = Case(When(target, then=Value(True)), default=Value(False), output_field=BooleanField())
    return Contact.objects.filter(channel=Channel.PHONE, ring_count__isnull=False, answered_at__isnull=False).annotate(in_rings=judged)


_CONTACTS = Counted(_all, "received_at", {"channel": "channel", "outcome": "outcome", "unit": "subject__unit_path"})
_RINGS = Counted(_rung, "received_at", {"unit": "subject__unit_path"}, good=Q(in_rings=True))

MEASURES = (
    measure(
        "contacts.received",
        _("Contacts"),
        _("Contacts received in the period on all channels, void ones left out."),
        _CONTACTS,
        (CHANNEL, OUTCOME, UNIT),
        unit="count",
        combine="sum",
        variant="N",
        clauses=("R-04-1.4", "R-01-3.1a"),
    ),
    measure(
        "contacts.in_rings",
        _("Answered within the ring target"),
        _("Answered calls with at most as many rings as the target in force / answered calls whose rings were counted."),
        _RINGS,
        (UNIT,),
        variant="RING-1",
        goal="up",
        clauses=("R-04-1.2", "R-03-3.1.2"),
    ),
)
