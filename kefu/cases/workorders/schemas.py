"""What each command of an order asks. The same schema checks the API and draws the form on the page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.cases.workorders.choices import CallbackRule, TypeKind, Urgency
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.engines.forms import queries as forms
from kefu.engines.rulebook.lists import of_list
from kefu.kit.commands import asked
from kefu.kit.language import pick
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


class OrderIn(Schema):
    """A new order, from a contact that was taken."""

    contact_id: int
    order_type: str = Field(max_length=60)
    urgency: Urgency | None = None
    content: str = Field(min_length=2, max_length=20_000)
    name: str = Field("", max_length=80)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    wishes: str = Field("", max_length=500)
    appointment_at: datetime | None = None
    record: dict[str, Any] = Field(default_factory=dict, description="Answers to the form of the order type")


def _types(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    rows = OrderType.objects.order_by("path").values_list("code", "path", "name", "name_en")
    return [(code, "\u3000" * path.count("/") + pick(name, name_en)) for code, path, name, name_en in rows]


def _forms(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return [(row["code"], f"{row['code']} {row['name']}") for row in forms.all_current()]


def _unit_codes(actor: object, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return list(Unit.objects.filter(active=True, takes_orders=True).order_by("path").values_list("code", "name"))


class OrderTypeIn(Schema):
    """A node of the tree of business types."""

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


class PriceChange(Schema):
    """A price from a date on."""

    name: str = asked(_("Name"), min_length=1, max_length=80)
    name_en: str = asked(_("English name"), "", max_length=80)
    base_price: Decimal = asked(_("Base price"), ge=0, max_digits=10, decimal_places=2, step="0.01")
    unit_name: str = asked(_("Per"), "", max_length=20, placeholder=_("piece, visit"))
    note: str = asked(_("Remark"), "", max_length=200)
    order_type: str = asked(_("Order type"), "", max_length=60, choices=_types)
    valid_from: date | None = asked(_("In force from"), None, help=_("Empty: from now on."))


class NewPrice(PriceChange):
    code: str = asked(
        _("Code"), pattern=r"^[a-z0-9][a-z0-9_.]*$", max_length=60, help=_("Small letters, digits, dots; never changed later.")
    )


class PriceEnd(Schema):
    at: date | None = asked(_("Until"), None, help=_("Empty: until now."))
