"""Writes from the verdict to the end: explain, analyse, measures, site visit, decision, telling, review, closing."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints import queries
from kefu.cases.complaints.choices import ClosingWay, Effect, State
from kefu.cases.complaints.models import Complaint, ManagementReview, Measure, SiteVisit
from kefu.cases.complaints.services import facts_of, given, write
from kefu.engines.clock import parts
from kefu.engines.clock import services as clock
from kefu.engines.clock.parts import Part
from kefu.engines.notify.services import tell as notify
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor
from kefu.people.models import Staff
from kefu.people.queries import holders_of_right, superior_of
from kefu.timeline.choices import Audience
from kefu.timeline.services import add_note, watch

LAST_SECOND = time(23, 59, 59)
# What is decided, told and answered anew when a complaint goes back to work.
_ANEW: dict[str, Any] = {"state": State.JUDGED, "decided_at": None, "told_at": None, "satisfaction": ""}


def explain(*, actor: Actor, id: int, explanation: str) -> Complaint:
    """Invalid: the complainant was told why (R-04-3.6.5)."""
    with given(actor, id, "explain") as complaint:
        at = moment.now()
        return write(
            complaint, actor=actor, event="complaint.explained", at=at, data={"explanation": explanation},
            moments=("explained", "decided", "told", "contacted"), clauses=("R-04-3.6.5",), audience=Audience.CUSTOMER, state=State.DECIDED,
            explanation=explanation, explained_at=at, closing_way=ClosingWay.EXPLANATION, result=explanation, decided_by_id=actor.person_id,
            decided_at=at, told_at=at, contacted_at=complaint.contacted_at or at,
        )  # fmt: skip


def analyse(*, actor: Actor, id: int, analysis: str, responsible: str = "") -> Complaint:
    """Valid: cause and responsibility in depth (R-04-3.6.6a)."""
    with given(actor, id, "analyse") as complaint:
        at = moment.now()
        data = {"analysis": analysis, "responsible": responsible, "before": complaint.analysis}
        return write(
            complaint, actor=actor, event="complaint.analysed", at=at, data=data, moments=("analysed",), clauses=("R-04-3.6.6a",),
            analysis=analysis, responsible=responsible, analysed_by_id=actor.person_id, analysed_at=at,
        )  # fmt: skip


def measure(*, actor: Actor, id: int, text: str, owner_id: int, due: date) -> Complaint:
    """A corrective measure with owner and due date (R-04-3.6.6b)."""
    with given(actor, id, "measure") as complaint:
        owner = Staff.objects.filter(pk=owner_id, is_active=True).first()
        if owner is None:
            raise Invalid(fields={"owner_id": _("Choose a person.")})
        at = moment.now()
        if due < timezone.localdate(at):
            raise Invalid(fields={"due": _("Choose a date that is still to come.")})
        row = Measure.objects.create(complaint=complaint, text=text, owner=owner, due=due, added_by_id=actor.person_id, added_at=at)
        _begin_measure(complaint, row, at)
        watch(subject_id=complaint.pk, staff_id=owner.pk)
        notify(staff_ids=[owner.pk], kind="complaint.measure", subject_id=complaint.pk, params={"text": text[:100], "due": due.isoformat()})
        data = {"measure": row.pk, "text": text, "owner": owner.name, "due": due.isoformat()}
        return write(complaint, actor=actor, event="complaint.measure_set", at=at, data=data, clauses=("R-04-3.6.6b",))


def _begin_measure(complaint: Complaint, row: Measure, at: datetime) -> None:
    """Its owner owes it until the end of its day; the centre owes the check some time after that (R-04-3.7.3)."""
    end = datetime.combine(row.due, LAST_SECOND, tzinfo=timezone.get_current_timezone())
    facts = facts_of(complaint)
    path = complaint.subject.unit_path
    own = Part(f"measure:{row.pk}", row.text[:30], path, row.owner_id)
    parts.begin(subject=complaint.subject, part=own, moment_reached="measure_set", at=at, until=end, facts=facts)
    check = Part(f"check:{row.pk}", row.text[:30], path)
    parts.begin(subject=complaint.subject, part=check, moment_reached="measure_due", at=at, since=end, facts=facts)


def measure_done(*, actor: Actor, id: int, measure_id: int, note: str) -> Complaint:
    """Its owner reports a measure as done; whether it held is checked when its date comes."""
    with given(actor, id, "measure_done") as complaint:
        found = Measure.objects.select_for_update().filter(complaint=complaint, pk=measure_id, effect=Effect.OPEN, done_at=None)
        row = found.filter(owner_id=actor.person_id).first()
        if row is None:
            raise Invalid(fields={"measure_id": _("Choose from the list.")})
        row.done_at, row.done_note = moment.now(), note
        row.save(update_fields=["done_at", "done_note"])
        parts.meet(subject=complaint.subject, key=f"measure:{row.pk}", at=row.done_at, actor_id=actor.id)
        notify(
            staff_ids=holders_of_right("complaints.receive"),
            kind="complaint.measure_done",
            subject_id=complaint.pk,
            params={"text": row.text[:100]},
        )
        data = {"measure": row.pk, "text": row.text, "note": note}
        return write(complaint, actor=actor, event="complaint.measure_done", at=row.done_at, data=data, clauses=("R-04-3.7.3",))


def check_measure(*, actor: Actor, id: int, measure_id: int, effect: Effect, check_note: str) -> Complaint:
    """Whether a measure held (R-04-3.7.3); one that did not sends the complaint back to work."""
    with given(actor, id, "check_measure") as complaint:
        row = Measure.objects.select_for_update().filter(complaint=complaint, pk=measure_id, effect=Effect.OPEN).first()
        if row is None or effect == Effect.OPEN:
            raise Invalid(fields={"measure_id" if row is None else "effect": _("Choose from the list.")})
        at = moment.now()
        row.effect, row.check_note, row.checked_by_id, row.checked_at = effect, check_note, actor.person_id, at
        row.save(update_fields=["effect", "check_note", "checked_by", "checked_at"])
        parts.meet(subject=complaint.subject, key=f"check:{row.pk}", at=at, actor_id=actor.id)
        if effect == Effect.EFFECTIVE:
            parts.meet(subject=complaint.subject, key=f"measure:{row.pk}", at=at, actor_id=actor.id)
        else:
            parts.void(subject=complaint.subject, key=f"measure:{row.pk}", reason=check_note, at=at, actor_id=actor.id)
        data = {"measure": row.pk, "text": row.text, "effect": str(effect), "note": check_note}
        changes: dict[str, Any] = dict(_ANEW) if effect == Effect.INEFFECTIVE else {}
        return write(
            complaint,
            actor=actor,
            event="complaint.measure_checked",
            at=at,
            data=data,
            moments=("measures_checked",),
            clauses=("R-04-3.7.3",),
            **changes,
        )


def visit_site(*, actor: Actor, id: int, at: datetime, attendees: str, findings: str) -> Complaint:
    """The manager viewed the site with those concerned (R-04-3.6.6b)."""
    with given(actor, id, "visit_site") as complaint:
        SiteVisit.objects.create(complaint=complaint, at=at, attendees=attendees, findings=findings, by_id=actor.person_id)
        data = {"attendees": attendees, "findings": findings, "visited_at": at.isoformat()}
        return write(complaint, actor=actor, event="complaint.site_visited", at=moment.now(), data=data, clauses=("R-04-3.6.6b",))


def waive_visit(*, actor: Actor, id: int, reason: str) -> Complaint:
    """The manager does without the visit, and says why."""
    with given(actor, id, "waive_visit") as complaint:
        return write(
            complaint,
            actor=actor,
            event="complaint.visit_waived",
            at=moment.now(),
            data={"reason": reason},
            clauses=("R-04-3.6.6b",),
            visit_waived=reason,
        )


def decide(*, actor: Actor, id: int, closing_way: ClosingWay, result: str, staff_action: str = "") -> Complaint:
    """The handling result (R-04-3.7.1). A concession is given only by who may decide (R-04-3.6.1).

    Where staff was the cause a consequence has to be chosen, where not there is none to choose (R-04-3.7.8).
    """
    with given(actor, id, "decide") as complaint:
        if closing_way == ClosingWay.CONCESSION and not actor.can("complaints.decide"):
            raise Invalid(fields={"closing_way": _("A concession needs the approval of a manager.")})
        _check_consequence(complaint, staff_action)
        at = moment.now()
        data = {"way": str(closing_way), "result": result, "staff_action": staff_action}
        clauses = ("R-04-3.7.1", "R-04-3.6.1", "R-04-3.7.8") if staff_action else ("R-04-3.7.1", "R-04-3.6.1")
        return write(
            complaint, actor=actor, event="complaint.decided", at=at, data=data, moments=("decided",), clauses=clauses, state=State.DECIDED,
            staff_action=staff_action, closing_way=closing_way, result=result, decided_by_id=actor.person_id, decided_at=at,
        )  # fmt: skip


def _check_consequence(complaint: Complaint, chosen: str) -> None:
    known = queries.staff_actions(complaint.pk)
    if known and not chosen:
        raise Invalid(fields={"staff_action": _("Staff was the cause: choose what follows for them.")})
    if chosen and chosen not in known:
        raise Invalid(fields={"staff_action": _("Choose from the list.")})


def tell(*, actor: Actor, id: int, remark: str) -> Complaint:
    """The complainant was told the result (R-03-4.2.6)."""
    with given(actor, id, "tell") as complaint:
        at = moment.now()
        return write(
            complaint,
            actor=actor,
            event="complaint.told",
            at=at,
            data={"remark": remark},
            moments=("told", "contacted"),
            clauses=("R-03-4.2.6",),
            audience=Audience.CUSTOMER,
            told_at=at,
            contacted_at=complaint.contacted_at or at,
        )


def review(*, actor: Actor, id: int, defect: str) -> Complaint:
    """Put it on the management-review list (R-04-3.6.2f)."""
    with given(actor, id, "review") as complaint:
        ManagementReview.objects.create(complaint=complaint, defect=defect, entered_by_id=actor.person_id)
        return write(
            complaint, actor=actor, event="complaint.review_listed", at=moment.now(), data={"defect": defect}, clauses=("R-04-3.6.2f",)
        )


def report_past(*, actor: Actor, id: int, reason: str) -> Complaint:
    """Over the superior's head to the next but one (R-04-3.4); the skipped person cannot remove it, since events stay."""
    with given(actor, id, "report_past") as complaint:
        above = superior_of(actor.person_id, levels=2)
        if above is None:
            raise Conflict(_("Nobody stands above your superior."), code="no_superior")
        notify(staff_ids=[above], kind="complaint.reported_past", subject_id=complaint.pk, params={"reason": reason[:200]})
        return write(
            complaint,
            actor=actor,
            event="complaint.reported_past",
            at=moment.now(),
            data={"reason": reason, "to": above},
            clauses=("R-04-3.4",),
        )


def withdraw(*, actor: Actor, id: int, reason: str) -> Complaint:
    """The complainant takes it back; the course ends here."""
    with given(actor, id, "withdraw") as complaint:
        at = moment.now()
        clock.void(subject=complaint.subject, reason=reason, at=at, actor_id=actor.id)
        return write(
            complaint, actor=actor, event="complaint.withdrawn", at=at, data={"reason": reason}, state=State.WITHDRAWN, closed_at=at
        )


def reopen(*, actor: Actor, id: int, reason: str) -> Complaint:
    """New facts after the end."""
    with given(actor, id, "reopen") as complaint:
        return write(
            complaint,
            actor=actor,
            event="complaint.reopened",
            at=moment.now(),
            data={"reason": reason},
            moments=("redone",),
            closed_at=None,
            **_ANEW,
        )


def back_to_work(complaint: Complaint, *, actor: Actor, words: str) -> Complaint:
    """Not satisfied at the callback; the flow that calls this has judged."""
    return write(
        complaint,
        actor=actor,
        event="complaint.reopened",
        at=moment.now(),
        data={"reason": words},
        moments=("redone",),
        closed_at=None,
        **_ANEW,
    )


def close(complaint: Complaint, *, actor: Actor, satisfaction: str) -> Complaint:
    """Settled; the flow that calls this has judged and asked the customer."""
    at = moment.now()
    return write(
        complaint, actor=actor, event="complaint.closed", at=at, data={"satisfaction": satisfaction}, moments=("called_back", "closed"),
        audience=Audience.CUSTOMER, state=State.CLOSED, closed_at=at, satisfaction=satisfaction,
    )  # fmt: skip


def archive(complaint: Complaint, *, actor: Actor, seal: str) -> Complaint:
    """Filed under its seal (R-03-4.2.7)."""
    at = moment.now()
    return write(
        complaint, actor=actor, event="complaint.archived", at=at, data={"seal": seal[:16]}, clauses=("R-03-4.2.7",), state=State.ARCHIVED,
        archived_at=at, seal=seal,
    )  # fmt: skip


def note(*, actor: Actor, id: int, text: str) -> Complaint:
    """A remark for colleagues."""
    with given(actor, id, "note") as complaint:
        add_note(actor_id=actor.person_id, subject_id=complaint.pk, text=text)
        return complaint
