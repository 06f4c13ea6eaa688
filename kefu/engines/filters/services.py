"""Writes: keep a view, order views, remove one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters import queries
from kefu.engines.filters.choices import Sharing
from kefu.engines.filters.database import checked
from kefu.engines.filters.models import SavedView
from kefu.engines.filters.policies import SHARE, allowed
from kefu.engines.filters.tree import parse, tests
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor

MAX_VIEWS = 50


@transaction.atomic
def keep_view(
    *,
    actor: Actor,
    id: int | None = None,  # noqa: A002
    kind: str,
    name: str,
    tree: Any = None,
    columns: list[str] | None = None,
    sort: str = "",
    shared_with: str = Sharing.NONE,
    icon: str = "",
) -> SavedView:
    """Store a view or change one's own. Sharing with everybody needs its right; a name is held once a list.

    Raises ``Invalid``, ``NotAllowed``, ``NotFound``, ``Conflict``.
    """
    name = " ".join(name.split())
    _fits(actor, kind, name, tree, columns or [], sort, shared_with, icon)
    if id is None:
        row = SavedView(owner_id=actor.person_id, kind=kind, position=_next_position(actor, kind))
    else:
        row = queries.view(actor, id)
        if "change" not in allowed(actor, row) or row.kind != kind:
            raise NotAllowed()
    if SavedView.objects.filter(owner_id=actor.id, kind=kind, name=name).exclude(pk=row.pk).exists():
        raise Conflict(_("You already have a view of this name."), code="name_taken", fields={"name": _("Choose another name.")})
    row.name, row.tree, row.columns, row.sort, row.icon = name, tree or {}, columns or [], sort, icon
    row.shared_with = shared_with
    row.unit_id = actor.unit_id if shared_with == Sharing.UNIT else None
    row.changed_at = moment.now()
    row.save()
    return row


def _fits(actor: Actor, kind: str, name: str, tree: Any, columns: list[str], sort: str, shared_with: str, icon: str) -> None:
    fields = queries.field_set(actor, kind).by_code
    if not 0 < len(name) <= 60 or "\x00" in name:
        raise Invalid(fields={"name": _("A name of up to 60 characters belongs here.")})
    for test in tests(parse(tree)):
        checked(test, fields)
    if len(columns) > 60 or not all(isinstance(one, str) and 0 < len(one) <= 64 and "\x00" not in one for one in columns):
        raise Invalid(fields={"columns": _("These columns do not exist.")})
    if len(sort) > 40 or (sort and not sort.lstrip("-").replace("_", "").isalnum()):
        raise Invalid(fields={"sort": _("The list cannot be ordered by this.")})
    if len(icon) > 32 or "\x00" in icon:
        raise Invalid(fields={"icon": _("This icon does not exist.")})
    if shared_with not in Sharing.values:
        raise Invalid(fields={"shared_with": _("Choose with whom it is shared.")})
    if shared_with == Sharing.ALL and not actor.can(SHARE):
        raise NotAllowed(_("Sharing a view with everybody needs the right to it. Ask your manager."))


def _next_position(actor: Actor, kind: str) -> int:
    own = SavedView.objects.filter(owner_id=actor.id, kind=kind).order_by("-position").values_list("position", flat=True)[:MAX_VIEWS]
    if len(own) >= MAX_VIEWS:
        raise Conflict(_("You have 50 views of this list. Remove one first."), code="too_many_views")
    return own[0] + 1 if own else 0


@transaction.atomic
def order_views(*, actor: Actor, kind: str, ids: list[int]) -> None:
    """Put one's own views of a list into this order; ids of others are passed over."""
    own = set(SavedView.objects.filter(owner_id=actor.id, kind=kind).values_list("pk", flat=True))
    for position, pk in enumerate(dict.fromkeys(one for one in ids if one in own)):
        SavedView.objects.filter(pk=pk).update(position=position)


@transaction.atomic
def remove_view(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Remove a view. Raises ``NotFound`` and ``NotAllowed``."""
    row = queries.view(actor, id)
    if "remove" not in allowed(actor, row):
        raise NotAllowed()
    row.delete()
