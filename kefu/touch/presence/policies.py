"""The judge of states."""

from __future__ import annotations

from kefu.people.actor import Actor


def allowed(actor: Actor, staff_id: int, unit_path: str) -> set[str]:
    """Those who serve change their own state; who leads may sign off a colleague in scope."""
    own = actor.id == staff_id and actor.can("contacts.take")
    return {"state"} if own or (actor.can("conversations.lead") and actor.sees_path(unit_path)) else set()
