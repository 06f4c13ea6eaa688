"""Complaints where they meet contacts, orders, callbacks and the archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import services as callbacks
from kefu.cases.callbacks.choices import SETTLED, Verdict
from kefu.cases.complaints import handling, queries, services
from kefu.cases.complaints.choices import Effect, State
from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock import services as clock
from kefu.flows import archive, hotline_case
from kefu.kit import moment
from kefu.kit.errors import Conflict, Text
from kefu.people.actor import Actor
from kefu.timeline.services import seal
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling as talks

MISSING: Mapping[str, Text] = {
    "analysis": _("The analysis of cause and responsibility is missing."),
    "measures": _("There is no corrective measure yet."),
    "checks": _("A corrective measure has not been checked yet."),
    "visit": _("The site visit is missing; a manager can waive it with a reason."),
    "second": _("A second person has not confirmed that it is invalid."),
    "review": _("It does not stand on the management-review list yet."),
}


def open_from_contact(*, actor: Actor, contact_id: int, record: Mapping[str, Any], **fields: Any) -> Complaint:
    """The contact turns out to be a complaint."""
    with transaction.atomic():
        return open_held(actor=actor, contact=contacts.lock(actor, contact_id), record=record, **fields)


def open_held(*, actor: Actor, contact: Contact, record: Mapping[str, Any], **fields: Any) -> Complaint:
    """``open_from_contact`` for who holds the contact and has judged."""
    if contact.outcome == Outcome.COMPLAINT:
        return queries.get(actor, int(contact.led_to_id or 0))
    if contact.outcome != Outcome.OPEN:
        raise Conflict()
    passed_on = hotline_case.behind(contact)
    given = contacts.checked({name: record.get(name) or getattr(contact, name) for name in ("name", "phone", "address", "content")})
    nameless = passed_on is not None and passed_on.secret
    complaint = services.receive(
        actor=actor, content=given["content"], channel=contact.channel, name="" if nameless else given["name"],
        phone_number="" if nameless else given["phone"], address=given["address"], contact=contact,
        customer=None if nameless else contact.customer, heard_at=contact.received_at, **fields,
    )  # fmt: skip
    contacts.finish(actor=actor, contact=contact, outcome=Outcome.COMPLAINT, led_to=complaint.pk, **given)
    talks.end_with(actor=actor, contact=contact, wrap_up="case_opened")
    if passed_on is not None:
        hotline_case.join(actor, passed_on, complaint.subject)
    return complaint


def pass_on(*, actor: Actor, content: str, phone: str = "", **fields: Any) -> Complaint:
    """Any employee passes on what he heard (R-04-3.1)."""
    return services.receive(actor=actor, channel=Channel.PASSED_ON, content=content, phone_number=phone, **fields)


def raise_from_order(*, actor: Actor, order: WorkOrder, words: str) -> Complaint:
    """Not satisfied a second time: the matter becomes a complaint beside the order (design.md §10)."""
    return services.receive(
        actor=actor, channel=order.channel, content=words, name=order.name, phone_number=order.phone, address=order.address, order=order,
        customer=order.customer,
    )  # fmt: skip


def ask_for_callback(*, actor: Actor, complaint: Complaint) -> None:
    """Every complaint is called back once the complainant was told (R-04-3.7.4)."""
    callbacks.ask(
        actor=actor,
        subject=complaint.subject,
        facts=services.facts_of(complaint),
        name=complaint.name,
        phone=complaint.phone,
        at=moment.now(),
        customer_id=complaint.customer_id,
    )


def explain(*, actor: Actor, id: int, explanation: str) -> Complaint:  # noqa: A002
    """Invalid: explained, and asked afterwards how it was taken."""
    with transaction.atomic():
        complaint = handling.explain(actor=actor, id=id, explanation=explanation)
        ask_for_callback(actor=actor, complaint=complaint)
    return complaint


def tell(*, actor: Actor, id: int, remark: str) -> Complaint:  # noqa: A002
    """The complainant was told the result; the callback follows."""
    with transaction.atomic():
        complaint = handling.tell(actor=actor, id=id, remark=remark)
        ask_for_callback(actor=actor, complaint=complaint)
    return complaint


def overrule(*, actor: Actor, id: int, reason: str) -> Complaint:  # noqa: A002
    """The verdict is not shared: judged anew, and nobody is asked about an explanation that no longer counts."""
    with transaction.atomic():
        complaint = services.overrule(actor=actor, id=id, reason=reason)
        callbacks.void(actor=actor, subject_id=id)
    return complaint


def after_callback(*, actor: Actor, complaint_id: int, verdict: Verdict, words: str) -> None:
    """Satisfied: settled as soon as nothing is missing; not satisfied: back to work."""
    complaint = Complaint.objects.select_for_update(of=("self",)).select_related("subject", "unit").get(pk=complaint_id)
    if complaint.state != State.DECIDED:
        raise Conflict()
    if verdict != Verdict.UNREACHABLE:
        clock.reach(
            subject=complaint.subject, moments=("called_back",), at=moment.now(), facts=services.facts_of(complaint), actor_id=actor.id
        )
    if verdict == Verdict.NOT_SATISFIED:
        handling.back_to_work(complaint, actor=actor, words=words)
        return
    Complaint.objects.filter(pk=complaint_id).update(satisfaction=str(verdict))
    complaint.satisfaction = str(verdict)
    if not queries.what_is_missing(complaint):
        _close(actor, complaint)


def close(*, actor: Actor, id: int) -> Complaint:  # noqa: A002
    """Close and file a decided complaint. Raises ``Conflict`` naming what is missing (R-04-3.6.2f, R-04-3.6.6a to R-04-3.7.4)."""
    with transaction.atomic():
        queries.get(actor, id)
        complaint = Complaint.objects.select_for_update(of=("self",)).select_related("subject", "unit").get(pk=id)
        if complaint.state != State.DECIDED:
            raise Conflict(code="not_now")
        missing = [str(MISSING[code]) for code in queries.what_is_missing(complaint)]
        if not complaint.satisfaction:
            missing.append(str(_("The complainant has not been called back yet.")))
        if missing:
            raise Conflict(_("Not yet: %(missing)s"), code="complaint_incomplete", missing=" ".join(missing))
        return _close(actor, complaint)


def _close(actor: Actor, complaint: Complaint) -> Complaint:
    """Closed; sealed at once if the complainant's word settles it, else only after the days in which it may be reopened."""
    handling.close(complaint, actor=actor, satisfaction=complaint.satisfaction)
    if complaint.satisfaction in SETTLED or not archive.days_to_wait("complaint"):
        return _seal(actor, complaint)
    return complaint


def archive_complaint(*, actor: Actor, id: int) -> Complaint:  # noqa: A002
    """Seal a closed complaint and file it."""
    with services.given(actor, id, "archive") as complaint:
        return _seal(actor, complaint)


def _seal(actor: Actor, complaint: Complaint) -> Complaint:
    copy = seal(
        subject_id=complaint.pk,
        body=archive.contents(complaint.subject, {**model_to_dict(complaint), **queries.parts(complaint)}),
        keep_until=archive.keep_until("complaint"),
    )
    return handling.archive(complaint, actor=actor, seal=copy.sha256)


def check_measure(*, actor: Actor, id: int, measure_id: int, effect: Effect, check_note: str) -> Complaint:  # noqa: A002
    """Check a measure; if it was the last thing missing, the complaint closes."""
    with transaction.atomic():
        complaint = handling.check_measure(actor=actor, id=id, measure_id=measure_id, effect=effect, check_note=check_note)
        complaint.refresh_from_db()
        if effect == Effect.INEFFECTIVE:
            callbacks.void(actor=actor, subject_id=id)
        if complaint.state == State.DECIDED and complaint.satisfaction and not queries.what_is_missing(complaint):
            _close(actor, complaint)
    return complaint
