"""Figures of the robot that answers chats first (decision 0025)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.engines.measures.counted import Counted
from kefu.insight.reports.measures.making import UNIT, measure
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.models import Conversation


def _met() -> QuerySet[Any, Any]:
    """Talks that the robot met first and that it has settled or handed over."""
    return Conversation.objects.filter(Q(handed_at__isnull=False) | Q(state=State.CLOSED), robot=True)


def _counted(good: Q) -> Counted:
    return Counted(_met, "contact__received_at", {"unit": "contact__subject__unit_path"}, good=good, subject="contact_id")


MEASURES = (
    measure(
        "chat.robot_settled",
        _("Settled by the robot"),
        _("Talks that the robot met first and that ended without a person / talks that the robot settled or handed over."),
        _counted(Q(handed_at=None)),
        (UNIT,),
        variant="RB-1",
        goal="up",
    ),
    measure(
        "chat.robot_handed",
        _("Handed over by the robot"),
        _("Talks that the robot handed over to people / talks that the robot settled or handed over."),
        _counted(Q(handed_at__isnull=False)),
        (UNIT,),
        variant="RB-2",
    ),
)
