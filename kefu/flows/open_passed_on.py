"""One click from an order of the city hotline to the case that handles it, with everything filled in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import routing
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.choices import State, Urgency
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.forms import queries as forms
from kefu.flows import complaint_steps, hotline_case, open_from_contact
from kefu.kit import moment
from kefu.kit.commands import Command, CommandSet, asked
from kefu.kit.errors import Invalid
from kefu.kit.language import pick
from kefu.people.actor import Actor
from kefu.touch.channels.hotline import policies, queries, services
from kefu.touch.contacts.models import Contact


def _types(actor: Any, id: int | None) -> list[tuple[str, str]]:  # noqa: A002
    return [(kind.code, "\u3000" * kind.path.count("/") + pick(kind.name, kind.name_en)) for kind in routing.types().values()]


class OpenCase(Schema):
    order_type: str = asked(gettext_lazy("Type of business"), max_length=60, choices=_types)


def _initial(actor: Actor, order_id: int) -> dict[str, Any]:
    """The type that is called as the hotline calls its category."""
    category = queries.get(actor, order_id).category
    same = [kind.code for kind in routing.types().values() if category and category in (kind.name, kind.name_en, kind.code)]
    return {"order_type": same[0]} if same else {}


def _contact(order_id: int) -> Contact:
    return Contact.objects.select_for_update(of=("self",)).select_related("subject", "customer").get(pk=order_id)


def _record(contact: Contact) -> dict[str, Any]:
    """What the hotline did not write has one reason: it was passed on. Read-back and confirmation were the hotline's."""
    known = open_from_contact.held(contact)
    definition = forms.current(open_from_contact.RECORD_FORM)
    reason = _("Not on the order of the city hotline")
    lacking = [field.code for field in definition.fields() if field.required_reason_allowed and field.code not in known]
    return {**known, **{f"{code}_missing": reason for code in lacking}}


def open_order(*, actor: Actor, id: int, order_type: str) -> WorkOrder:  # noqa: A002
    """Open the work order. Who called stays with the order of the hotline if secrecy was asked; the unit learns the matter."""
    actor.require("orders.open")
    kind = routing.type_by_code(order_type)
    if kind is None:
        raise Invalid(fields={"order_type": _("Choose a type of business.")})
    with services.given(actor, id, "open"):
        contact = _contact(id)
        return open_from_contact.open_held(actor=actor, contact=contact, kind=kind, record=_record(contact))[0]


def open_complaint(*, actor: Actor, id: int) -> Complaint:  # noqa: A002
    """The order of the hotline is a complaint."""
    with services.given(actor, id, "open"):
        return complaint_steps.open_held(actor=actor, contact=_contact(id), record={})


def _again(actor: Actor, subject_id: int, words: str, contact_id: int) -> int:
    """A redo: the order goes back to its handler. What is sealed or void stays so: a new order goes on from it; each names the other."""
    old = hotline_case.order_of(subject_id)
    if old.state not in (State.ARCHIVED, State.VOID):
        hotline_case.order_again(actor, old, words)
        return subject_id
    contact = _contact(contact_id)
    passed_on = contact.hotline
    at = moment.now()
    judged = open_from_contact.checked_record(contact, old.type, _record(contact), at=at)
    made = open_from_contact.write_order(
        actor=actor, contact=contact, kind=old.type, judged=judged, urgency=Urgency(old.urgency), at=at, region=old.region,
        outside_number=f"{passed_on.number[:56]}-{passed_on.round}", nameless=passed_on.secret,
    )  # fmt: skip
    told = {"words": _("%(words)s (goes on from %(number)s)") % {"words": words, "number": old.subject.number}}
    orders.write(made, actor=actor, event="order.redone", at=at, data=told, clauses=services.CLAUSE, redo_round=old.redo_round + 1)
    told = {"text": _("%(words)s (goes on in %(number)s)") % {"words": words, "number": made.subject.number}}
    orders.write(old, actor=actor, event="order.corrected", at=at, data=told, clauses=services.CLAUSE)
    pk: int = made.pk
    return pk


HOTLINE_CASES = (hotline_case.order_case(_again), hotline_case.COMPLAINT)


def allowed(actor: Actor, order_id: int) -> set[str]:
    """What may be opened from an order of the hotline; raises ``NotFound``."""
    found = policies.allowed(actor, policies.facts(queries.get(actor, order_id)), moment.now())
    if "open" not in found:
        return set()
    return ({"open"} if actor.can("orders.open") else set()) | {"complain"}


def _led_to(address: str) -> Any:
    return lambda made, _id: reverse(address, args=[made.pk])


COMMANDS = CommandSet(
    queries.KIND,
    allowed,
    (
        Command(
            "open", gettext_lazy("Open an order"), open_order, OpenCase, tone="primary", initial=_initial, leads_to=_led_to("orders.one")
        ),
        Command(
            "complain",
            gettext_lazy("Take as complaint"),
            open_complaint,
            confirm=gettext_lazy("Take this order of the city hotline as a complaint?"),
            leads_to=_led_to("complaints.one"),
        ),
    ),
)
