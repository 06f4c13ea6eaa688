"""The judge of urging and supervising."""

from __future__ import annotations

from typing import NamedTuple

from kefu.cases.supervision.choices import Level
from kefu.people.actor import Actor

RANK = {level: place for place, level in enumerate(Level.values)}


class CaseFacts(NamedTuple):
    """What the judge needs of a case."""

    open: bool
    unit_path: str
    owner_id: int | None
    level: str | None
    reply_owed: bool


def allowed(actor: Actor, case: CaseFacts) -> set[str]:
    """The commands a person may give to a case now."""
    found: set[str] = set()
    if not case.open:
        return found
    if actor.can("orders.urge"):
        found.add("urge")
    if actor.can("orders.supervise"):
        if case.level is None or RANK[case.level] < len(RANK) - 1:
            found.add("supervise")
        if case.level is not None:
            found.add("lift")
    own = actor.id == case.owner_id or (actor.can("orders.handle") and bool(case.unit_path) and actor.sees_path(case.unit_path))
    if case.reply_owed and own:
        found.add("answer_urge")
    return found
