"""The judge of links and contracts."""

from kefu.people.actor import Actor
from kefu.touch.customers import queries as customers
from kefu.touch.profiles import queries


def allowed(actor: Actor, customer_id: int) -> set[str]:
    """The commands a person may give to a customer file here; none to one that became part of another. Raises ``NotFound``."""
    if customers.get(actor, customer_id).merged_into_id is not None or not actor.can("customers.edit"):
        return set()
    may = {"link", "add_contract"}
    if queries.link_choices(actor, customer_id):
        may.add("unlink")
    if queries.contract_choices(customer_id):
        may.add("end_contract")
    return may
