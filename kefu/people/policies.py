"""Who may do what to accounts and units."""

from __future__ import annotations

from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.people.models import Staff, Unit

MANAGE = "people.manage"


def allowed_staff(actor: Actor, staff_id: int) -> set[str]:
    """What may be done to an account now; raises ``NotFound`` for who manages no accounts.

    Nobody gives rights to, closes or resets the own account: another administrator does.
    """
    if not actor.can(MANAGE):
        raise NotFound()
    row = Staff.objects.filter(pk=staff_id).values_list("is_active", "totp_since").first()
    if row is None:
        raise NotFound()
    active, totp = row
    if not active:
        return {"change", "reactivate"}
    if staff_id == actor.id:
        return {"change", "set_deputy"}
    may = {"change", "grant", "end", "deactivate", "reset_password", "unlock", "sign_out", "set_deputy"}
    return may | {"drop_totp"} if totp is not None else may


def allowed_unit(actor: Actor, unit_id: int) -> set[str]:
    """What may be done to a unit now; raises ``NotFound`` for who manages no units."""
    if not actor.can(MANAGE):
        raise NotFound()
    active = Unit.objects.filter(pk=unit_id).values_list("active", flat=True).first()
    if active is None:
        raise NotFound()
    return {"change", "move", "close"} if active else {"reopen"}
