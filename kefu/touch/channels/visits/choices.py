"""States of a visit and how high a visitor is received."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waits")
    CALLED = "called", _("Called")
    SERVING = "serving", _("Being received")
    LEFT = "left", _("Has left")
    REFUSED = "refused", _("Turned away")


class Protocol(models.TextChoices):
    """At which level a visitor is received (R-02F-recv)."""

    EQUAL = "equal", _("Equal")
    HIGHER = "higher", _("Higher")
    LOWER = "lower", _("Lower")


HERE = (State.WAITING, State.CALLED, State.SERVING)
QUEUE = (State.WAITING, State.CALLED)
STATES: dict[str, tuple[State, ...]] = {
    "serve": QUEUE,
    "call": QUEUE,
    "leave": HERE,
    "refuse": QUEUE,
    "register": tuple(State),
}
