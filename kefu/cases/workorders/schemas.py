"""What each command of an order asks. The same schema checks the API and draws the form on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from kefu.cases.workorders.choices import Urgency
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.rulebook.lists import of_list
from kefu.kit.commands import asked
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
