"""The judge of offers and skills."""

from __future__ import annotations

from kefu.people.actor import Actor


def may_set_skill(actor: Actor, unit_path: str) -> bool:
    return actor.can("conversations.lead") and actor.sees_path(unit_path)
