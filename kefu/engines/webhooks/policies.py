"""The judge of receivers and deliveries."""

from __future__ import annotations

from kefu.engines.webhooks.choices import State
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.people.actor import Actor

MANAGE = "webhooks.manage"


def judge(actor: Actor) -> None:
    """Pass who sets up webhooks, and the system; raises ``NotAllowed`` for all others."""
    actor.require(MANAGE)


def allowed(actor: Actor, row: Receiver, *, dead: bool) -> set[str]:
    """The commands on a receiver; ``dead``: it has dead letters."""
    if not actor.can(MANAGE):
        return set()
    return {"rotate"} | ({"ping"} if row.active else {"remove"}) | ({"send_all_again"} if row.active and dead else set())


def allowed_delivery(actor: Actor, row: Delivery) -> set[str]:
    """The commands on a delivery: what has ended can be sent once more, and the next try brought forward."""
    if not actor.can(MANAGE) or not row.receiver.active:
        return set()
    return {"send_again"} if row.state != State.WAITING or row.tries else set()
