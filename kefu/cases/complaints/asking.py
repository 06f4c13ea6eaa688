"""Who is held responsible, what he says to it, and what follows: his word first, then the consequence (R-04-3.7.2b, R-04-3.7.6)."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints import queries
from kefu.cases.complaints.choices import RUNNING, Action, Fault, Stand
from kefu.cases.complaints.models import Complaint, Liability
from kefu.cases.complaints.services import given, write
from kefu.engines.notify.services import tell as notify
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import SYSTEM, Actor
from kefu.people.models import Staff
from kefu.people.queries import head_above
from kefu.timeline.queries import history
from kefu.timeline.services import watch

LATE_LIMITS = ("complaint.result", "complaint.severe_result")
AT_ONCE = 200
HELD = "R-04-3.7.2b"
DELAYED = "R-04-3.7.6"
CLASSED, CONCERNED = "complaint.classed", "complaint.concerned"


def hold_liable(*, actor: Actor, id: int, person_id: int, ground: str) -> Complaint:
    """The analysis names who is responsible; he is asked before anything follows."""
    with given(actor, id, "hold_liable") as complaint:
        person = Staff.objects.filter(pk=person_id, is_active=True).first()
        if person is None:
            raise Invalid(fields={"person_id": _("Choose a person.")})
        if Liability.objects.filter(complaint=complaint, person=person, fault=Fault.FOUND).exists():
            raise Invalid(fields={"person_id": _("This person has been asked already.")})
        return _open(actor, complaint, person, Fault.FOUND, ground, HELD, moment.now())


def _open(
    actor: Actor, complaint: Complaint, person: Staff, fault: Fault, ground: str, clause: str, at: datetime, chain: list[Any] | None = None
) -> Complaint:
    Liability.objects.create(
        complaint=complaint, person=person, fault=fault, ground=ground, chain=chain or [], opened_by_id=actor.id, opened_at=at
    )
    watch(subject_id=complaint.pk, staff_id=person.pk)
    notify(
        staff_ids=[person.pk],
        kind="complaint.liable",
        subject_id=complaint.pk,
        params={"ground": ground if fault == Fault.DELAY else ground[:200]},
    )
    data = {"person": person.name, "ground": ground, "fault": str(fault)}
    return write(complaint, actor=actor, event="complaint.liability_opened", at=at, data=data, clauses=(clause,))


def answer(*, actor: Actor, id: int, liability_id: int, stand: Stand, statement: str = "") -> Complaint:
    """The person confirms, or objects and says why."""
    with given(actor, id, "answer") as complaint:
        row = _row(complaint, liability_id, person_id=actor.person_id, stand=Stand.ASKED)
        if stand == Stand.ASKED:
            raise Invalid(fields={"stand": _("Choose from the list.")})
        if stand == Stand.OBJECTED and not statement.strip():
            raise Invalid(fields={"statement": _("Say why.")})
        at = moment.now()
        row.stand, row.statement, row.answered_at = stand, statement, at
        row.save(update_fields=["stand", "statement", "answered_at"])
        data = {"person": actor.name, "stand": str(stand), "statement": statement}
        return write(complaint, actor=actor, event="complaint.liability_answered", at=at, data=data, clauses=(_clause(row),))


def settle_liability(
    *, actor: Actor, id: int, liability_id: int, action: Action, decision: str, clause: str = "", amount: str = ""
) -> Complaint:
    """What follows. A penalty needs the person's word first, the clause of the reward rules, and points or amount (R-04-3.7.2b)."""
    with given(actor, id, "settle_liability") as complaint:
        row = _row(complaint, liability_id, action="")
        if row.person_id == actor.id:
            raise Conflict(_("Nobody decides about himself."), code="own_case")
        if action == Action.PENALTY:
            _check_penalty(row, clause, amount)
        at = moment.now()
        row.action, row.decision, row.clause, row.amount = action, decision, clause, amount
        row.approved_by_id, row.approved_at = actor.person_id, at
        row.save(update_fields=["action", "decision", "clause", "amount", "approved_by", "approved_at"])
        data = {"person": row.person.name, "action": str(action), "decision": decision, "clause": clause, "amount": amount}
        notify(staff_ids=[row.person_id], kind="complaint.liability_settled", subject_id=complaint.pk, params={"action": data["action"]})
        return write(complaint, actor=actor, event="complaint.liability_settled", at=at, data=data, clauses=(_clause(row),))


def _check_penalty(row: Liability, clause: str, amount: str) -> None:
    if row.stand == Stand.ASKED and setting("complaint.penalty_after_confirmation", default=True):
        raise Conflict(_("First the person concerned has to confirm or to object."), code="not_heard")
    missing = {name: _("A penalty needs this.") for name, text in (("clause", clause), ("amount", amount)) if not text.strip()}
    if missing:
        raise Invalid(fields=missing)


def _clause(row: Liability) -> str:
    return DELAYED if row.fault == Fault.DELAY else HELD


def _row(complaint: Complaint, liability_id: int, **wanted: Any) -> Liability:
    rows = Liability.objects.select_for_update(of=("self",)).select_related("person")
    row = rows.filter(complaint=complaint, pk=liability_id, **wanted).first()
    if row is None:
        raise Invalid(fields={"liability_id": _("Choose from the list.")})
    return row


def open_delays(limit: int = AT_ONCE) -> int:
    """Hold the head of the unit and the receiver responsible for a result that is overdue inside the unit's field (R-04-3.7.6)."""
    if not setting("complaint.liability", default=False):
        return 0
    late = queries.visible_to(SYSTEM).filter(
        state__in=RUNNING, unit__isnull=False, subject__obligations__code__in=LATE_LIMITS,
        subject__obligations__state="running", subject__obligations__overdue_at__isnull=False,
    )  # fmt: skip
    ids = late.exclude(liabilities__fault=Fault.DELAY).order_by("pk").values_list("pk", flat=True).distinct()[:limit]
    return sum(_open_delay(complaint_id) for complaint_id in list(ids))


@transaction.atomic
def _open_delay(complaint_id: int) -> int:
    complaint = Complaint.objects.select_for_update(of=("self",)).select_related("subject", "unit", "receiver").get(pk=complaint_id)
    assert complaint.unit is not None
    at = moment.now()
    chain = hold_times(complaint, at)
    ids = {complaint.unit.head_id or head_above(complaint.unit.path), complaint.receiver_id} - {None}
    for person in Staff.objects.filter(pk__in=ids, is_active=True).order_by("pk"):
        _open(SYSTEM, complaint, person, Fault.DELAY, queries.ground_of(chain), DELAYED, at, chain)
    return 1


def hold_times(complaint: Complaint, at: datetime) -> list[dict[str, Any]]:
    """Who held the case how long: in the centre whoever took each step, and from the hand-over on the department, until another one has it.

    What others write in the file meanwhile takes nothing off the time of a department (R-04-3.7.6).
    """
    held: list[tuple[str, datetime]] = []
    unit = ""
    for event in reversed(history(complaint.pk)):
        if not unit and event["actor__name"] and str(event["kind"]).startswith("complaint."):
            held.append((event["actor__name"], event["at"]))
        handed = event["data"].get("unit", "") if event["kind"] == CLASSED or (event["kind"] == CONCERNED and not unit) else ""
        if handed and unit and handed != unit:
            held.append((unit, event["at"]))
        unit = handed or unit
    assert complaint.unit is not None
    held.append((unit or complaint.unit.name, at))
    return _spans(complaint.accepted_at, held)


def _spans(since: datetime, held: list[tuple[str, datetime]]) -> list[dict[str, Any]]:
    """What follows one another in the same hands is one span; what took no time is none."""
    spans: list[dict[str, Any]] = []
    for who, group in groupby(held, key=lambda one: one[0]):
        until = max(until for _who, until in group)
        if until > since:
            hours = round((until - since).total_seconds() / 3600, 1)
            spans.append({"who": who, "since": since.isoformat(), "until": until.isoformat(), "hours": hours})
            since = until
    return spans
