"""Who may freeze, review and sign."""

from __future__ import annotations

from kefu.engines.measures.models import Freeze
from kefu.people.actor import Actor

SEE = "reports.see"
FREEZE = "reports.freeze"


def allowed(actor: Actor, period_over: bool, held: Freeze | None, reviewed: bool) -> set[str]:
    """What a person may do with the figures of a month. Who froze them does not review them."""
    if not actor.can(FREEZE) or not actor.sees_all:
        return set()
    found = {"freeze"} if period_over else set()
    if held is not None and not reviewed and held.by_id != actor.id:
        found.add("review")
    return found


def may_sign(actor: Actor) -> bool:
    return actor.can(FREEZE)


def sees_frozen(actor: Actor) -> bool:
    """Frozen figures are those of the whole centre; who sees a part of it reads the figures of that part."""
    return actor.sees_all
