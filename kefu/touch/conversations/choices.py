"""States of a conversation, kinds of message, and the one table of moves."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """WAITING: nobody has taken it. PENDING: it is the customer's turn."""

    WAITING = "waiting", _("Waiting to be taken")
    OPEN = "open", _("In hand")
    PENDING = "pending", _("Waits for the customer")
    CLOSED = "closed", _("Conversation closed")


RUNNING = (State.WAITING, State.OPEN, State.PENDING)


class Direction(models.TextChoices):
    """A NOTE is read by colleagues only."""

    IN = "in", _("From the customer")
    OUT = "out", _("To the customer")
    NOTE = "note", _("Internal note")


class Delivery(models.TextChoices):
    """How far an outgoing message has come; messages that came in have none."""

    NONE = "", "--"
    QUEUED = "queued", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    BOUNCED = "bounced", _("Came back")


class Auto(models.TextChoices):
    """What wrote an incoming message when no person did."""

    NONE = "", "--"
    AUTO_REPLY = "auto-reply", _("Automatic answer")
    BOUNCE = "bounce", _("Delivery failure")
    LIST = "list", _("Mailing list")


class Health(models.TextChoices):
    """Whether a way in works."""

    UNKNOWN = "unknown", _("Not tried yet")
    GOOD = "good", _("Works")
    FAILING = "failing", _("Does not work")


@dataclass(frozen=True)
class Move:
    """A command: in which states it may be given, and whether only by the agent whose conversation it is (or a lead)."""

    states: frozenset[State]
    own: bool = False


def _move(*states: State, own: bool = False) -> Move:
    return Move(frozenset(states), own)


MOVES: dict[str, Move] = {
    "take": _move(State.WAITING),
    "note": _move(*State),
    "mention": _move(*State),
    "transfer": _move(*RUNNING, own=True),
    "pend": _move(State.OPEN, own=True),
    "close": _move(*RUNNING, own=True),
    "reopen": _move(State.CLOSED),
    "order": _move(State.OPEN, State.PENDING, own=True),
}
