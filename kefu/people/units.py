"""Writing the tree of units."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people import audit, paths, policies
from kefu.people.actor import Actor, forget
from kefu.people.choices import UnitKind
from kefu.people.models import Holding, Staff, Unit
from kefu.timeline.services import move_paths

DEEPEST = 120


def _judged(actor: Actor, unit_id: int, command: str) -> Unit:
    unit = Unit.objects.select_for_update().filter(pk=unit_id).first()
    if unit is None:
        raise NotFound()
    if actor.id is not None and command not in policies.allowed_unit(actor, unit_id):
        raise NotAllowed()
    return unit


def _parent(parent_id: int | None) -> Unit | None:
    if parent_id is None:
        return None
    parent = Unit.objects.select_for_update().filter(pk=parent_id, active=True).first()
    if parent is None:
        raise Invalid(fields={"parent": _("Choose a unit that is open.")})
    if len(parent.path) + paths.WIDTH > DEEPEST:
        raise Invalid(fields={"parent": _("The tree is not made deeper than 20 levels.")})
    return parent


@transaction.atomic
def create_unit(
    *,
    actor: Actor,
    code: str,
    name: str,
    name_en: str = "",
    kind: str = UnitKind.DEPARTMENT,
    parent: int | None = None,
    takes_orders: bool = True,
    bound: bool = True,
) -> Unit:
    """A new unit below ``parent``. Raises ``Invalid`` for a code that is taken."""
    if actor.id is not None and not actor.can(policies.MANAGE):
        raise NotAllowed()
    above = _parent(parent)
    if Unit.objects.filter(code=code).exists():
        raise Invalid(fields={"code": _("This code is taken.")})
    made = Unit.objects.create(
        code=code, name=name, name_en=name_en, kind=kind, parent=above, takes_orders=takes_orders, bound=bound, path=f"?{code}"
    )
    made.path = paths.child(above.path if above else "", made.pk)
    made.save(update_fields=["path"])
    audit.of_house(actor_id=actor.id, kind="account.unit_created", data={"unit": name, "code": code})
    return made


@transaction.atomic
def change_unit(*, actor: Actor, id: int, **values: Any) -> None:  # noqa: A002
    """Change name, kind, head (a person's id or None) and what the unit does."""
    unit = _judged(actor, id, "change")
    if "head" in values:
        values["head_id"] = values.pop("head")
        if values["head_id"] is not None and not Staff.objects.filter(pk=values["head_id"], is_active=True).exists():
            raise Invalid(fields={"head": _("Choose a person with an open account.")})
    changed = {name: [getattr(unit, name), value] for name, value in values.items() if getattr(unit, name) != value}
    if not changed:
        return
    for name, value in values.items():
        setattr(unit, name, value)
    unit.save(update_fields=list(changed))
    forget()
    audit.of_house(actor_id=actor.id, kind="account.unit_changed", data={"unit": unit.name, "changed": changed})


@transaction.atomic
def move_unit(*, actor: Actor, id: int, parent: int | None = None) -> None:  # noqa: A002
    """Hang a unit with all below it under ``parent``. Paths of the units and of the subjects that stand in them are rewritten, so who
    leads a unit goes on seeing its cases; events keep what was written. Raises ``Invalid`` for a parent inside the moved part."""
    unit = _judged(actor, id, "move")
    above = _parent(parent)
    old, upper = paths.below(unit.path)
    if above and old <= above.path < upper:
        raise Invalid(fields={"parent": _("A unit cannot stand below itself.")})
    new = paths.child(above.path if above else "", unit.pk)
    if new == old:
        return
    moved = Unit.objects.filter(path__gte=old, path__lt=upper)
    if max(len(path) for path in moved.values_list("path", flat=True)) - len(old) + len(new) > DEEPEST:
        raise Invalid(fields={"parent": _("The tree is not made deeper than 20 levels.")})
    moved.update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    Unit.objects.filter(pk=unit.pk).update(parent=above)
    move_paths(old=old, new=new, upper=upper)
    forget()
    audit.of_house(
        actor_id=actor.id, kind="account.unit_moved", data={"unit": unit.name, "below": above.name if above else "", "path": [old, new]}
    )


@transaction.atomic
def close_unit(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Take a unit out of use. Raises ``Conflict`` while units below it are open or people belong to it."""
    unit = _judged(actor, id, "close")
    in_use = (
        Unit.objects.filter(parent=unit, active=True).exists()
        or Staff.objects.filter(unit=unit, is_active=True).exists()
        or Holding.objects.filter(unit=unit, until=None, staff__is_active=True).exists()
    )
    if in_use:
        raise Conflict(_("Units or people still belong to this unit. Move them first."), code="unit_in_use")
    Unit.objects.filter(pk=unit.pk).update(active=False)
    audit.of_house(actor_id=actor.id, kind="account.unit_closed", data={"unit": unit.name})


@transaction.atomic
def reopen_unit(*, actor: Actor, id: int) -> None:  # noqa: A002
    unit = _judged(actor, id, "reopen")
    if unit.parent and not unit.parent.active:
        raise Conflict(_("The unit above is closed. Reopen that one first."), code="parent_closed")
    Unit.objects.filter(pk=unit.pk).update(active=True)
    audit.of_house(actor_id=actor.id, kind="account.unit_reopened", data={"unit": unit.name})
