"""The judge of conversations."""

from __future__ import annotations

from typing import NamedTuple

from kefu.kit.moves import given
from kefu.people.actor import Actor
from kefu.touch.contacts.choices import Outcome
from kefu.touch.conversations.choices import MOVES, Who
from kefu.touch.conversations.registry import outlets


class Facts(NamedTuple):
    """What the judge needs: whose conversation it is, how it stands, what the contact led to so far, whether letters lie unsent, who was
    asked in and who is in it beside the agent, who had it before."""

    state: str
    agent_id: int | None
    outcome: str
    channel: str
    failed: bool
    asked: frozenset[int] = frozenset()
    beside: frozenset[int] = frozenset()
    came_from: int | None = None


def relations(actor: Actor, held: Facts) -> set[Who]:
    """In which relations a person stands to a conversation. One in which nobody works yet is everybody's."""
    if not actor.can("contacts.take"):
        return set()
    found = {Who.TAKER}
    if actor.id is None or held.agent_id in (None, actor.id) or actor.can("conversations.lead"):
        found.add(Who.OWNER)
    if held.agent_id == actor.id:
        if held.came_from is not None and actor.id is not None:
            found.add(Who.RECEIVER)
        return found | {Who.OPENER} if actor.can("orders.open") else found
    leads = actor.can("conversations.lead")
    if leads:
        found.add(Who.LEAD)
    if actor.id in held.beside:
        found.add(Who.BESIDE)
    elif leads or actor.id in held.asked:
        found.add(Who.ASKED)
    return found


def allowed(actor: Actor, held: Facts) -> set[str]:
    """The commands a person may give to a conversation now."""
    found = given(MOVES, held.state, relations(actor, held))
    if held.outcome != Outcome.OPEN:
        found.discard("order")
    outlet = outlets.get(held.channel)
    if outlet is None or outlet.elsewhere:
        found.discard("reply")
    if not actor.can("customers.see"):
        found.discard("recognise")
    return found if held.failed else found - {"resend"}
