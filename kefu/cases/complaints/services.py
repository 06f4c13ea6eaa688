"""Writes to complaints: judge, write, record, tell the clock. One call is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints import policies, queries
from kefu.cases.complaints.choices import Severity, State, Validity
from kefu.cases.complaints.models import Complaint, Involved
from kefu.engines.clock import services as clock
from kefu.engines.notify.services import tell as notify
from kefu.engines.numbering.services import take
from kefu.engines.rulebook.queries import code_items
from kefu.engines.search import services as search
from kefu.kit import moment, phone
from kefu.kit.errors import Invalid
from kefu.kit.moves import moved
from kefu.people.actor import Actor
from kefu.people.incompatible import not_complained_of
from kefu.people.models import Staff, Unit
from kefu.people.queries import holders_of_right, superior_of
from kefu.timeline.choices import Audience
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one, watch

REPEATED = "repeated"


def facts_of(complaint: Complaint) -> dict[str, Any]:
    """What conditions of limits and rules may ask of a complaint."""
    return {
        "severity": complaint.severity,
        "validity": complaint.validity,
        "other_units": complaint.other_units,
        "system_defect": complaint.system_defect,
        "channel": complaint.channel,
        "type": complaint.subject_type,
        "type_kind": "complaint",
        "unit": complaint.unit.code if complaint.unit else "",
    }


@contextmanager
def given(actor: Actor, complaint_id: int, command: str) -> Iterator[Complaint]:
    """The complaint, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    with transaction.atomic():
        complaint = queries.lock(actor, complaint_id)
        policies.require(actor, queries.facts(complaint), command)
        yield complaint


def write(
    complaint: Complaint,
    *,
    actor: Actor,
    event: str,
    at: datetime,
    data: dict[str, Any] | None = None,
    moments: tuple[str, ...] = (),
    clauses: tuple[str, ...] = (),
    audience: Audience = Audience.STAFF,
    **changes: Any,
) -> Complaint:
    """Save changed columns, keep the subject in step, record the event and tell the clock; inside the caller's transaction."""
    before = complaint.state
    for name, value in changes.items():
        setattr(complaint, name, value)
    if changes:
        complaint.save(update_fields=[name.removesuffix("_id") for name in changes])
    subject = complaint.subject
    over = complaint.state in {State.CLOSED, State.ARCHIVED, State.WITHDRAWN}
    path = complaint.unit.path if complaint.unit else subject.unit_path
    clock.keep_up(subject=subject, at=at, over=over, unit_path=path, owner_id=subject.owner_id)
    full = moved(before, complaint.state, data)
    record_one(actor_id=actor.id, subject_id=complaint.pk, kind=event, data=full, clauses=clauses, audience=audience, at=at)
    if moments:
        clock.reach(subject=complaint.subject, moments=moments, at=at, facts=facts_of(complaint), actor_id=actor.id)
    return complaint


def receive(
    *,
    actor: Actor,
    content: str,
    channel: str = "passed_on",
    phone_number: str = "",
    heard_at: datetime | None = None,
    **fields: Any,
) -> Complaint:
    """Take a complaint; any employee may (R-04-3.1). It lands at the service centre, and who took it follows it to the end (R-04-3.4).

    ``fields`` are further columns: name, address, demand, evidence, against_id, first_handling, contact, order, customer.
    """
    at = moment.now()
    if heard_at and heard_at > at:
        raise Invalid(fields={"heard_at": _("This time is still to come.")})
    if fields.get("against_id") and not Staff.objects.filter(pk=fields["against_id"]).exists():
        raise Invalid(fields={"against_id": _("Choose a person.")})
    with transaction.atomic():
        centre = Unit.objects.filter(code=queries.CENTRE).first()
        path = centre.path if centre else ""
        subject = Subject.objects.create(kind=queries.KIND, number=take("TS", at), title=content[:80], unit_path=path, opened_at=at)
        complaint = Complaint.objects.create(
            subject=subject,
            channel=channel,
            content=content,
            phone=phone.normalise(phone_number),
            receiver_id=actor.id,
            heard_at=heard_at or at,
            accepted_at=at,
            **fields,
        )
        _announce(actor, complaint, at)
    return complaint


def _announce(actor: Actor, complaint: Complaint, at: datetime) -> None:
    """Who took it follows it, the clocks start, the centre is told, and it can be found."""
    subject = complaint.subject
    if actor.id is not None:
        watch(subject_id=subject.pk, staff_id=actor.id, kept=True)
    delay = int((at - complaint.heard_at).total_seconds())
    data = {"channel": complaint.channel, "pass_on_delay_s": delay, "first_handling": complaint.first_handling}
    record_one(
        actor_id=actor.id,
        subject_id=subject.pk,
        kind="complaint.received",
        data=data,
        clauses=("R-04-3.1",),
        audience=Audience.CUSTOMER,
        at=at,
    )
    clock.reach(subject=subject, moments=("accepted",), at=at, facts=facts_of(complaint), actor_id=actor.id, fresh=True)
    notify(staff_ids=holders_of_right("complaints.receive"), kind="complaint.received", subject_id=subject.pk)
    _tell_superior(actor, complaint)
    hidden = f"{complaint.name} {phone.shown(complaint.phone)} {complaint.address}"
    search.index(
        subject_id=subject.pk, kind=queries.KIND, title=subject.number, body=f"{complaint.content} {complaint.demand}", hidden=hidden
    )


def _tell_superior(actor: Actor, complaint: Complaint) -> None:
    """Settled on the spot: the direct superior is told and acknowledges (R-04-3.2)."""
    superior = superior_of(actor.id) if actor.id is not None and complaint.first_handling else None
    if superior is not None:
        notify(staff_ids=[superior], kind="complaint.settled_at_once", subject_id=complaint.pk, params={"what": complaint.first_handling})


def classify(
    *,
    actor: Actor,
    id: int,
    subject_type: str,
    severity_tests: list[str] | None = None,
    other_units: bool = False,
    unit_id: int | None = None,
    reason: str = "",
) -> Complaint:
    """Class by subject and by the six tests of severity; one met test makes it severe (R-04-3.6.2). Classing anew keeps the history."""
    with given(actor, id, "classify") as complaint:
        again = complaint.state != State.RECEIVED
        if again and not reason.strip():
            raise Invalid(fields={"reason": _("Say why it is classed anew.")})
        tests = _tests(complaint, severity_tests or [])
        changes: dict[str, Any] = {
            "state": complaint.state if again else State.CLASSED,
            "subject_type": subject_type,
            "severity": Severity.SEVERE if tests else Severity.ORDINARY,
            "severity_tests": tests,
            "other_units": other_units,
            "system_defect": "system_defect" in tests,
            "unit": _unit(unit_id) if unit_id else complaint.unit,
        }
        _write_class(complaint, actor, reason, changes)
        return complaint


def _unit(unit_id: int) -> Unit:
    found = Unit.objects.filter(pk=unit_id, active=True).first()
    if found is None:
        raise Invalid(fields={"unit_id": _("Choose from the list.")})
    return found


def _tests(complaint: Complaint, ticked: list[str]) -> list[str]:
    """The tests of severity that are met; the repeat test is reckoned, not ticked."""
    known = {item["code"] for item in code_items("complaint_severity_tests")}
    tests = {test for test in ticked if test in known or not known}
    if queries.is_repeated(complaint):
        tests.add(REPEATED)
    return sorted(tests)


def _write_class(complaint: Complaint, actor: Actor, reason: str, changes: dict[str, Any]) -> None:
    """The class, the end of the other class's limit, and the limits that run from acceptance."""
    at = moment.now()
    severity: Severity = changes["severity"]
    data = {
        "subject_type": changes["subject_type"],
        "severity": str(severity),
        "tests": changes["severity_tests"],
        "unit": changes["unit"].name if changes["unit"] else "",
        "reason": reason,
        "before": [complaint.subject_type, complaint.severity],
    }
    other = "complaint.result" if severity == Severity.SEVERE else "complaint.severe_result"
    clock.void(subject=complaint.subject, reason=reason, codes=[other], at=at, actor_id=actor.id)
    clauses = ("R-03-4.2.2", "R-04-3.6.1", "R-04-3.6.2")
    write(
        complaint, actor=actor, event="complaint.classed", at=at, data=data, moments=("classed",), clauses=clauses, classed_at=at, **changes
    )
    _start_from_acceptance(complaint, actor)
    if severity == Severity.SEVERE:
        notify(staff_ids=holders_of_right("complaints.decide"), kind="complaint.severe", subject_id=complaint.pk)


def _start_from_acceptance(complaint: Complaint, actor: Actor) -> None:
    """Limits that hang on the class run from acceptance on: 48 hours for a severe one do not begin when it is classed (R-04-3.7.1)."""
    clock.reach(
        subject=complaint.subject, moments=("accepted",), at=complaint.accepted_at, facts=facts_of(complaint), actor_id=actor.id, once=True
    )


def concern(*, actor: Actor, id: int, unit_id: int, remark: str = "") -> Complaint:
    """A department was contacted about it; the first one becomes the department concerned (R-04-3.5.2)."""
    with given(actor, id, "concern") as complaint:
        unit = _unit(unit_id)
        at = moment.now()
        Involved.objects.create(complaint=complaint, unit=unit, remark=remark, by_id=actor.person_id, at=at)
        changes: dict[str, Any] = {"unit": unit} if complaint.unit_id is None else {}
        if unit.head_id:
            notify(staff_ids=[unit.head_id], kind="complaint.concerns_you", subject_id=complaint.pk)
        return write(
            complaint,
            actor=actor,
            event="complaint.concerned",
            at=at,
            data={"unit": unit.name, "remark": remark},
            clauses=("R-04-3.5.2",),
            **changes,
        )


def contact(*, actor: Actor, id: int, remark: str) -> Complaint:
    """The complainant was spoken with for the first time."""
    with given(actor, id, "contact") as complaint:
        at = moment.now()
        return write(
            complaint, actor=actor, event="complaint.contacted", at=at, data={"remark": remark}, moments=("contacted",), contacted_at=at
        )


def notify_interim(*, actor: Actor, id: int, remark: str) -> Complaint:
    """Other units are involved: the complainant is told how it stands (R-04-3.7.5)."""
    with given(actor, id, "notify_interim") as complaint:
        at = moment.now()
        return write(
            complaint, actor=actor, event="complaint.interim", at=at, data={"remark": remark}, moments=("interim_told", "contacted"),
            clauses=("R-04-3.7.5",), audience=Audience.CUSTOMER, interim_at=at, contacted_at=complaint.contacted_at or at,
        )  # fmt: skip


def judge(*, actor: Actor, id: int, validity: Validity, reason: str, basis: str) -> Complaint:
    """The verdict: valid with its cause, or invalid with its reason and basis (R-04-3.6.3, R-04-3.6.4). Clocks of the verdict start."""
    with given(actor, id, "judge") as complaint:
        barred = [complaint.against_id] if complaint.against_id else []
        not_complained_of(staff_id=actor.id, complained_of=barred)
        listed = "complaint_invalid_reasons" if validity == Validity.INVALID else "complaint_valid_causes"
        known = {item["code"] for item in code_items(listed)}
        if known and reason not in known:
            raise Invalid(fields={"reason": _("Choose a reason that belongs to this verdict.")})
        at = moment.now()
        data = {"verdict": str(validity), "reason": reason, "basis": basis}
        clause = "R-04-3.6.3" if validity == Validity.INVALID else "R-04-3.6.4"
        return write(
            complaint, actor=actor, event="complaint.judged", at=at, data=data, moments=("judged",), clauses=(clause,), state=State.JUDGED,
            validity=validity, reason=reason, basis=basis, judged_by_id=actor.person_id, judged_at=at, confirmed_by=None, confirmed_at=None,
        )  # fmt: skip


def confirm_verdict(*, actor: Actor, id: int, remark: str = "") -> Complaint:
    """A second person confirms that it is invalid (R-04-3.6.3)."""
    with given(actor, id, "confirm_verdict") as complaint:
        at = moment.now()
        return write(
            complaint, actor=actor, event="complaint.verdict_confirmed", at=at, data={"remark": remark}, clauses=("R-04-3.6.3",),
            confirmed_by_id=actor.person_id, confirmed_at=at,
        )  # fmt: skip


def overrule(*, actor: Actor, id: int, reason: str) -> Complaint:
    """The second person does not share the verdict: it is judged anew."""
    with given(actor, id, "overrule") as complaint:
        at = moment.now()
        clock.void(subject=complaint.subject, reason=reason, codes=["complaint.invalid_explain"], at=at, actor_id=actor.id)
        return write(
            complaint,
            actor=actor,
            event="complaint.overruled",
            at=at,
            data={"reason": reason},
            moments=("classed",),
            clauses=("R-04-3.6.3",),
            state=State.CLASSED,
            validity="",
            reason="",
            basis="",
            judged_by=None,
            judged_at=None,
            explained_at=None,
            decided_at=None,
            told_at=None,
            satisfaction="",
        )
