"""Cases that an order of the city hotline led to: its limit is theirs, its redo is theirs, and they end when it is returned (R-02C-2d)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kefu.cases.callbacks import services as callbacks
from kefu.cases.complaints import handling as complaint_handling
from kefu.cases.complaints import services as complaints
from kefu.cases.complaints.choices import State as ComplaintState
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import services as orders
from kefu.cases.workorders.choices import OPEN
from kefu.cases.workorders.choices import State as OrderState
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock import services as clock
from kefu.kit import moment
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.touch.channels.hotline import queries, services
from kefu.touch.channels.hotline.choices import SOURCE
from kefu.touch.channels.hotline.models import HotlineOrder
from kefu.touch.channels.hotline.registry import CaseKind, Standing
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact

# The limit of a kind of case that the hotline's own one moves, and what meets it.
_LIMITS = {"workorder": ("hotline12345.result", "completed"), "complaint": ("complaint.result_12345", "decided")}


def behind(contact: Contact) -> HotlineOrder | None:
    """The order of the hotline that a contact carries."""
    return queries.of_contact(contact.pk) if contact.channel == Channel.HOTLINE12345 else None


def join(actor: Actor, passed_on: HotlineOrder, subject: Subject) -> None:
    """A case was opened: the limit written on the order runs on it from the moment it was passed on (decision 0004)."""
    begun = passed_on.rounds.filter(number=passed_on.round).values_list("passed_on_at", flat=True).first()
    _limit(actor, subject.pk, passed_on.due_at, begun or moment.now())


def _limit(actor: Actor, subject_id: int, until: datetime, at: datetime) -> None:
    subject = Subject.objects.get(pk=subject_id)
    code, met_by = _LIMITS[subject.kind]
    told = clock.Outside(
        name="12345 转办时限", name_en="Limit of the city hotline", met_by=(met_by,), warn_points=(0.5, 0.8),
        steps=({"after": 0, "to": "superior"},), clauses=services.CLAUSE,
    )  # fmt: skip
    clock.set_due(subject=subject, code=code, until=until, source=SOURCE, outside=told, at=min(at, until), actor_id=actor.id)


def order_of(subject_id: int) -> WorkOrder:
    rows = WorkOrder.objects.select_for_update(of=("self",)).select_related("subject", "type", "unit", "customer", "handler")
    return rows.get(pk=subject_id)


def _order_standing(subject_id: int) -> Standing:
    state, result, unit = WorkOrder.objects.filter(pk=subject_id).values_list("state", "result", "unit__name")[0]
    return Standing(state not in OPEN, result, unit or "")


def order_again(actor: Actor, order: WorkOrder, words: str) -> None:
    """Back to its handler; what is still in hand hears the words."""
    at = moment.now()
    subject_id = order.pk
    callbacks.void(actor=actor, subject_id=subject_id)
    done = order.state not in OPEN
    changes: dict[str, Any] = {"state": OrderState.WORKING, "closed_at": None, "satisfaction": ""} if done else {}
    orders.write(
        order, actor=actor, event="order.redone", at=at, data={"words": words}, moments=("redone",) if done else (),
        clauses=services.CLAUSE, redo_round=order.redo_round + 1, **changes,
    )  # fmt: skip
    if order.unit_id is None:
        orders.tell_dispatchers(order)
    else:
        orders.tell_unit(order, "order.redone")


def _order_drop(actor: Actor, subject_id: int, reason: str) -> None:
    """The hotline took it back: nobody here is to work on it, whatever its state; what is done stays done."""
    order = order_of(subject_id)
    if order.state not in OPEN:
        return
    at = moment.now()
    clock.void(subject=order.subject, reason=reason, actor_id=actor.id, at=at)
    orders.tell_unit(order, "order.given_back")
    orders.write(
        order, actor=actor, event="order.voided", at=at, data={"reason": reason}, clauses=services.CLAUSE, state=OrderState.VOID
    )  # fmt: skip


def _complaint(subject_id: int) -> Complaint:
    return Complaint.objects.select_for_update(of=("self",)).select_related("subject", "unit").get(pk=subject_id)


_DONE = (ComplaintState.DECIDED, ComplaintState.CLOSED, ComplaintState.ARCHIVED, ComplaintState.WITHDRAWN)


def _complaint_standing(subject_id: int) -> Standing:
    state, result, unit = Complaint.objects.filter(pk=subject_id).values_list("state", "result", "unit__name")[0]
    return Standing(state in _DONE, result, unit or "")


def _complaint_again(actor: Actor, subject_id: int, words: str, contact_id: int) -> int:
    """A redo: what was decided is worked on again; what is sealed or withdrawn stays so, and a new complaint goes on from it."""
    complaint = _complaint(subject_id)
    if complaint.state in (ComplaintState.ARCHIVED, ComplaintState.WITHDRAWN):
        return _complaint_anew(actor, complaint, words, contact_id)
    if complaint.state in (ComplaintState.DECIDED, ComplaintState.CLOSED):
        callbacks.void(actor=actor, subject_id=subject_id)
        complaint_handling.back_to_work(complaint, actor=actor, words=words)
        return subject_id
    _redone(actor, complaint, words)
    return subject_id


def _redone(actor: Actor, complaint: Complaint, words: str) -> None:
    data = {"round": "", "words": words, "due": ""}
    complaints.write(complaint, actor=actor, event="hotline.redone", at=moment.now(), data=data, clauses=services.CLAUSE)


def _complaint_anew(actor: Actor, old: Complaint, words: str, contact_id: int) -> int:
    """The complaint of the new round; each of the two names the other."""
    contact = Contact.objects.select_for_update(of=("self",)).select_related("subject").get(pk=contact_id)
    made = complaints.receive(
        actor=actor, content=old.content, channel=old.channel, phone_number=old.phone, name=old.name, address=old.address,
        demand=old.demand, contact=contact, customer=old.customer, heard_at=None,
    )  # fmt: skip
    contacts.finish(actor=actor, contact=contact, outcome=Outcome.COMPLAINT, led_to=made.pk)
    _redone(actor, made, _("%(words)s (goes on from %(number)s)") % {"words": words, "number": old.subject.number})
    _redone(actor, old, _("%(words)s (goes on in %(number)s)") % {"words": words, "number": made.subject.number})
    pk: int = made.pk
    return pk


def _complaint_drop(actor: Actor, subject_id: int, reason: str) -> None:
    complaint = _complaint(subject_id)
    if complaint.state in _DONE:
        return
    at = moment.now()
    clock.void(subject=complaint.subject, reason=reason, at=at, actor_id=actor.id)
    complaints.write(
        complaint, actor=actor, event="complaint.withdrawn", at=at, data={"reason": reason}, clauses=services.CLAUSE,
        state=ComplaintState.WITHDRAWN, closed_at=at,
    )  # fmt: skip


COMPLAINT = CaseKind("complaint", _complaint_standing, _complaint_again, _limit, _complaint_drop)


def order_case(again: Callable[[Actor, int, str, int], int]) -> CaseKind:
    """How a work order is spoken to; how it goes on is said by the journey that opens orders."""
    return CaseKind("workorder", _order_standing, again, _limit, _order_drop)
