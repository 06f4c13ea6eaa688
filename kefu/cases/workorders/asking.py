"""What a handler asks of others: more time, a clock that stops for the customer, another unit's help; and the answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders.choices import RequestKind, State, Verdict
from kefu.cases.workorders.models import OPEN_HELP, OrderHelp, OrderRequest, WorkOrder
from kefu.cases.workorders.services import facts_of, given, take_unit, tell_unit, write
from kefu.engines.clock import parts, standing
from kefu.engines.clock import queries as clock_queries
from kefu.engines.clock import services as clock
from kefu.engines.clock.parts import Part
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor
from kefu.touch.channels.hotline.choices import SOURCE


def ask_extension(*, actor: Actor, id: int, until: datetime, text: str) -> WorkOrder:
    """Ask for more time; one extension an order, decided by somebody else."""
    with given(actor, id, "ask_extension") as order:
        if until <= moment.now():
            raise Invalid(fields={"until": _("Choose a time that is still to come.")})
        return _ask(order, actor, RequestKind.EXTENSION, text=text, until=until)


def ask_suspension(*, actor: Actor, id: int, reason: str, text: str, evidence: str, until: datetime | None = None) -> WorkOrder:
    """Ask that the clock stop for a cause on the customer's side, with evidence (R-02C-6.2)."""
    with given(actor, id, "ask_suspension") as order:
        return _ask(order, actor, RequestKind.SUSPENSION, reason=reason, text=text, evidence=evidence, until=until)


def _ask(order: WorkOrder, actor: Actor, kind: RequestKind, **fields: Any) -> WorkOrder:
    request = OrderRequest.objects.create(order=order, kind=kind, by_id=actor.person_id, **fields)
    data = {"request": request.pk, "kind": str(kind), "text": request.text, "until": request.until.isoformat() if request.until else None}
    return write(order, actor=actor, event="order.asked", at=moment.now(), data=data)


def _pending(order: WorkOrder) -> OrderRequest:
    return OrderRequest.objects.select_for_update().get(order=order, verdict=Verdict.PENDING)


def grant(*, actor: Actor, id: int, remark: str = "") -> WorkOrder:
    """Grant what the handler asked: the due times move, or the clock stops."""
    with given(actor, id, "grant") as order:
        at = moment.now()
        request = _pending(order)
        _decide(request, actor, Verdict.GRANTED, remark, at)
        data = {"request": request.pk, "kind": request.kind, "remark": remark}
        if request.kind == RequestKind.EXTENSION:
            _extend(order, request, actor, at)
            changes: dict[str, Any] = {"extended": True}
        else:
            standing.pause(
                subject=order.subject,
                reason=request.reason,
                cause="customer",
                evidence=f"{request.text} {request.evidence}",
                approved_by=actor.person_id,
                at=at,
                actor_id=actor.id,
            )
            changes = {"state": State.SUSPENDED}
        write(order, actor=actor, event="order.granted", at=at, data=data, clauses=("R-02C-6.2",), **changes)
        tell_unit(order, "order.granted")
        return order


def refuse(*, actor: Actor, id: int, remark: str) -> WorkOrder:
    """Refuse what the handler asked; the clocks run on."""
    with given(actor, id, "refuse") as order:
        at = moment.now()
        request = _pending(order)
        _decide(request, actor, Verdict.REFUSED, remark, at)
        write(order, actor=actor, event="order.refused", at=at, data={"request": request.pk, "kind": request.kind, "remark": remark})
        tell_unit(order, "order.refused")
        return order


def _extend(order: WorkOrder, request: OrderRequest, actor: Actor, at: datetime) -> None:
    """Move what the handler still owes; a limit that lies later already stays where it is, and one that the city hotline wrote is moved by
    the hotline alone. Raises ``Conflict`` where there is no other."""
    assert request.until is not None
    owed = clock_queries.running_until(order.pk, "completed")
    own = [obligation for obligation in owed if obligation.frozen.get("set") != SOURCE]
    if owed and not own:
        raise Conflict(_("The limit of this order is the city hotline's. Ask the hotline for the extension."), code="outside_limit")
    for obligation in own:
        if obligation.due_at < request.until:
            clock.extend(
                obligation_id=obligation.pk,
                until=request.until,
                approved_by=actor.person_id,
                reason=request.text,
                at=at,
                actor_id=actor.id,
            )


def _decide(request: OrderRequest, actor: Actor, verdict: Verdict, remark: str, at: datetime) -> None:
    request.verdict, request.decided_by_id, request.decided_at, request.remark = verdict, actor.person_id, at, remark
    request.save(update_fields=["verdict", "decided_by", "decided_at", "remark"])


def resume(*, actor: Actor, id: int) -> WorkOrder:
    """The customer's cause is over; the clocks run again."""
    with given(actor, id, "resume") as order:
        at = moment.now()
        standing.resume(subject=order.subject, at=at, actor_id=actor.id)
        return write(order, actor=actor, event="order.resumed", at=at, clauses=("R-02C-6.2",), state=State.WORKING)


def ask_helper(*, actor: Actor, id: int, unit_id: int, demand: str) -> WorkOrder:
    """Ask another unit for its part (协办), within the limit of the pack; the owner stays the owner (R-03-10.3.3)."""
    with given(actor, id, "ask_helper") as order:
        unit = take_unit(unit_id)
        if unit.pk == order.unit_id or OrderHelp.objects.filter(OPEN_HELP, order=order, unit=unit).exists():
            raise Invalid(fields={"unit_id": _("This unit works on the order already.")})
        at = moment.now()
        made = OrderHelp.objects.create(order=order, unit=unit, asked_by_id=actor.person_id, demand=demand, at=at)
        part = Part(_key(made), unit.name, unit.path)
        parts.begin(subject=order.subject, part=part, moment_reached="help_asked", at=at, facts=facts_of(order))
        data = {"unit": unit.name, "demand": demand}
        write(order, actor=actor, event="order.help_asked", at=at, data=data, clauses=("R-03-10.3.3",))
        _tell_helper(order, made, "order.help_asked")
        return order


def _key(row: OrderHelp) -> str:
    return f"help:{row.pk}"


def _tell_helper(order: WorkOrder, row: OrderHelp, kind: str) -> None:
    if row.unit.head_id:
        tell(staff_ids=[row.unit.head_id], kind=kind, subject_id=order.pk, params={"number": order.subject.number})


def help_reply(*, actor: Actor, id: int, reply: str) -> WorkOrder:
    """The helping unit has done its part."""
    with given(actor, id, "help_reply") as order:
        at = moment.now()
        helps = OrderHelp.objects.select_for_update(of=("self",)).filter(OPEN_HELP, order=order).select_related("unit")
        own = next(one for one in helps if actor.sees_path(one.unit.path))
        own.reply, own.replied_by_id, own.replied_at = reply, actor.person_id, at
        own.save(update_fields=["reply", "replied_by", "replied_at"])
        parts.meet(subject=order.subject, key=_key(own), at=at, actor_id=actor.id)
        data = {"unit": own.unit.name, "reply": reply}
        write(order, actor=actor, event="order.helped", at=at, data=data, clauses=("R-03-10.3.3",))
        tell_unit(order, "order.helped")
        return order


def withdraw_help(*, actor: Actor, id: int, help_id: int, reason: str) -> WorkOrder:
    """Do without a unit's part after all: it no longer holds the order up, and owes nothing."""
    with given(actor, id, "withdraw_help") as order:
        at = moment.now()
        found = OrderHelp.objects.select_for_update(of=("self",)).select_related("unit").filter(OPEN_HELP, order=order, pk=help_id).first()
        if found is None:
            raise Invalid(fields={"help_id": _("Choose from the list.")})
        found.withdrawn_by_id, found.withdrawn_at, found.withdrawn_reason = actor.person_id, at, reason
        found.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
        parts.void(subject=order.subject, key=_key(found), reason=reason, at=at, actor_id=actor.id)
        write(order, actor=actor, event="order.help_withdrawn", at=at, data={"unit": found.unit.name, "reason": reason})
        _tell_helper(order, found, "order.help_withdrawn")
        return order
