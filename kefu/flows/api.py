"""Ways in for other systems that cross capabilities: an order from a contact, a complaint that is passed on.

They join the routers of their capabilities, since one address has one router.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Status

from kefu.cases.complaints.api import router as complaints
from kefu.cases.complaints.schemas import ComplaintIn, ComplaintMade
from kefu.cases.workorders.api import allowed_of
from kefu.cases.workorders.api import router as orders
from kefu.cases.workorders.queries import of_new, row
from kefu.cases.workorders.schemas import OrderMade, OrderOpen
from kefu.flows import complaint_steps, open_from_contact
from kefu.kit import http
from kefu.kit.values import settled
from kefu.people.http import Request


@orders.post("/orders", response={201: OrderMade}, summary="Open an order from a contact", operation_id="workorder_open")
def open_order(request: Request, body: OrderOpen) -> HttpResponse:
    """One transaction: number, limits, history and dispatch by rule. Opening twice from one contact answers with the order that is there.

    The order carries the channel of its contact (`api` unless the contact says otherwise). Refused by `invalid` (the record is not
    complete: `errors` names each field), `conflict` (the contact ended otherwise), `not_allowed` (the right `orders.open` is missing).
    """
    order, new = open_from_contact.open_or_find(actor=request.actor, **body.model_dump())
    held = of_new(order) if new else row(request.actor, order.pk)
    made = {
        "id": order.pk,
        "number": held["subject__number"],
        "state": held["state"],
        "unit": held["unit__name"],
        "tracking_code": held["tracking_code"],
        "allowed": allowed_of(request.actor, held),
    }
    return http.json(made, status=201)


@complaints.post("/complaints", response={201: ComplaintMade}, summary="Pass on a complaint", operation_id="complaint_create")
def pass_on(request: Request, body: ComplaintIn) -> Status[dict[str, Any]]:
    """Any employee passes on what he heard (R-04-3.1); the limits of a complaint begin to run at once."""
    made = complaint_steps.pass_on(actor=request.actor, **settled(body.model_dump()))
    return Status(201, {"id": made.pk, "number": made.subject.number, "state": made.state})
