"""The sections of a pack that orders read: order types, prices, dispatch rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from kefu.cases.workorders.choices import CallbackRule, TypeKind, Urgency
from kefu.cases.workorders.models import DispatchRule, OrderType, Price
from kefu.engines.filters.tree import parse
from kefu.engines.rulebook.registry import Change, PackContext, Reference, RuleKind, RuleRow
from kefu.people.models import Unit


class OrderTypeRow(RuleRow):
    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=80)
    parent: str = ""
    kind: TypeKind
    form: str = ""
    paid: bool = False
    default_unit: str = ""
    urgency: Urgency = Urgency.NORMAL
    callback: CallbackRule = CallbackRule.SAMPLE
    active: bool = True


class PriceRow(RuleRow):
    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=80)
    unit_name: str = Field("", max_length=20)
    base_price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    note: str = Field("", max_length=200)
    order_type: str = ""
    valid_from: datetime | None = None


class DispatchRuleRow(RuleRow):
    name: str = Field(max_length=80)
    name_en: str = Field("", max_length=80)
    position: int = 100
    when: dict[str, Any] = Field(default_factory=dict)
    unit: str
    active: bool = True


def _differences(row: models.Model, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _change(kind: str, key: str, held: models.Model | None, values: dict[str, Any], create: Callable[[], Any]) -> Change:
    """New, changed or the same, with what writes it."""
    if held is None:
        return Change(kind, key, "new", str(values.get("name", "")), create)
    different = _differences(held, values)
    if not different:
        return Change(kind, key, "same")

    def write() -> None:
        for name, value in different.items():
            setattr(held, name, value)
        held.save(update_fields=list(different))

    return Change(kind, key, "changed", ", ".join(f"{name} → {value}" for name, value in different.items()), write)


def plan_types(rows: list[OrderTypeRow], context: PackContext) -> list[Change]:
    """Parents stand before children; the path joins the codes."""
    held = {row.code: row for row in OrderType.objects.all()}
    given = {row.code: row for row in rows}
    changes = []
    for position, row in enumerate(_parents_first(rows, given)):
        path = _path(row, given, held)
        values = {
            "path": path, "name": row.name, "name_en": row.name_en, "kind": str(row.kind), "form": row.form, "paid": row.paid,
            "default_unit": row.default_unit, "urgency": str(row.urgency), "callback": str(row.callback), "active": row.active,
            "position": position, "clauses": row.clauses, "pack": context.pack_code,
        }  # fmt: skip

        def create(code: str = row.code, parent: str = row.parent, values: dict[str, Any] = values) -> None:
            above = OrderType.objects.get(code=parent) if parent else None
            OrderType.objects.create(code=code, parent=above, **values)

        changes.append(_change("order_types", row.code, held.get(row.code), values, create))
    return changes


def _parents_first(rows: list[OrderTypeRow], given: dict[str, OrderTypeRow]) -> list[OrderTypeRow]:
    def depth(row: OrderTypeRow, seen: int = 0) -> int:
        return 0 if row.parent not in given or seen > 8 else 1 + depth(given[row.parent], seen + 1)

    return sorted(rows, key=depth)


def _path(row: OrderTypeRow, given: dict[str, OrderTypeRow], held: dict[str, OrderType], seen: int = 0) -> str:
    if not row.parent or seen > 8:
        return row.code
    if row.parent in given:
        return f"{_path(given[row.parent], given, held, seen + 1)}/{row.code}"
    return f"{held[row.parent].path}/{row.code}" if row.parent in held else row.code


def plan_prices(rows: list[PriceRow], context: PackContext) -> list[Change]:
    """A changed price closes the row in force and adds one, so that a quote keeps what was told."""
    held = {row.code: row for row in Price.objects.filter(valid_to=None)}
    known = set(Price.objects.values_list("code", flat=True))  # one that the centre ended is changed, not new
    changes = []
    for row in rows:
        values = {
            "name": row.name, "name_en": row.name_en, "unit_name": row.unit_name, "base_price": row.base_price, "note": row.note,
            "order_type": row.order_type, "pack": context.pack_code,
        }  # fmt: skip
        old = held.get(row.code)
        if old is not None and not _differences(old, values):
            changes.append(Change("prices", row.code, "same"))
            continue

        since = context.starts(row.valid_from)

        def write(code: str = row.code, values: dict[str, Any] = values, since: datetime = since) -> None:
            Price.objects.filter(code=code, valid_to=None).update(valid_to=since)
            Price.objects.create(code=code, valid_from=since, **values)

        before = f"{old.base_price} → " if old else ""
        changes.append(Change("prices", row.code, "changed" if row.code in known else "new", f"{before}{row.base_price}", write))
    return changes


def plan_dispatch(rows: list[DispatchRuleRow], context: PackContext) -> list[Change]:
    """A rule whose unit this centre does not have yet waits, and says so."""
    held = {row.code: row for row in DispatchRule.objects.all()}
    units = dict(Unit.objects.values_list("code", "pk"))
    changes = []
    for row in rows:
        parse(row.when)
        unit_id = units.get(row.unit)
        if unit_id is None:
            changes.append(Change("dispatch_rules", row.code, "same", str(_("waits for unit %(unit)s")) % {"unit": row.unit}))
            continue
        values = {
            "name": row.name, "name_en": row.name_en, "position": row.position, "condition": row.when, "unit_id": unit_id,
            "active": row.active, "clauses": row.clauses, "pack": context.pack_code,
        }  # fmt: skip

        def create(code: str = row.code, values: dict[str, Any] = values) -> None:
            DispatchRule.objects.create(code=code, **values)

        changes.append(_change("dispatch_rules", row.code, held.get(row.code), values, create))
    return changes


def _type_refs(row: OrderTypeRow) -> Iterable[Reference]:
    if row.parent:
        yield Reference("order_types", row.parent, "parent")
    if row.form:
        yield Reference("forms", row.form, "form")


def _price_refs(row: PriceRow) -> Iterable[Reference]:
    if row.order_type:
        yield Reference("order_types", row.order_type, "order_type")


RULE_KINDS = (
    RuleKind("order_types", _("Order types"), OrderTypeRow, plan_types, order=40, refs=_type_refs, by_hand=True),
    RuleKind("prices", _("Base prices"), PriceRow, plan_prices, order=45, refs=_price_refs, by_hand=True),
    RuleKind("dispatch_rules", _("Dispatch rules"), DispatchRuleRow, plan_dispatch, order=46, by_hand=True),
)
