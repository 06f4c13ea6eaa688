"""The judge of visits."""

from __future__ import annotations

from kefu.people.actor import Actor
from kefu.touch.channels.visits.choices import STATES
from kefu.touch.channels.visits.queries import TAKE


def allowed(actor: Actor, state: str) -> set[str]:
    """The commands a person may give to a visit in a state."""
    return {name for name, states in STATES.items() if state in states} if actor.can(TAKE) else set()
