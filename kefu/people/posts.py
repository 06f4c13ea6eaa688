"""Posts and units as rows of a plan: what would change, and the change itself. Knows nothing of where the rows come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Invalid, NotAllowed
from kefu.people import audit, policies
from kefu.people.actor import SYSTEM, Actor, forget
from kefu.people.choices import Scope, UnitKind
from kefu.people.models import Post, Unit
from kefu.people.registry import rights as declared
from kefu.people.units import create_unit

What = Literal["new", "changed", "same"]
POST_COLUMNS = ("name", "name_en", "rights", "scope", "clauses")
UNIT_COLUMNS = ("name", "name_en", "kind", "takes_orders", "bound")


@dataclass(frozen=True)
class PlannedChange:
    """One row against what is stored. ``before`` and ``after`` hold only the columns that differ."""

    code: str
    what: What
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The difference in one line: ``scope unit → all; rights +orders.see −orders.open``."""
        return "; ".join(_difference(name, self.before.get(name), value) for name, value in self.after.items())


def _difference(name: str, old: Any, new: Any) -> str:
    if isinstance(new, list):
        held = set(old or ())
        marks = [f"+{one}" for one in new if one not in held] + [f"−{one}" for one in sorted(held - set(new))]
        return f"{name} {' '.join(marks)}"
    return f"{name} {old} → {new}" if old not in (None, "") else f"{name} {new}"


def _compare(code: str, stored: Any, wanted: dict[str, Any]) -> PlannedChange:
    if stored is None:
        return PlannedChange(code, "new", {}, wanted)
    differing = {name: value for name, value in wanted.items() if getattr(stored, name) != value}
    before = {name: getattr(stored, name) for name in differing}
    return PlannedChange(code, "changed" if differing else "same", before, differing)


def unknown_rights(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Rights that no capability declares, by the code of the post that names them."""
    found = {str(row["code"]): sorted(set(row.get("rights", ())) - set(declared.codes())) for row in rows}
    return {code: rights for code, rights in found.items() if rights}


def plan_posts(rows: Iterable[Mapping[str, Any]]) -> list[PlannedChange]:
    """Compare posts (``code, name, name_en, rights, scope, clauses``) with the stored ones. What a site calls a post (``alias``) stays.

    A right that no installed capability declares is kept: it begins to count when that capability comes.
    """
    stored = {post.code: post for post in Post.objects.all()}
    plan = []
    for row in rows:
        wanted = {name: row[name] for name in POST_COLUMNS if name in row}
        if "rights" in wanted:
            wanted["rights"] = sorted(set(wanted["rights"]))
        if wanted.get("scope", Scope.UNIT) not in Scope.values:
            raise Invalid(fields={"scope": _("There is no such data scope.")})
        plan.append(_compare(str(row["code"]), stored.get(str(row["code"])), wanted))
    return plan


@transaction.atomic
def apply_posts(plan: Iterable[PlannedChange], *, actor: Actor = SYSTEM) -> None:
    """Write a plan of posts."""
    _judge(actor)
    for change in plan:
        if change.what != "same":
            Post.objects.update_or_create(code=change.code, defaults=change.after)
            data = {"post": change.code, "changed": {name: [change.before.get(name), value] for name, value in change.after.items()}}
            audit.of_house(actor_id=actor.id, kind="account.post_changed", data=data)
    forget()


def plan_units(rows: Iterable[Mapping[str, Any]]) -> list[PlannedChange]:
    """Compare units (``code, name, name_en, kind, parent, takes_orders, bound``; ``parent`` is a code, named in an earlier row or stored).

    Units are made and renamed, never moved: where a unit hangs is the site's own.
    """
    stored = {unit.code: unit for unit in Unit.objects.all()}
    plan, known = [], set(stored)
    for row in rows:
        code, parent = str(row["code"]), row.get("parent")
        if parent and parent not in known:
            raise Invalid(fields={"parent": _("The unit above must be named first.")})
        if row.get("kind", UnitKind.DEPARTMENT) not in UnitKind.values:
            raise Invalid(fields={"kind": _("There is no such kind of unit.")})
        known.add(code)
        wanted = {name: row[name] for name in UNIT_COLUMNS if name in row}
        if code not in stored and parent:
            wanted["parent"] = parent
        plan.append(_compare(code, stored.get(code), wanted))
    return plan


@transaction.atomic
def apply_units(plan: Iterable[PlannedChange], *, actor: Actor = SYSTEM) -> None:
    """Write a plan of units, in its order."""
    _judge(actor)
    for change in plan:
        if change.what == "new":
            values = {"name": change.code, **change.after}
            above = values.pop("parent", None)
            parent = Unit.objects.values_list("pk", flat=True).get(code=above) if above else None
            create_unit(actor=actor, code=change.code, parent=parent, **values)
        elif change.what == "changed":
            Unit.objects.filter(code=change.code).update(**change.after)
    forget()


@transaction.atomic
def change_post(*, actor: Actor, code: str, alias: str, rights: list[str], scope: str) -> None:
    """What this site calls a post, and what it may do here. Raises ``Invalid`` for rights nobody declared."""
    _judge(actor)
    if set(rights) - set(declared.codes()):
        raise Invalid(fields={"rights": _("There is no such right.")})
    post = Post.objects.select_for_update().filter(code=code).first()
    if post is None:
        raise Invalid(fields={"code": _("There is no such post.")})
    kept = [right for right in post.rights if right not in declared]
    if policies.MANAGE in post.rights and policies.MANAGE not in rights and _only_managing_post(code):
        raise Invalid(fields={"rights": _("Nobody would be left to manage accounts.")})
    Post.objects.filter(code=code).update(alias=alias.strip()[:60])
    apply_posts(plan_posts([{"code": code, "rights": [*rights, *kept], "scope": scope}]), actor=actor)


def _only_managing_post(code: str) -> bool:
    others = Post.objects.exclude(code=code).filter(holdings__until=None, holdings__staff__is_active=True).distinct()
    return not any(policies.MANAGE in rights for rights in others.values_list("rights", flat=True))


def _judge(actor: Actor) -> None:
    if actor.id is not None and not actor.can(policies.MANAGE):
        raise NotAllowed()
