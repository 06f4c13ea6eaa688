"""Who may do what with a saved view."""

from __future__ import annotations

from kefu.engines.filters.models import SavedView
from kefu.people.actor import Actor

SHARE = "views.share"


def allowed(actor: Actor, row: SavedView) -> set[str]:
    """The owner changes and removes; who may share for everybody also tidies up what is shared with everybody."""
    if row.owner_id == actor.id:
        return {"change", "remove"}
    if row.shared_with != "none" and actor.can(SHARE):
        return {"remove"}
    return set()
