"""The states of an agent, exactly one at a time, and what each means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Exactly one at a time; the stays in them are the ledger of working time."""

    OFFLINE = "offline", _("Signed off")
    READY = "ready", _("Ready")
    RESERVED = "reserved", _("Reserved")
    RINGING = "ringing", _("Ringing")
    TALKING = "talking", _("In a call")
    HOLD = "hold", _("On hold")
    CONFERENCE = "conference", _("In a conference")
    DIALLING = "dialling", _("Dialling")
    WRAP_UP = "wrap_up", _("Wrapping up")
    REST = "rest", _("Short rest")
    MEAL = "meal", _("Meal")
    TRAINING = "training", _("Training")
    MEETING = "meeting", _("Meeting")
    AWAY = "away", _("Away from the seat")
    BUSY = "busy", _("Not taking work")


@dataclass(frozen=True)
class Kind:
    """``by_hand``: a person may choose it, the others follow from a call. ``productive`` time is work. ``why``: a reason is asked."""

    by_hand: bool = False
    productive: bool = False
    why: bool = False
    tone: str = "secondary"


KINDS: dict[str, Kind] = {
    State.OFFLINE: Kind(by_hand=True),
    State.READY: Kind(by_hand=True, productive=True, tone="success"),
    State.RESERVED: Kind(productive=True, tone="primary"),
    State.RINGING: Kind(productive=True, tone="primary"),
    State.TALKING: Kind(productive=True, tone="primary"),
    State.HOLD: Kind(productive=True, tone="primary"),
    State.CONFERENCE: Kind(productive=True, tone="primary"),
    State.DIALLING: Kind(productive=True, tone="primary"),
    State.WRAP_UP: Kind(by_hand=True, productive=True, tone="info"),
    State.REST: Kind(by_hand=True, tone="warning"),
    State.MEAL: Kind(by_hand=True, tone="warning"),
    State.TRAINING: Kind(by_hand=True, productive=True, tone="info"),
    State.MEETING: Kind(by_hand=True, productive=True, tone="info"),
    State.AWAY: Kind(by_hand=True, why=True, tone="warning"),
    State.BUSY: Kind(by_hand=True, productive=True, why=True, tone="danger"),
}
BY_HAND = tuple(State(state) for state, kind in KINDS.items() if kind.by_hand)

# The reason that the system gives, and the list of those that people choose from.
DISCONNECTED = "disconnected"
REASONS = "presence_reasons"
GRACE_SETTING, GRACE = "presence.disconnect_seconds", timedelta(seconds=150)
CAPACITY_SETTING = "presence.capacity"
