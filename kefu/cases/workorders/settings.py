"""What an administrator changes: order types, dispatch rules, base prices. Each change stands in the audit trail."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders import policies, routing
from kefu.cases.workorders.choices import CallbackRule, TypeKind, Urgency
from kefu.cases.workorders.models import DispatchRule, OrderType, Price
from kefu.cases.workorders.services import take_unit
from kefu.engines.filters.rule_form import sound, tested
from kefu.engines.filters.words import in_words
from kefu.engines.forms import queries as forms
from kefu.engines.rulebook.registry import start_of
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.kit.language import label_of, named, pick
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.queries import unit_name_of_code
from kefu.timeline.registry import EventKind

TYPE, RULE, PRICE = "setting.order_type", "setting.dispatch_rule", "setting.price"
TYPE_FIELDS = ("name", "name_en", "kind", "form", "default_unit", "urgency", "callback", "paid", "active")
PRICE_FIELDS = ("name", "name_en", "base_price", "unit_name", "note", "order_type")
_LABELS = {
    "name": _("Name"), "name_en": _("English name"), "kind": _("Kind of business"), "form": _("Form"), "default_unit": _("Default unit"),
    "urgency": _("Urgency"), "callback": _("Callback"), "paid": _("Paid service"), "active": _("In force"), "unit": _("Unit"),
    "position": _("Position"), "condition": _("Condition"), "base_price": _("Base price"), "unit_name": _("Per"), "note": _("Remark"),
    "order_type": _("Order type"), "valid_from": _("In force from"), "valid_to": _("Until"), "removed": _("Removed"),
}  # fmt: skip


def _form_name(code: str) -> str:
    try:
        return named(forms.current(code))
    except NotFound:
        return code


def _type_name(code: str) -> str:
    found = routing.type_by_code(code)
    return named(found) if found else code


_NAMES = {
    "kind": label_of(TypeKind), "urgency": label_of(Urgency), "callback": label_of(CallbackRule),
    "form": _form_name, "order_type": _type_name, "default_unit": unit_name_of_code,
}  # fmt: skip
EVENT_KINDS = (
    EventKind(TYPE, _("set the order type"), "category", audit.describes(_("set the order type “%(name)s”: %(what)s"), _LABELS, _NAMES)),
    EventKind(RULE, _("set the dispatch rule"), "route", audit.describes(_("set the dispatch rule “%(name)s”: %(what)s"), _LABELS)),
    EventKind(PRICE, _("set the price"), "receipt", audit.describes(_("set the price “%(name)s”: %(what)s"), _LABELS, _NAMES)),
)


def _note(actor: Actor, kind: str, row: OrderType | DispatchRule | Price, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Record what differs and drop what processes hold; whether anything did."""
    changed = audit.differences(before, {name: _plain(value) for name, value in after.items()})
    if changed:
        audit.of_house(actor_id=actor.id, kind=kind, data={"code": row.code, "name": row.name, "changed": changed})
        transaction.on_commit(routing.forget)
    return bool(changed)


def _plain(value: Any) -> Any:
    return (
        value
        if isinstance(value, (bool, int)) or value is None
        else value.isoformat()
        if isinstance(value, (date, datetime))
        else str(value)
    )


def _held(row: OrderType | Price, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


_TYPE_SET = (
    "id", "code", "path", "parent__code", "name", "name_en", "kind", "form", "default_unit", "urgency", "callback", "paid", "active",
    "clauses", "pack",
)  # fmt: skip
_PRICE_SET = ("id", "code", "name", "name_en", "base_price", "unit_name", "note", "order_type", "valid_from", "valid_to", "pack")
_RULE_SET = ("id", "code", "name", "name_en", "position", "condition", "unit_id", "active", "clauses", "pack")


def type_rows(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The tree as it is set; raises ``NotAllowed``."""
    policies.judge(actor)
    rows = [dict(row) for row in OrderType.objects.filter(**which).order_by("path").values(*_TYPE_SET)]
    for row in rows:
        row["parent"] = row.pop("parent__code")
    return rows


def rule_rows(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The dispatch rules in the order in which they are asked; raises ``NotAllowed``."""
    policies.judge(actor)
    fields = tested("workorder")
    found = DispatchRule.objects.filter(**which).order_by("position", "code").values(*_RULE_SET, "unit__name", "unit__name_en")
    rows = [dict(row) for row in found]
    for row in rows:
        row["unit"] = pick(row.pop("unit__name"), row.pop("unit__name_en"))
        row["words"] = in_words(row["condition"], fields)
    return rows


def price_rows(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """Every row of the prices; with ``pk`` those of the price that this row belongs to, newest first. Raises ``NotAllowed``."""
    policies.judge(actor)
    rows = Price.objects.order_by("code", "-valid_from", "-id")
    if which:
        rows = rows.filter(code__in=Price.objects.filter(**which).values("code"))
    return [{**row, "base_price": f"{row['base_price']:.2f}"} for row in rows.values(*_PRICE_SET)]


def type_values(actor: Actor, type_id: int) -> dict[str, Any]:
    return _held(OrderType.objects.get(pk=type_id), TYPE_FIELDS[:-1])


@transaction.atomic
def add_type(*, actor: Actor, code: str, parent: str = "", **values: Any) -> OrderType:
    """A new node of the tree, last among its neighbours. Raises ``Invalid`` for a code that is taken."""
    policies.judge(actor)
    above = OrderType.objects.filter(code=parent).first() if parent else None
    if parent and above is None:
        raise Invalid(fields={"parent": _("Choose a type of business.")})
    if OrderType.objects.filter(code=code).exists():
        raise Invalid(fields={"code": _("This code is taken.")})
    path = f"{above.path}/{code}" if above else code
    if len(path) > 240:
        raise Invalid(fields={"parent": _("The tree is not made deeper than this.")})
    made = OrderType.objects.create(code=code, parent=above, path=path, position=OrderType.objects.count(), **values)
    _note(actor, TYPE, made, {}, values | {"active": True})
    return made


@transaction.atomic
def change_type(*, actor: Actor, id: int, **values: Any) -> OrderType:  # noqa: A002
    """Change a type. Orders that are open keep the form and the limits they were opened with."""
    policies.allowed_type(actor, id)
    row = OrderType.objects.select_for_update().get(pk=id)
    before = _held(row, TYPE_FIELDS)
    for name, value in values.items():
        setattr(row, name, value)
    if _note(actor, TYPE, row, before, values):
        row.save(update_fields=list(values))
    return row


@transaction.atomic
def switch_type_off(*, actor: Actor, id: int) -> None:  # noqa: A002
    """No new order gets this type or one below it."""
    policies.allowed_type(actor, id)
    row = OrderType.objects.get(pk=id)
    for one in OrderType.objects.filter(active=True, path__startswith=f"{row.path}/"):
        _switch(actor, one, on=False)
    _switch(actor, row, on=False)


@transaction.atomic
def switch_type_on(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Raises ``Conflict`` while the type above is off."""
    policies.allowed_type(actor, id)
    row = OrderType.objects.select_related("parent").get(pk=id)
    if row.parent and not row.parent.active:
        raise Conflict(_("The type above is switched off. Switch that one on first."), code="parent_off")
    _switch(actor, row, on=True)


def _switch(actor: Actor, row: OrderType, *, on: bool) -> None:
    OrderType.objects.filter(pk=row.pk).update(active=on)
    _note(actor, TYPE, row, {"active": row.active}, {"active": on})


def rule_by_id(rule_id: int) -> DispatchRule:
    found = DispatchRule.objects.select_related("unit").filter(pk=rule_id).first()
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def keep_rule(*, actor: Actor, id: int | None = None, condition: Any, unit_id: int, **values: Any) -> DispatchRule:  # noqa: A002
    """Write a rule of dispatch; a new one gets its code by itself. The page shows what the condition finds before the rule works."""
    policies.judge(actor)
    row = rule_by_id(id) if id is not None else DispatchRule(code=f"own_{moment.now():%Y%m%d%H%M%S%f}")
    before = _rule_said(row) if id is not None else {}
    row.unit, row.condition = take_unit(unit_id), sound("workorder", condition)
    for name, value in values.items():
        setattr(row, name, value)
    after = _rule_said(row)
    row.save()
    _note(actor, RULE, row, before, after)
    return row


def _rule_said(row: DispatchRule) -> dict[str, Any]:
    words = in_words(row.condition, tested("workorder"))
    return {"name": row.name, "position": row.position, "unit": row.unit.name, "condition": words, "active": row.active}


@transaction.atomic
def switch_rule_off(*, actor: Actor, id: int) -> None:  # noqa: A002
    policies.allowed_rule(actor, id)
    row = rule_by_id(id)
    DispatchRule.objects.filter(pk=id).update(active=False)
    _note(actor, RULE, row, {"active": row.active}, {"active": False})


@transaction.atomic
def remove_rule(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Remove a rule of the centre's own; one of a pack would come back with the pack. Raises ``Conflict``."""
    if "remove" not in policies.allowed_rule(actor, id):
        raise Conflict(_("This rule comes from a pack: switch it off instead."), code="from_pack")
    row = rule_by_id(id)
    _note(actor, RULE, row, {}, {"removed": True})
    row.delete()


def price_values(actor: Actor, price_id: int) -> dict[str, Any]:
    return _held(_last_price(price_id), PRICE_FIELDS)


def _last_price(price_id: int) -> Price:
    """The newest row of the price that the row belongs to."""
    code = Price.objects.values_list("code", flat=True).get(pk=price_id)
    found = Price.objects.filter(code=code).order_by("-valid_from", "-id").first()
    assert found is not None
    return found


@transaction.atomic
def add_price(*, actor: Actor, code: str, valid_from: date | None = None, **values: Any) -> Price:
    """A new base price. Raises ``Invalid`` for a code that is taken or an amount below nothing."""
    policies.judge(actor)
    if Price.objects.filter(code=code).exists():
        raise Invalid(fields={"code": _("This code is taken.")})
    made = Price.objects.create(code=code, valid_from=_start(valid_from), **values)
    _note(actor, PRICE, made, {}, values | {"valid_from": made.valid_from})
    return made


@transaction.atomic
def change_price(*, actor: Actor, id: int, valid_from: date | None = None, base_price: Decimal, **values: Any) -> Price:  # noqa: A002
    """A changed price closes the row in force and begins a new one, so that a quote keeps what was told (R-04-1.5).

    A change that was planned and has not begun is replaced. Raises ``Invalid`` for a date in the past.
    """
    policies.allowed_price(actor, id)
    since = _start(valid_from)
    held = _last_price(id)
    before = _held(held, PRICE_FIELDS) | {"valid_from": _plain(held.valid_from)}
    _close(held, since)
    made = Price.objects.create(code=held.code, valid_from=since, pack=held.pack, base_price=base_price, **values)
    made.refresh_from_db()
    _note(actor, PRICE, made, before, _held(made, PRICE_FIELDS) | {"valid_from": since})
    return made


@transaction.atomic
def end_price(*, actor: Actor, id: int, at: date | None = None) -> None:  # noqa: A002
    """The price is offered no more from a date on."""
    policies.allowed_price(actor, id)
    held, until = _last_price(id), _start(at)
    _close(held, until)
    _note(actor, PRICE, held, {"valid_to": _plain(held.valid_to)}, {"valid_to": until})


def _start(day: date | None) -> datetime:
    at = moment.now()
    if day is None:
        return at
    if start_of(day) < at:
        raise Invalid(fields={"valid_from": _("Choose a day that is still to come, or leave it empty.")})
    return start_of(day)


def _close(held: Price, at: datetime) -> None:
    """End the row at ``at``; a planned row that would begin later goes, and the one before it ends instead."""
    if held.valid_from < at:
        if held.valid_to is None or held.valid_to > at:
            Price.objects.filter(pk=held.pk).update(valid_to=at)
        return
    before = Price.objects.filter(code=held.code, valid_from__lt=held.valid_from).order_by("-valid_from", "-id").first()
    held.delete()
    if before is not None:
        Price.objects.filter(pk=before.pk).update(valid_to=min(at, before.valid_to or at))
