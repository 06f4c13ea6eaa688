"""The judge of customer files."""

from kefu.people.actor import Actor


def allowed(actor: Actor) -> set[str]:
    """The commands a person may give to a customer file."""
    return {"edit", "verify"} if actor.can("customers.edit") else set()
