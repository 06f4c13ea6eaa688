"""What complaints give the engines, and the commands on a complaint that stay within it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints import asking, handling, policies, queries, schemas, services
from kefu.cases.complaints.choices import Action, ClosingWay, Effect, Fault, Severity, Stand, State, Validity
from kefu.engines.filters.fields import FieldSet, FieldSpec
from kefu.engines.jobs.registry import Periodic
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.registry import PersonalSource, Veil
from kefu.engines.privacy.sources import columns
from kefu.engines.rulebook.queries import code_name
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers.registry import Chapter, Kept

RIGHTS = (
    Right("complaints.see", _("See complaints in scope")),
    Right("complaints.receive", _("Receive, class and follow complaints")),
    Right("complaints.judge", _("Judge whether a complaint is valid")),
    Right("complaints.investigate", _("Investigate complaints about the own unit")),
    Right("complaints.decide", _("Decide complaints, grant concessions")),
)


def _url(subject_id: int) -> str:
    return reverse("complaints.one", args=[subject_id])


def _told(_actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["subject__number"],
        "title": " ".join(row["content"].split())[:80],
        "url": f"/complaints/{row['subject_id']}",
        "state": State(row["state"]).label,
        "channel": Channel(row["channel"]).label,
        "note": "",
        "by": row["unit__name"] or "",
    }


CHAPTERS = (
    Chapter(
        "complaint", _("Complaint"), "mood-sad", "accepted_at", "subject_id", queries.line_of,
        ("subject__number", "channel", "state", "content", "unit__name"), _told,
    ),
)  # fmt: skip
KEPT = (Kept("complaint", queries.nameless),)


def _ground(code: str) -> str:
    """A cause of a valid or a reason of an invalid complaint."""
    known = code_name("complaint_valid_causes", code)
    return known if known != code else code_name("complaint_invalid_reasons", code)


CLASS_NAMES: dict[str, Callable[[str], str]] = {"subject_type": partial(code_name, "complaint_subjects"), "severity": label_of(Severity)}
VERDICT_NAMES = {"verdict": label_of(Validity), "reason": _ground}
ACTION_NAMES = {"action": label_of(Action)}

SUBJECT_KINDS = (SubjectKind("complaint", _("Complaint"), "TS", _url),)
EVENT_KINDS = (
    EventKind("complaint.received", _("took the complaint %(first_handling)s"), icon="mood-sad"),
    EventKind("complaint.classed", _("classed it: %(subject_type)s, %(severity)s %(reason)s"), icon="category", names=CLASS_NAMES),
    EventKind("complaint.concerned", _("contacted %(unit)s %(remark)s"), icon="users"),
    EventKind("complaint.contacted", _("spoke with the complainant: %(remark)s"), icon="phone"),
    EventKind("complaint.interim", _("told how it stands: %(remark)s"), icon="message"),
    EventKind("complaint.judged", _("judged it %(verdict)s (%(reason)s): %(basis)s"), icon="gavel", names=VERDICT_NAMES),
    EventKind("complaint.verdict_confirmed", _("confirmed the verdict %(remark)s"), icon="checks"),
    EventKind("complaint.overruled", _("did not share the verdict: %(reason)s"), icon="x"),
    EventKind("complaint.explained", _("explained: %(explanation)s"), icon="message-2"),
    EventKind("complaint.analysed", _("analysed: %(analysis)s"), icon="search"),
    EventKind("complaint.measure_set", _("set a measure: %(text)s (%(owner)s, %(due)s)"), icon="tool"),
    EventKind("complaint.measure_done", _("reported a measure as done: %(text)s — %(note)s"), icon="tool"),
    EventKind(
        "complaint.measure_checked", _("checked a measure, %(effect)s: %(note)s"), icon="list-check", names={"effect": label_of(Effect)}
    ),
    EventKind(
        "complaint.liability_opened",
        _("holds %(person)s responsible (%(fault)s): %(ground)s"),
        icon="user-check",
        names={"fault": label_of(Fault), "ground": queries.ground_said},
    ),
    EventKind(
        "complaint.liability_answered", _("%(person)s: %(stand)s %(statement)s"), icon="user-check", names={"stand": label_of(Stand)}
    ),
    EventKind(
        "complaint.liability_settled",
        _("decided on %(person)s: %(action)s %(clause)s %(amount)s %(decision)s"),
        icon="gavel",
        names=ACTION_NAMES,
    ),
    EventKind("complaint.site_visited", _("viewed the site: %(findings)s"), icon="map-pin"),
    EventKind("complaint.visit_waived", _("did without a site visit: %(reason)s"), icon="map-pin-off"),
    EventKind("complaint.decided", _("decided (%(way)s): %(result)s"), icon="circle-check", names={"way": label_of(ClosingWay)}),
    EventKind("complaint.told", _("told the complainant: %(remark)s"), icon="message-check"),
    EventKind("complaint.review_listed", _("put it on the management-review list: %(defect)s"), icon="list-details"),
    EventKind("complaint.reported_past", _("reported past the superior: %(reason)s"), icon="arrow-up"),
    EventKind("complaint.withdrawn", _("withdrawn: %(reason)s"), icon="ban"),
    EventKind("complaint.reopened", _("back in hand: %(reason)s"), icon="rotate"),
    EventKind("complaint.closed", _("closed the complaint"), icon="lock"),
    EventKind("complaint.archived", _("archived; seal %(seal)s"), icon="archive"),
)
NOTICE_KINDS = (
    NoticeKind("complaint.received", _("A complaint came in: %(number)s %(title)s")),
    NoticeKind("complaint.settled_at_once", _("%(number)s was settled on the spot: %(what)s"), needs_ack=True),
    NoticeKind("complaint.severe", _("%(number)s is a severe complaint"), needs_ack=True),
    NoticeKind("complaint.concerns_you", _("%(number)s concerns your department")),
    NoticeKind("complaint.measure", _("%(number)s: a measure is yours until %(due)s: %(text)s")),
    NoticeKind(
        "complaint.liable",
        _("%(number)s: you are held responsible; confirm or object: %(ground)s"),
        needs_ack=True,
        names={"ground": queries.ground_said},
    ),
    NoticeKind("complaint.liability_settled", _("%(number)s: it was decided about your responsibility: %(action)s"), names=ACTION_NAMES),
    NoticeKind("complaint.measure_done", _("%(number)s: a measure was reported as done: %(text)s")),
    NoticeKind("complaint.reported_past", _("%(number)s was reported to you past the line: %(reason)s"), needs_ack=True),
)


def _knows(actor: Actor, complaint_id: int) -> bool:
    """Who complains is behind the mask only for those who may know it."""
    found = queries.visible_to(actor).select_related("subject", "unit").filter(pk=complaint_id).first()
    return found is not None and policies.knows_complainant(actor, queries.facts(found))


def _knows_caller(actor: Actor, contact_id: int) -> bool:
    """Who made a contact that led to a complaint is the complainant."""
    return all(_knows(actor, complaint_id) for complaint_id in queries.from_contact(contact_id))


PERSONAL_SOURCES = (PersonalSource("complaint", columns("complaints.Complaint"), visible=_knows),)
VEILS = (Veil("complaint.contact", "contact", _knows_caller),)
PERIODICS = (
    Periodic("complaints.delays", _("Open responsibility for overdue complaints"), asking.open_delays, every=300, clauses=("R-04-3.7.6",)),
)
WAITING = (
    Queue(
        "complaints.received",
        State.RECEIVED.label,
        "/complaints?tab=received",
        "mood-sad",
        lambda actor: queries.how_many_wait(actor, State.RECEIVED),
        ("complaints.receive",),
    ),
    Queue(
        "complaints.classed",
        State.CLASSED.label,
        "/complaints?tab=classed",
        "gavel",
        lambda actor: queries.how_many_wait(actor, State.CLASSED),
        ("complaints.judge",),
    ),
)
MENU = (
    MenuItem("complaints", _("Complaints"), "/complaints", "mood-sad", order=25, rights=("complaints.see", "complaints.receive"), key="c"),
    MenuItem("pass_on", _("Pass on a complaint"), "/complaints/new", "message-report", order=90),
)
FILTER_FIELDS = (
    FieldSet(
        "complaint",
        (
            FieldSpec("number", _("Number"), "text", "subject__number"),
            FieldSpec("state", _("State"), "choice", "state", choices=lambda: list(State.choices)),
            FieldSpec("severity", _("Severity"), "choice", "severity", choices=lambda: list(Severity.choices)),
            FieldSpec("validity", _("Validity"), "choice", "validity", choices=lambda: list(Validity.choices)),
            FieldSpec("type", _("Subject"), "choice", "subject_type"),
            FieldSpec("reason", _("Reason"), "choice", "reason"),
            FieldSpec("channel", _("Channel"), "choice", "channel", choices=lambda: list(Channel.choices)),
            FieldSpec("unit", _("Department concerned"), "unit", "subject__unit_path"),
            FieldSpec("receiver", _("Receiver"), "staff", "receiver_id"),
            FieldSpec("accepted_at", _("Accepted at"), "datetime", "accepted_at"),
            FieldSpec("decided_at", _("Decided at"), "datetime", "decided_at"),
            FieldSpec("other_units", _("Other units are involved"), "bool", "other_units"),
            FieldSpec("system_defect", _("Defect of the system"), "bool", "system_defect"),
            FieldSpec("content", _("Content"), "text", "content"),
        ),
        rows=queries.visible_to,
        columns=("subject__number",),
        right="complaints.see",
        facts=("severity", "validity", "type", "channel", "other_units", "system_defect"),
    ),
)


def allowed(actor: Actor, complaint_id: int) -> set[str]:
    """The commands on one complaint; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.facts(queries.get(actor, complaint_id)))


COMMAND_SETS = (
    CommandSet(
        "complaint",
        allowed,
        (
            Command("judge", _("Judge"), services.judge, schemas.Judge, tone="primary"),
            Command("confirm_verdict", _("Confirm the verdict"), services.confirm_verdict, schemas.Remark, tone="primary"),
            Command("contact", _("Complainant contacted"), services.contact, schemas.Contacted),
            Command("notify_interim", _("Interim notice"), services.notify_interim, schemas.Contacted),
            Command("analyse", _("Analyse cause"), handling.analyse, schemas.Analyse, tone="primary"),
            Command("measure", _("Set a measure"), handling.measure, schemas.MeasureIn),
            Command("measure_done", _("Report a measure as done"), handling.measure_done, schemas.MeasureDone, tone="primary"),
            Command("hold_liable", _("Name a responsible person"), asking.hold_liable, schemas.HoldLiable),
            Command("answer", _("Answer to the responsibility"), asking.answer, schemas.Answer, tone="primary"),
            Command("settle_liability", _("Decide on responsibility"), asking.settle_liability, schemas.SettleLiability),
            Command("concern", _("Contact a department"), services.concern, schemas.Concern),
            Command("visit_site", _("Record a site visit"), handling.visit_site, schemas.Visit),
            Command("waive_visit", _("Do without a site visit"), handling.waive_visit, schemas.Reason),
            Command("decide", _("Decide"), handling.decide, schemas.Decide, tone="primary"),
            Command("classify", _("Classify"), services.classify, schemas.Classify, tone="primary"),
            Command("review", _("Put on the review list"), handling.review, schemas.Review),
            Command("report_past", _("Report past the line"), handling.report_past, schemas.Reason),
            Command("note", _("Add a note"), handling.note, schemas.Note),
            Command("reopen", _("Reopen"), handling.reopen, schemas.Reason),
            Command("withdraw", _("Withdrawn by the complainant"), handling.withdraw, schemas.Reason, tone="danger"),
        ),
    ),
)
