"""Two files of one customer are made one, and two again: what belonged to whom is kept as a record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel, Model, Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.search import services as search
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.services import Happened, record
from kefu.touch.customers import queries
from kefu.touch.customers.choices import Life
from kefu.touch.customers.models import ContactPoint, Customer, Likeness, Merge
from kefu.touch.customers.registry import stays
from kefu.touch.customers.services import note_life, reindex

# What the kept file takes from the other one where it says nothing itself.
FILLED = ("area", "address", "region", "needs_assistance", "wishes", "code")
POINT = ("kind", "value", "label", "main", "confirmed_at", "valid_until")
OWN = (ContactPoint, Customer, Likeness, Merge)


def _followers() -> list[tuple[type[Model], str]]:
    """Everything that names a customer, whichever capability it is of: contacts, orders, complaints."""
    found: list[tuple[type[Model], str]] = []
    for one in Customer._meta.get_fields(include_hidden=True):
        model = one.related_model
        if isinstance(one, ManyToOneRel) and isinstance(model, type) and model not in OWN:
            found.append((model, one.field.name))
    return found


def _pair(actor: Actor, kept_id: int, gone_id: int) -> tuple[Customer, Customer]:
    """Both files, held in one order so that two people who merge crosswise wait for each other."""
    if not actor.can(queries.MERGE):
        raise NotAllowed()
    for one in (kept_id, gone_id):
        queries.get(actor, one)
    rows = Customer.objects.select_for_update(of=("self",)).select_related("subject").filter(pk__in=(kept_id, gone_id)).order_by("pk")
    held = {row.pk: row for row in rows}
    return held[kept_id], held[gone_id]


@transaction.atomic
def merge(*, actor: Actor, id: int, other: int, reason: str = "") -> Merge:  # noqa: A002
    """The file ``other`` becomes a part of ``id``: all that named it names the kept one. Raises ``Conflict`` for one already merged."""
    if id == other:
        raise Invalid(fields={"other": _("Choose another customer.")})
    kept, gone = _pair(actor, id, other)
    if kept.merged_into_id or gone.merged_into_id:
        raise Conflict(_("This file is part of another one already."))
    moved: dict[str, list[int]] = {}
    for model, column in _followers():
        name = f"{model._meta.label_lower}.{column}"
        rows = model._default_manager.filter(**{column: gone})
        if (kin := stays.get(name)) is not None:
            rows = rows.exclude(pk__in=list(kin.rows(rows, kept.pk).values_list("pk", flat=True)))
        if ids := list(rows.values_list("pk", flat=True)):
            moved[name] = ids
            model._default_manager.filter(pk__in=ids).update(**{column: kept})
    filled = _fill(kept, gone)
    made = Merge.objects.create(
        kept=kept, gone=gone, by_id=actor.id, reason=reason[:200], moved=moved, points=_take_points(kept, gone), filled=filled
    )
    gone.merged_into = kept
    gone.save()
    kept.save()
    Likeness.objects.filter(Q(one=gone) | Q(other=gone), settled_at=None).update(settled_at=made.at, settled_by_id=actor.id)
    search.remove([gone.pk])
    reindex(kept)
    note_life(kept.pk, Life.MERGED, made.at, number=gone.subject.number, cause=f"merge {made.pk}")
    numbers = {"kept": kept.subject.number, "gone": gone.subject.number}
    happened = [Happened(one.pk, "customer.merged", numbers, clauses=("R-03-5.1.2",)) for one in (kept, gone)]
    record(actor_id=actor.id, happened=happened, at=made.at)
    return made


def _fill(kept: Customer, gone: Customer) -> dict[str, list[Any]]:
    """Where the kept file says nothing it takes what the other says; what protects the customer counts from either. Before and after."""
    filled: dict[str, list[Any]] = {}
    for name in FILLED:
        if not getattr(kept, name) and getattr(gone, name):
            filled[name] = [getattr(kept, name), getattr(gone, name)]
    if gone.do_not_call and not kept.do_not_call:
        filled["do_not_call"] = [False, True]
    if gone.tier == "key" and kept.tier != "key":
        filled["tier"] = [kept.tier, gone.tier]
    if "code" in filled:
        Customer.objects.filter(pk=gone.pk).update(code=None)
        gone.code = None
    for name, (_before, after) in filled.items():
        setattr(kept, name, after)
    return filled


def _take_points(kept: Customer, gone: Customer) -> dict[str, Any]:
    """Numbers and addresses go over; those that both have are written down and dropped."""
    known = set(kept.points.values_list("kind", "value"))
    mains = set(kept.points.filter(main=True).values_list("kind", flat=True))
    moved, dropped = [], []
    for point in gone.points.order_by("id"):
        if (point.kind, point.value) in known:
            dropped.append({name: _plain(getattr(point, name)) for name in POINT})
            point.delete()
            continue
        moved.append([point.pk, point.main])
        point.customer, point.main = kept, point.main and point.kind not in mains
        point.save()
    return {"moved": moved, "dropped": dropped}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def split(*, actor: Actor, id: int, merge: int) -> Merge:  # noqa: A002
    """Make two files again: what was taken over goes back unless it was given to somebody else since; what came later stays."""
    made = Merge.objects.select_for_update(of=("self",)).filter(pk=merge, kept_id=id, undone_at=None).first()
    if made is None:
        queries.get(actor, id)
        raise Invalid(fields={"merge": _("Choose one of the given values.")})
    kept, gone = _pair(actor, made.kept_id, made.gone_id)
    if kept.merged_into_id:
        raise Conflict(_("This file is part of another one already."))
    for model, column in _followers():
        ids = made.moved.get(f"{model._meta.label_lower}.{column}", [])
        model._default_manager.filter(pk__in=ids, **{column: kept}).update(**{column: gone})
    for name, (before, after) in made.filled.items():
        if getattr(kept, name) == after:
            setattr(kept, name, before)
    kept.save()
    gone.merged_into = None
    if "code" in made.filled and not Customer.objects.filter(code=made.filled["code"][1]).exists():
        gone.code = made.filled["code"][1]
    gone.save()
    _give_points_back(kept, gone, made.points)
    made.undone_at, made.undone_by_id = moment.now(), actor.id
    made.save(update_fields=["undone_at", "undone_by"])
    _keep_apart(kept.pk, gone.pk, actor)
    reindex(kept)
    reindex(gone)
    for one, other in ((kept, gone), (gone, kept)):
        note_life(one.pk, Life.SPLIT, made.undone_at, number=other.subject.number, cause=f"merge {made.pk}")
    numbers = {"kept": kept.subject.number, "gone": gone.subject.number}
    record(actor_id=actor.id, happened=[Happened(one.pk, "customer.split", numbers) for one in (kept, gone)], at=made.undone_at)
    return made


def _give_points_back(kept: Customer, gone: Customer, points: dict[str, Any]) -> None:
    for pk, main in points["moved"]:
        ContactPoint.objects.filter(pk=pk, customer=kept).update(customer=gone, main=main)
    ContactPoint.objects.bulk_create([ContactPoint(customer=gone, **one) for one in points["dropped"]], ignore_conflicts=True)


def _keep_apart(one: int, other: int, actor: Actor) -> None:
    """Whom a person took apart is not proposed again."""
    settled = {"settled_at": moment.now(), "settled_by_id": actor.id}
    Likeness.objects.update_or_create(one_id=min(one, other), other_id=max(one, other), defaults=settled)


def merge_with(*, actor: Actor, id: int, number: str, reason: str) -> Merge:  # noqa: A002
    """``merge`` with a file that nobody proposed, by its number. Raises ``Invalid`` for a number that is none."""
    found = queries.visible_to(actor).filter(subject__number=number.strip().upper()).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid(fields={"number": _("There is no customer with this number.")})
    return merge(actor=actor, id=id, other=found, reason=reason)
