"""The judge of links and contracts."""

from kefu.people.actor import Actor
from kefu.touch.profiles import queries


def allowed(actor: Actor, customer_id: int) -> set[str]:
    """The commands a person may give to a customer file here; none to one that became part of another. Raises ``NotFound``."""
    held = queries.held(actor, customer_id)
    if held["merged_into_id"] is not None or not actor.can("customers.edit"):
        return set()
    return {"link", "add_contract"} | {command for command in ("unlink", "end_contract") if held[command]}
