"""The judge of customer files."""

from kefu.people.actor import Actor
from kefu.touch.customers import queries
from kefu.touch.customers.models import Customer


def allowed(actor: Actor, customer: Customer) -> set[str]:
    """The commands a person may give to a customer file; none to one that became part of another or was erased."""
    if customer.merged_into_id is not None or not customer.name:
        return set()
    may = {"edit", "verify", "add_point", "change_point", "note_consent", "tag"} if actor.can("customers.edit") else set()
    if not actor.can(queries.MERGE):
        return may
    may |= {"merge", "merge_with"}
    if queries.alike_choices(actor, customer.pk):
        may |= {"keep_apart"}
    else:
        may -= {"merge"}
    return may | {"split"} if queries.merge_choices(customer.pk) else may
