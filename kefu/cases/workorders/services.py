"""Writes to orders: judge, write, record, tell the clock. One call is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders import policies, queries
from kefu.cases.workorders.choices import State, Verdict
from kefu.cases.workorders.models import OrderRequest, OrderReturn, WorkOrder
from kefu.engines.clock import services as clock
from kefu.engines.clock import standing
from kefu.engines.notify.services import tell
from kefu.kit import moment, prepared
from kefu.kit.errors import Invalid
from kefu.kit.moves import moved
from kefu.people.actor import Actor
from kefu.people.models import Staff, Unit
from kefu.people.queries import holders_of_right
from kefu.timeline.choices import Audience
from kefu.timeline.services import add_note, record_one


@contextmanager
def given(actor: Actor, order_id: int, command: str) -> Iterator[WorkOrder]:
    """The order, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    with transaction.atomic():
        order = queries.lock(actor, order_id)
        policies.require(actor, queries.facts(order), command)
        yield order


def facts_of(order: WorkOrder) -> dict[str, Any]:
    """What conditions of limits and rules may ask of an order."""
    return {
        "type": order.type.code,
        "type_kind": order.type.kind,
        "category": order.type.path,
        "urgency": order.urgency,
        "channel": order.channel,
        "paid": order.type.paid,
        "key_account": bool(order.customer and order.customer.tier == "key"),
        "area": order.customer.area if order.customer else "",
        "region": order.region,
        "address": order.address,
        "content": order.content,
        "unit": order.unit.code if order.unit else "",
    }


def write(
    order: WorkOrder,
    *,
    actor: Actor,
    event: str,
    at: datetime,
    data: dict[str, Any] | None = None,
    moments: tuple[str, ...] = (),
    clauses: tuple[str, ...] = (),
    audience: Audience = Audience.STAFF,
    **changes: Any,
) -> WorkOrder:
    """Save changed columns, keep the subject in step, record the event and tell the clock; inside the caller's transaction."""
    before = order.state
    for name, value in changes.items():
        setattr(order, name, value)
    if changes:
        prepared.save(order, *changes)
    over = order.state in {State.CLOSED, State.ARCHIVED, State.VOID}
    path = order.unit.path if order.unit else order.subject.unit_path
    clock.keep_up(subject=order.subject, at=at, over=over, unit_path=path, owner_id=order.handler_id)
    full = moved(before, order.state, data)
    record_one(actor_id=actor.id, subject_id=order.pk, kind=event, data=full, clauses=clauses, audience=audience, at=at)
    if moments:
        clock.reach(subject=order.subject, moments=moments, at=at, facts=facts_of(order), actor_id=actor.id)
    return order


def take_unit(unit_id: int) -> Unit:
    """The unit, if it takes orders; raises ``Invalid``."""
    found = Unit.objects.filter(pk=unit_id, active=True, takes_orders=True).first()
    if found is None:
        raise Invalid(fields={"unit_id": _("This unit takes no orders.")})
    return found


def tell_unit(order: WorkOrder, kind: str, **params: Any) -> None:
    """Tell the handler, or the head of the unit as long as nobody handles the order."""
    people = [order.handler_id] if order.handler_id else [order.unit.head_id] if order.unit and order.unit.head_id else []
    tell(staff_ids=people, kind=kind, subject_id=order.pk, params={"number": order.subject.number, **params})


def tell_dispatchers(order: WorkOrder) -> None:
    """No unit has the order now: those who dispatch are told, or it would lie there unseen."""
    tell(
        staff_ids=holders_of_right("orders.dispatch"),
        kind="order.to_dispatch",
        subject_id=order.pk,
        params={"number": order.subject.number},
    )


def dispatch(*, actor: Actor, id: int, unit_id: int, remark: str = "") -> WorkOrder:
    """Send the order to a unit (派单). After a return this is a binding ruling (R-02C-6.1)."""
    with given(actor, id, "dispatch") as order:
        return send(order, actor=actor, unit=take_unit(unit_id), remark=remark, at=moment.now())


def send(order: WorkOrder, *, actor: Actor, unit: Unit, remark: str, at: datetime, rule: str = "") -> WorkOrder:
    """Write the dispatch; the caller has judged. ``rule`` names the rule that chose the unit."""
    data = {"unit": unit.name, "remark": remark, "rule": rule, "ruled": order.returned}
    write(
        order, actor=actor, event="order.dispatched", at=at, data=data, moments=("dispatched",), clauses=("R-02C-2c",),
        state=State.DISPATCHED, unit=unit, handler=None, dispatched_at=at, ruled=order.returned,
    )  # fmt: skip
    tell_unit(order, "order.arrived", unit=unit.name)
    return order


def redirect(*, actor: Actor, id: int, unit_id: int, reason: str) -> WorkOrder:
    """Take the order from its unit and give it to another (转派)."""
    with given(actor, id, "redirect") as order:
        unit = take_unit(unit_id)
        if unit.pk == order.unit_id:
            raise Invalid(fields={"unit_id": _("The order is with this unit already.")})
        at = moment.now()
        if order.state == State.SUSPENDED:
            standing.resume(subject=order.subject, at=at, actor_id=actor.id)
        _drop_request(order, at, reason)
        data = {"unit": unit.name, "before": order.unit.name if order.unit else "", "reason": reason}
        write(
            order, actor=actor, event="order.redirected", at=at, data=data, moments=("dispatched",),
            state=State.DISPATCHED, unit=unit, handler=None, dispatched_at=at, signed_at=None,
        )  # fmt: skip
        tell_unit(order, "order.arrived", unit=unit.name)
        return order


def _drop_request(order: WorkOrder, at: datetime, why: str) -> None:
    """Who asked no longer has the order: nobody is to decide about it."""
    OrderRequest.objects.filter(order=order, verdict=Verdict.PENDING).update(verdict=Verdict.REFUSED, decided_at=at, remark=why[:500])


def accept(*, actor: Actor, id: int) -> WorkOrder:
    """Sign for the order and become its handler (接单)."""
    with given(actor, id, "accept") as order:
        at = moment.now()
        return write(
            order, actor=actor, event="order.accepted", at=at, moments=("signed",), clauses=("R-02C-2c",), audience=Audience.CUSTOMER,
            state=State.WORKING, handler_id=actor.person_id, signed_at=at,
        )  # fmt: skip


def assign(*, actor: Actor, id: int, handler_id: int) -> WorkOrder:
    """Give the order to a person of the unit; whoever is assigned has it (a person's choice wins over any rule)."""
    with given(actor, id, "assign") as order:
        person = Staff.objects.filter(pk=handler_id, is_active=True, unit__path__startswith=order.subject.unit_path).first()
        if person is None:
            raise Invalid(fields={"handler_id": _("Choose somebody of this unit.")})
        at = moment.now()
        if person.pk != order.handler_id:
            _drop_request(order, at, person.name)
        signed: dict[str, Any] = {} if order.signed_at else {"signed_at": at}
        write(
            order, actor=actor, event="order.assigned", at=at, data={"handler": person.name}, moments=("signed",),
            state=State.WORKING, handler=person, **signed,
        )  # fmt: skip
        tell_unit(order, "order.assigned")
        return order


def give_back(*, actor: Actor, id: int, reason: str, text: str) -> WorkOrder:
    """Return the order to the dispatcher, once, with a coded reason (退单)."""
    with given(actor, id, "return") as order:
        at = moment.now()
        unit = order.unit
        assert unit is not None
        _drop_request(order, at, text)
        OrderReturn.objects.create(order=order, unit=unit, by_id=actor.person_id, reason=reason, text=text, at=at)
        data = {"unit": unit.name, "reason": reason, "text": text}
        write(
            order, actor=actor, event="order.returned", at=at, data=data, moments=("returned",), clauses=("R-02C-6.1",),
            state=State.NEW, unit=None, handler=None, returned=True, signed_at=None,
        )  # fmt: skip
        tell_dispatchers(order)
        return order


def contact(*, actor: Actor, id: int, remark: str = "", appointment_at: datetime | None = None) -> WorkOrder:
    """The handler has spoken with the customer."""
    with given(actor, id, "contact") as order:
        at = moment.now()
        booked: dict[str, Any] = {"appointment_at": appointment_at} if appointment_at else {}
        return write(
            order, actor=actor, event="order.contacted", at=at, data={"remark": remark}, moments=("contacted",), contacted_at=at, **booked
        )


def arrive(*, actor: Actor, id: int) -> WorkOrder:
    """The crew is on site (R-02C-2e2)."""
    with given(actor, id, "arrive") as order:
        at = moment.now()
        return write(
            order,
            actor=actor,
            event="order.on_site",
            at=at,
            moments=("arrived",),
            clauses=("R-02C-2e2",),
            audience=Audience.CUSTOMER,
            arrived_at=at,
        )


def complete(*, actor: Actor, id: int, result: str) -> WorkOrder:
    """The handler is done (办结); the customer is asked next."""
    with given(actor, id, "complete") as order:
        at = moment.now()
        return write(
            order, actor=actor, event="order.completed", at=at, data={"result": result}, moments=("completed",), audience=Audience.CUSTOMER,
            state=State.COMPLETED, completed_at=at, result=result,
        )  # fmt: skip


def redo(*, actor: Actor, id: int, words: str) -> WorkOrder:
    """Not satisfied: back to the same handler with the customer's words."""
    with given(actor, id, "redo") as order:
        at = moment.now()
        write(
            order, actor=actor, event="order.redone", at=at, data={"words": words}, moments=("redone",), clauses=("R-02C-6.5",),
            state=State.WORKING, redo_round=order.redo_round + 1,
        )  # fmt: skip
        tell_unit(order, "order.redone")
        return order


def close(*, actor: Actor, id: int, reason: str = "", satisfaction: str = "") -> WorkOrder:
    """Settled (结案)."""
    with given(actor, id, "close") as order:
        at = moment.now()
        data = {"reason": reason, "satisfaction": satisfaction}
        return write(
            order, actor=actor, event="order.closed", at=at, data=data, moments=("called_back", "closed") if satisfaction else ("closed",),
            audience=Audience.CUSTOMER, state=State.CLOSED, closed_at=at, satisfaction=satisfaction or order.satisfaction,
        )  # fmt: skip


def archive(*, actor: Actor, order: WorkOrder, seal: str) -> WorkOrder:
    """Mark a closed order as archived under its seal; the flow that sealed it holds the order and has judged."""
    at = moment.now()
    return write(
        order, actor=actor, event="order.archived", at=at, data={"seal": seal[:16]}, moments=("archived",), clauses=("R-03-4.2.7",),
        state=State.ARCHIVED, archived_at=at, seal=seal,
    )  # fmt: skip


def reopen(*, actor: Actor, id: int, reason: str) -> WorkOrder:
    """A closed order goes back to its handler."""
    with given(actor, id, "reopen") as order:
        write(
            order, actor=actor, event="order.reopened", at=moment.now(), data={"reason": reason}, moments=("redone",),
            state=State.WORKING, closed_at=None, satisfaction="", redo_round=order.redo_round + 1,
        )  # fmt: skip
        tell_unit(order, "order.redone")
        return order


def void(*, actor: Actor, id: int, reason: str) -> WorkOrder:
    """Opened by mistake or twice: kept, but out of every list and clock."""
    with given(actor, id, "void") as order:
        at = moment.now()
        clock.void(subject=order.subject, reason=reason, actor_id=actor.id, at=at)
        return write(order, actor=actor, event="order.voided", at=at, data={"reason": reason}, state=State.VOID)


def correct(*, actor: Actor, id: int, text: str) -> WorkOrder:
    """A correction beside a sealed order; what is sealed stays as it is."""
    with given(actor, id, "correct") as order:
        return write(order, actor=actor, event="order.corrected", at=moment.now(), data={"text": text})


def note(*, actor: Actor, id: int, text: str) -> WorkOrder:
    """A remark for colleagues."""
    with given(actor, id, "note") as order:
        add_note(actor_id=actor.person_id, subject_id=order.pk, text=text)
        return order
