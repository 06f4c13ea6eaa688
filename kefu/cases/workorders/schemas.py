"""What each command of an order asks. The same schema checks the API and draws the form on the page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field
from pydantic.config import JsonValue

from kefu.cases.workorders import queries
from kefu.cases.workorders.choices import CallbackRule, TypeKind, Urgency
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.engines.forms import queries as forms
from kefu.engines.rulebook.lists import of_list
from kefu.kit.commands import asked
from kefu.kit.language import pick
from kefu.kit.values import RowId
from kefu.people.models import Unit
from kefu.people.queries import staff_below, units_for_orders


def _staff_of_unit(actor: object, id: int | None) -> list[tuple[int, str]]:  # noqa: A002
    path = WorkOrder.objects.filter(pk=id).values_list("subject__unit_path", flat=True).first()
    return staff_below(path) if path else []


class Dispatch(Schema):
    unit_id: int = asked(_("Unit"), choices=units_for_orders)
    remark: str = asked(_("Instruction"), "", widget="textarea", max_length=500)


class Redirect(Schema):
    unit_id: int = asked(_("Unit"), choices=units_for_orders)
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class Assign(Schema):
    handler_id: int = asked(_("Handler"), choices=_staff_of_unit)


class Return(Schema):
    reason: str = asked(_("Reason"), choices=of_list("return_reasons"))
    text: str = asked(_("Explanation"), widget="textarea", min_length=2, max_length=500)


class Contacted(Schema):
    remark: str = asked(_("What was agreed"), "", widget="textarea", max_length=500)
    appointment_at: datetime | None = asked(_("Appointment"), None)


class AskExtension(Schema):
    until: datetime = asked(_("Until"))
    text: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class AskSuspension(Schema):
    reason: str = asked(_("Cause on the customer's side"), choices=of_list("pause_reasons"))
    text: str = asked(_("Explanation"), widget="textarea", min_length=2, max_length=500)
    evidence: str = asked(_("Evidence"), help=_("Number of the call, message or photo that shows it."), min_length=2, max_length=500)
    until: datetime | None = asked(_("Expected until"), None)


class Decide(Schema):
    remark: str = asked(_("Remark"), "", widget="textarea", max_length=500)


class Refuse(Schema):
    remark: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


def _open_helps(actor: object, id: int | None) -> list[tuple[int, str]]:  # noqa: A002
    return queries.open_helps(id or 0)


class WithdrawHelp(Schema):
    help_id: int = asked(_("Helping unit"), choices=_open_helps)
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class AskHelper(Schema):
    unit_id: int = asked(_("Helping unit"), choices=units_for_orders)
    demand: str = asked(_("What is asked of it"), widget="textarea", min_length=2, max_length=500)


class HelpReply(Schema):
    reply: str = asked(_("Reply"), widget="textarea", min_length=2, max_length=2000)


class Complete(Schema):
    result: str = asked(_("Result"), widget="textarea", min_length=2, max_length=5000)


class Redo(Schema):
    words: str = asked(_("In the customer's words"), widget="textarea", min_length=2, max_length=2000)


class Reason(Schema):
    reason: str = asked(_("Reason"), widget="textarea", min_length=2, max_length=500)


class Note(Schema):
    text: str = asked(_("Note"), widget="textarea", min_length=1, max_length=5000)


class OrderOpen(Schema):
    """A new order from a contact. What the contact holds already need not be said again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "contact_id": 4711,
                "order_type": "repair.public.water",
                "record": {"content": "厨房水管漏水，请派人维修", "wishes": "无", "appointment_at_missing": "客户随时在家"},
            }
        }
    )

    contact_id: RowId = Field(description="`id` of the contact (POST /contacts)")
    order_type: str = Field(max_length=60, description="Code of the type of business (GET /order-types)")
    urgency: Urgency | None = None
    record: dict[str, Any] = Field(default_factory=dict, description="Answers to the record form F-3; a field that does not fit is named")
    form: dict[str, Any] = Field(default_factory=dict, description="Answers to the form of the order type, if it has one")
    outside_number: str = Field("", max_length=60, description="The number of this case in your system; one order per number")


def _types(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    rows = OrderType.objects.order_by("path").values_list("code", "path", "name", "name_en")
    return [(code, "\u3000" * path.count("/") + pick(name, name_en)) for code, path, name, name_en in rows]


def _forms(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return [(row["code"], f"{row['code']} {row['name']}") for row in forms.all_current()]


def _unit_codes(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return list(Unit.objects.filter(active=True, takes_orders=True).order_by("path").values_list("code", "name"))


_TYPE: dict[str, JsonValue] = {
    "name": "屋面",
    "name_en": "Roof",
    "kind": "repair",
    "form": "F-3",
    "default_unit": "repair",
    "urgency": "normal",
    "callback": "sample",
}
_RULE: dict[str, JsonValue] = {"name": "电梯派一班", "unit_id": 7, "position": 5, "active": True}
_PRICE: dict[str, JsonValue] = {
    "name": "更换水龙头",
    "base_price": "35.00",
    "unit_name": "个",
    "order_type": "repair.private.water",
    "valid_from": "2026-12-01",
}


class OrderTypeIn(Schema):
    """A node of the tree of business types."""

    model_config = ConfigDict(json_schema_extra={"example": {**_TYPE, "name": "门窗", "callback": "all"}})

    name: str = asked(_("Name"), min_length=1, max_length=80)
    name_en: str = asked(_("English name"), "", max_length=80)
    kind: TypeKind = asked(_("Kind of business"))
    form: str = asked(_("Form"), "", max_length=40, choices=_forms)
    default_unit: str = asked(
        _("Default unit"), "", max_length=40, choices=_unit_codes, help=_("Takes the order where no dispatch rule matches.")
    )
    urgency: Urgency = asked(_("Urgency"), Urgency.NORMAL)
    callback: CallbackRule = asked(_("Callback"), CallbackRule.SAMPLE)
    paid: bool = asked(_("Paid service"), False, help=_("The price must be told before the order is opened (R-04-1.5)."))


class NewOrderType(OrderTypeIn):
    """A new node of the tree, below ``parent`` or at the top."""

    model_config = ConfigDict(json_schema_extra={"example": {"code": "repair.roof", "parent": "repair", **_TYPE}})

    code: str = asked(
        _("Code"), pattern=r"^[a-z0-9][a-z0-9_.]*$", max_length=60, help=_("Small letters, digits, dots; never changed later.")
    )
    parent: str = asked(_("Below"), "", max_length=60, choices=_types)


class DispatchRuleIn(Schema):
    name: str = asked(_("Name"), min_length=1, max_length=80)
    name_en: str = asked(_("English name"), "", max_length=80)
    unit_id: int = asked(_("Unit"), choices=units_for_orders)
    position: int = asked(
        _("Position"), 100, ge=0, le=9999, help=_("Rules are asked in this order; two that match in one place leave it to the dispatcher.")
    )
    active: bool = asked(_("In force"), False)


class DispatchRuleWrite(DispatchRuleIn):
    """A whole rule with its condition. `POST /filters/preview` tells what the condition finds before the rule is in force."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_RULE, "condition": {"field": "content", "op": "contains", "value": "电梯"}}}
    )

    condition: dict[str, Any] = Field(
        default_factory=dict, description="As in `GET /orders?filter=`, of facts that are known when an order is opened; {}: every order"
    )


class PriceChange(Schema):
    """A price from a date on."""

    model_config = ConfigDict(json_schema_extra={"example": _PRICE})

    name: str = asked(_("Name"), min_length=1, max_length=80)
    name_en: str = asked(_("English name"), "", max_length=80)
    base_price: Decimal = asked(_("Base price"), ge=0, max_digits=10, decimal_places=2, step="0.01")
    unit_name: str = asked(_("Per"), "", max_length=20, placeholder=_("piece, visit"))
    note: str = asked(_("Remark"), "", max_length=200)
    order_type: str = asked(_("Order type"), "", max_length=60, choices=_types)
    valid_from: date | None = asked(_("In force from"), None, help=_("Empty: from now on."))


class NewPrice(PriceChange):
    """A price that was not there before."""

    model_config = ConfigDict(json_schema_extra={"example": {"code": "tap", **_PRICE}})

    code: str = asked(
        _("Code"), pattern=r"^[a-z0-9][a-z0-9_.]*$", max_length=60, help=_("Small letters, digits, dots; never changed later.")
    )


class PriceEnd(Schema):
    at: date | None = asked(_("Until"), None, help=_("Empty: until now."))


class OrderMade(Schema):
    id: int = Field(examples=[12345])
    number: str = Field(examples=["GD202611220012"])
    state: str = Field(examples=["dispatched"])
    unit: str | None = Field(examples=["工程部"])
    tracking_code: str
    allowed: list[str] = Field(description="Commands that may be given now")


class OrderRow(Schema):
    """One line of the list; personal values are masked."""

    id: int
    number: str
    type: str
    state: str
    urgency: str
    channel: str
    name: str = Field(examples=["张**"])
    phone: str = Field(examples=["138****1234"])
    address: str
    content: str
    unit: str | None
    handler: str | None
    accepted_at: datetime
    appointment_at: datetime | None
    completed_at: datetime | None
    redo_round: int
    satisfaction: str
    next_due: datetime | None


class OrderPage(Schema):
    items: list[OrderRow]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end")


class OrderRead(OrderRow):
    """One order with its obligations and history."""

    type_code: str
    wishes: str
    result: str
    customer_id: int | None
    contact_id: int | None
    unit_id: int | None
    handler_id: int | None
    outside_number: str
    tracking_code: str
    dispatched_at: datetime | None
    signed_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    obligations: list[dict[str, Any]] = Field(description="Running and settled limits: code, name, state, due_at, settled_at, clauses")
    events: list[dict[str, Any]] = Field(description="History, newest first")
    allowed: list[str] = Field(description="Commands that may be given now")


class TypeRow(Schema):
    code: str
    name: str
    name_en: str
    kind: str
    path: str
    form: str
    paid: bool


class OrderTypeSet(TypeRow):
    """A node of the tree as it is set."""

    id: int
    parent: str | None = Field(description="Code of the type above", examples=["repair"])
    default_unit: str
    urgency: str
    callback: str
    active: bool
    clauses: list[str]
    pack: str = Field(description="The pack it came with; empty: this centre's own")


class DispatchRuleSet(Schema):
    id: int
    code: str
    name: str
    name_en: str
    position: int
    condition: dict[str, Any]
    words: str = Field(description="The condition in words")
    unit_id: int
    unit: str = Field(examples=["工程部"])
    active: bool
    clauses: list[str]
    pack: str


class PriceSet(Schema):
    """One row of a price: what it was from a time on."""

    id: int
    code: str = Field(examples=["tap"])
    name: str
    name_en: str
    base_price: str = Field(examples=["35.00"])
    unit_name: str
    note: str
    order_type: str
    valid_from: datetime
    valid_to: datetime | None
    pack: str


class OrderTypeSets(Schema):
    rows: list[OrderTypeSet]


class DispatchRuleSets(Schema):
    rows: list[DispatchRuleSet]


class PriceSets(Schema):
    rows: list[PriceSet]


class OrderTypeSetRead(OrderTypeSet):
    allowed: list[str] = Field(description="Commands that may be given now")


class DispatchRuleSetRead(DispatchRuleSet):
    allowed: list[str] = Field(description="Commands that may be given now")


class PriceSetRead(PriceSets):
    """All rows of one price, newest first."""

    allowed: list[str] = Field(description="Commands that may be given now")
