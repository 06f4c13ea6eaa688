"""The judge of conversations."""

from __future__ import annotations

from typing import NamedTuple

from kefu.people.actor import Actor
from kefu.touch.contacts.choices import Outcome
from kefu.touch.conversations.choices import MOVES


class Facts(NamedTuple):
    """What the judge needs: whose conversation it is, how it stands, and what the contact led to so far."""

    state: str
    agent_id: int | None
    outcome: str


def allowed(actor: Actor, held: Facts) -> set[str]:
    """The commands a person may give to a conversation now. One in which nobody works yet is everybody's."""
    if not actor.can("contacts.take"):
        return set()
    own = actor.id is None or held.agent_id in (None, actor.id) or actor.can("conversations.lead")
    found = {name for name, move in MOVES.items() if held.state in move.states and (own or not move.own)}
    if held.outcome != Outcome.OPEN or held.agent_id != actor.id or not actor.can("orders.open"):
        found.discard("order")
    return found
