"""From a contact to what it leads to: an order, or an urge on the order that is open already."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision import services as supervision
from kefu.cases.supervision.models import Urge
from kefu.cases.workorders import routing
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.choices import State, Urgency
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.engines.clock import services as clock
from kefu.engines.files import services as files
from kefu.engines.forms import queries as forms
from kefu.engines.forms import services as form_services
from kefu.engines.forms.validate import validate
from kefu.engines.numbering.services import take_with_key
from kefu.engines.search import services as search
from kefu.flows import hotline_case
from kefu.kit import driven, moment, phone, prepared
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.people.models import Unit
from kefu.timeline.choices import Audience
from kefu.timeline.models import Subject
from kefu.timeline.services import Happened, watch
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling as talks

RECORD_FORM, CASE_OPENED = "F-3", "case_opened"
COLUMNS = ("name", "phone", "address", "content", "wishes", "appointment_at")
TICKS = ("confirmed", "read_back")
# What comes by these ways may bring files, which go along to the order.
WITH_FILES = (Channel.EMAIL, Channel.CHAT, Channel.SOCIAL, Channel.FAX, Channel.PORTAL, Channel.HOTLINE12345)


@dataclass(frozen=True)
class Record:
    """The call or visit record as it was checked: columns of the contact, and what else the form asked."""

    columns: dict[str, Any]
    ticks: dict[str, bool]
    rest: dict[str, Any]


def facts_for(contact: Contact, order_type: OrderType | None) -> dict[str, Any]:
    """What form F-3 knows beside its answers: the channel and the type of business."""
    return {
        "channel": contact.channel,
        "type": order_type.code if order_type else "",
        "type_kind": order_type.kind if order_type else "",
        "category": order_type.path if order_type else "",
        "paid": bool(order_type and order_type.paid),
    }


def checked_record(contact: Contact, order_type: OrderType | None, given: Mapping[str, Any], *, at: datetime) -> Record:
    """Judge the record by form F-3 (R-04-1.4, R-04-1.5, R-04-2.3). Raises ``Invalid`` with a sentence under each field or gate."""
    definition = forms.current(RECORD_FORM, at)
    facts = facts_for(contact, order_type)
    asked = definition.by_code
    data = {name: value for name, value in given.items() if name in asked or name.removesuffix("_missing") in asked}
    judged = form_services.checked(definition, {"call_time": contact.received_at.isoformat(), **data}, facts=facts)
    kept = judged.data
    columns = {name: kept.pop(name) for name in COLUMNS if name in kept}
    ticks = {name: bool(kept.pop(name, False)) for name in TICKS}
    kept.pop("call_time", None)
    return Record(columns, ticks, kept)


def open_order(**asked: Any) -> WorkOrder:
    """``open_or_find`` for who does not care whether the order was there already."""
    return open_or_find(**asked)[0]


def open_or_find(
    *,
    actor: Actor,
    contact_id: int,
    order_type: str,
    urgency: Urgency | None = None,
    record: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None,
    outside_number: str = "",
) -> tuple[WorkOrder, bool]:
    """Open an order from a contact: one transaction writes order, number, obligations with frozen limits, events and the dispatch.

    ``record`` answers form F-3, ``form`` the order type's own form. Answers the order and whether it is new: opening twice from one
    contact answers with the order that is there.
    Raises ``Invalid``, ``Conflict`` (an open gate, a contact that ended otherwise), ``NotAllowed``, ``NotFound``.
    """
    if not actor.can("orders.open"):
        raise NotAllowed()
    kind = routing.type_by_code(order_type)
    if kind is None:
        raise Invalid(fields={"order_type": _("Choose a type of business.")})
    with transaction.atomic():
        contact = contacts.lock(actor, contact_id)
        return open_held(
            actor=actor, contact=contact, kind=kind, urgency=urgency, record=record, form=form, outside_number=outside_number
        )  # fmt: skip


def open_held(
    *, actor: Actor, contact: Contact, kind: OrderType, urgency: Urgency | None = None, record: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None, outside_number: str = "",
) -> tuple[WorkOrder, bool]:  # fmt: skip
    """``open_or_find`` for who holds the contact and has judged."""
    if contact.outcome == Outcome.ORDER:
        return WorkOrder.objects.select_related("subject", "type", "unit").get(pk=contact.led_to_id), False
    if contact.outcome != Outcome.OPEN:
        raise Conflict()
    at = moment.now()
    passed_on = hotline_case.behind(contact)
    judged = checked_record(contact, kind, {**held(contact), **(record or {})}, at=at)
    order = write_order(
        actor=actor, contact=contact, kind=kind, judged=judged, urgency=urgency, at=at, region=str((form or {}).get("region") or ""),
        outside_number=passed_on.number if passed_on else outside_number, nameless=passed_on is not None and passed_on.secret,
    )  # fmt: skip
    if passed_on is not None:
        hotline_case.join(actor, passed_on, order.subject)
    if contact.channel in WITH_FILES and not (passed_on is not None and passed_on.secret):
        files.carry(actor=actor, source_id=contact.pk, subject_id=order.pk)
    if kind.form and kind.form != RECORD_FORM:
        form_services.keep(actor=actor, subject_id=order.pk, form_code=kind.form, data=dict(form or {}), facts=orders.facts_of(order))
    talks.end_with(actor=actor, contact=contact, wrap_up=CASE_OPENED)
    return order, True


def settle(*, actor: Actor, id: int, answer: str, answer_source: str = "") -> Contact:  # noqa: A002
    """Answered on the spot; the talk that the contact may have is over with it."""
    with transaction.atomic():
        contact = contacts.settle(actor=actor, id=id, answer=answer, answer_source=answer_source)
        talks.end_with(actor=actor, contact=contact, wrap_up="answered")
    return contact


def refer(*, actor: Actor, id: int, answer: str, referred_to: str) -> Contact:  # noqa: A002
    """Pointed to another way; the talk that the contact may have is over with it."""
    with transaction.atomic():
        contact = contacts.refer(actor=actor, id=id, answer=answer, referred_to=referred_to)
        talks.end_with(actor=actor, contact=contact, wrap_up="not_ours")
    return contact


def held(contact: Contact) -> dict[str, Any]:
    """What the contact holds already, as answers to the form."""
    found: dict[str, Any] = {"call_time": contact.received_at.isoformat()} | {name: getattr(contact, name) for name in COLUMNS}
    found |= {name: True for name in TICKS if getattr(contact, name)}
    if found["appointment_at"] is not None:
        found["appointment_at"] = found["appointment_at"].isoformat()
    return {name: value for name, value in {**contact.record, **found}.items() if value not in (None, "")}


def save_draft(*, actor: Actor, contact_id: int, record: Mapping[str, Any]) -> None:
    """Keep what is typed so far (R-00-3.1e). What does not fit yet waits in the browser."""
    contact = contacts.get_own(actor, contact_id)
    judged = validate(forms.current(RECORD_FORM), {name: value for name, value in record.items() if name != "order_type"}, complete=False)
    kept = dict(judged.data)
    columns = {name: kept.pop(name) for name in COLUMNS if name in kept}
    ticks = {name: bool(kept.pop(name)) for name in TICKS if name in kept}
    kept.pop("call_time", None)
    contacts.keep_draft(contact, order_type=str(record.get("order_type") or contact.order_type), record=kept, **columns, **ticks)


def write_order(
    *, actor: Actor, contact: Contact, kind: OrderType, judged: Record, urgency: Urgency | None, at: datetime, outside_number: str = "",
    region: str = "", nameless: bool = False,
) -> WorkOrder:  # fmt: skip
    """The rows of a new order; the caller holds the contact and has judged. ``region`` is the form's word, stronger than the file's.
    ``nameless``: who called stays with the contact, those who handle the order do not learn it."""
    columns = {name: value for name, value in judged.columns.items() if value is not None}
    order = _filled(columns, actor=actor, contact=contact, kind=kind, region=region)
    if nameless:
        order.name, order.phone, order.customer = "", "", None
    order.urgency, order.outside_number = urgency or kind.urgency, outside_number
    order.quote = {name: value for name, value in judged.rest.items() if name.startswith("price")} or None
    unit = routing.unit_for(orders.facts_of(order))
    if unit is not None:
        order.unit, order.state, order.dispatched_at = unit.unit, State.DISPATCHED, at
    path = order.unit.path if order.unit else _desk_of(actor)
    number, key = take_with_key(Subject, "GD", at)
    subject = prepared.made(Subject, id=key, kind="workorder", number=number, title=order.content[:80], unit_path=path, opened_at=at)
    with driven.together():
        prepared.insert([subject])
        order.subject = subject
        prepared.insert([order])
        _write_along(order, unit, actor=actor, contact=contact, judged=judged, columns=columns, at=at)
    return order


def _write_along(
    order: WorkOrder, unit: routing.Choice | None, *, actor: Actor, contact: Contact, judged: Record, columns: Mapping[str, Any],
    at: datetime,
) -> None:  # fmt: skip
    """What is written beside a new order: the contact's end, the course of both, the limits, the notices, the search."""
    happened = [Happened(order.pk, "order.opened", {"contact": contact.pk, "type": order.type.name}, Audience.CUSTOMER, ("R-04-1.4",))]
    moments = ["accepted"]
    if unit is not None:
        data = {"unit": unit.unit.name, "remark": "", "rule": unit.rule}
        happened.append(Happened(order.pk, "order.dispatched", data, clauses=("R-02C-2c",)))
        moments.append("dispatched")
    contacts.finish(
        actor=actor, contact=contact, outcome=Outcome.ORDER, led_to=order.pk, at=at, also=happened, order_type=order.type.code,
        record=judged.rest, **columns, **judged.ticks,
    )  # fmt: skip
    clock.reach(subject=order.subject, moments=tuple(moments), at=at, facts=orders.facts_of(order), actor_id=actor.id, fresh=True)
    if actor.id is not None and not actor.sees_path(order.subject.unit_path):
        watch(subject_id=order.pk, staff_id=actor.id)
    if unit is None:
        orders.tell_dispatchers(order)
    elif unit.unit.head_id:
        orders.tell_unit(order, "order.arrived", unit=unit.unit.name)
    _index(order)


def _filled(columns: Mapping[str, Any], *, actor: Actor, contact: Contact, kind: OrderType, region: str) -> WorkOrder:
    """A new order, not written yet, with what contact and record say."""
    customer = contact.customer
    order = prepared.made(
        WorkOrder, type_id=kind.pk, channel=contact.channel, contact_id=contact.pk, customer_id=contact.customer_id,
        name=columns.get("name", ""),
        phone=phone.normalise(columns.get("phone") or ""), address=columns.get("address", ""),
        region=routing.region_of(region, customer.region if customer else ""), content=columns.get("content") or contact.content,
        wishes=columns.get("wishes", ""), appointment_at=columns.get("appointment_at"), receiver_id=actor.id,
        accepted_at=contact.received_at, tracking_code=secrets.token_hex(8),
        # What the caller sets once it knows the unit.
        unit_id=None, state=State.NEW, dispatched_at=None, urgency=kind.urgency, outside_number="", quote=None,
    )  # fmt: skip
    order.type, order.contact, order.customer = kind, contact, customer
    return order


def _index(order: WorkOrder) -> None:
    hidden = " ".join((order.name, phone.shown(order.phone), order.address))
    body = f"{order.type.name} {order.content}"
    search.index(subject_id=order.pk, kind="workorder", title=order.subject.number, body=body, hidden=hidden, fresh=True)


def _desk_of(actor: Actor) -> str:
    """Where an order stands that no unit has yet: with the unit that took it, so that its limits reach somebody."""
    return actor.unit_path or Unit.objects.filter(code="centre").values_list("path", flat=True).first() or ""


def urge_instead(*, actor: Actor, contact_id: int, order_id: int, text: str = "") -> Urge:
    """The same matter is open already: the contact becomes an urge on that case, never a second order."""
    with transaction.atomic():
        contact = contacts.lock(actor, contact_id)
        if contact.outcome == Outcome.URGE and contact.led_to_id == order_id:
            return Urge.objects.get(contact_id=contact_id)
        if contact.outcome != Outcome.OPEN:
            raise Conflict()
        words = text or contact.content or str(_("The customer asks how the matter stands."))
        urge = supervision.urge(actor=actor, id=order_id, text=words[:2000], contact_id=contact_id)
        contacts.finish(actor=actor, contact=contact, outcome=Outcome.URGE, led_to=order_id)
        talks.end_with(actor=actor, contact=contact, wrap_up=CASE_OPENED)
    return urge
