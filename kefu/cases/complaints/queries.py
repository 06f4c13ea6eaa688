"""Reads about complaints."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kefu.cases.complaints.choices import Action, Effect, Fault, Stand, State
from kefu.cases.complaints.models import Complaint, Involved, Liability, ManagementReview, Measure, SiteVisit
from kefu.cases.complaints.policies import ComplaintFacts
from kefu.engines.clock import queries as clock
from kefu.engines.filters.database import to_q
from kefu.engines.filters.fields import fields_of
from kefu.engines.rulebook.queries import code_items, setting
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.language import spoken
from kefu.kit.paging import MAX_SIZE, Page, after, cut
from kefu.kit.waiting import MOST
from kefu.people import paths
from kefu.people.actor import Actor
from kefu.timeline.queries import visible
from kefu.touch.customers.registry import untold

KIND = "complaint"
MOST_GROUND = 1000
_OVERDUE = "overdue:"
CENTRE = "centre"
ROW = (
    "subject_id", "subject__number", "state", "channel", "content", "severity", "validity", "subject_type", "reason", "unit__name",
    "unit__name_en", "receiver__name", "accepted_at", "decided_at", "closed_at", "satisfaction", "against_id", "receiver_id",
)  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Complaint]:
    """By data scope and by taking part; never the one complained of, unless he holds the case as its unit (then without the name)."""
    return Complaint.objects.filter(visible(actor, "subject__", kind=KIND))


def how_many_wait(actor: Actor, state: State) -> int:
    """How many complaints that a person sees stand in a state; counting stops at ``MOST``."""
    return visible_to(actor).filter(state=state).order_by()[:MOST].count()


def get(actor: Actor, complaint_id: int) -> Complaint:
    found = (
        visible_to(actor)
        .select_related(
            "subject", "unit", "receiver", "against", "judged_by", "confirmed_by", "analysed_by", "decided_by", "customer", "order__subject"
        )
        .filter(pk=complaint_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def lock(actor: Actor, complaint_id: int) -> Complaint:
    """One complaint, held until the transaction ends; raises ``NotFound`` for a hidden one."""
    rows = visible_to(actor).select_for_update(of=("self",)).select_related("subject", "unit", "against")
    found = rows.filter(pk=complaint_id).first()
    if found is None:
        raise NotFound()
    return found


def concerned_path(complaint: Complaint) -> str:
    """The unit that is complained of, as a path; "" where it is the service centre or the whole firm, since somebody must hear the case."""
    unit = complaint.unit
    return "" if unit is None or unit.code == CENTRE or unit.parent_id is None else unit.path


def line_of(actor: Actor, customer_id: int, channel: str) -> QuerySet[Complaint]:
    """The complaints of a customer that a person sees and of which he may know whose they are."""
    query = visible_to(actor).filter(~untold(actor, "pk"), customer_id=customer_id)
    return query.filter(channel=channel) if channel else query


def nameless(actor: Actor) -> QuerySet[Complaint] | None:
    """The complaints whose complainant a person does not learn, by what ``policies.knows_complainant`` asks; None: learns all."""
    if actor.id is None:
        return None
    own = {path for low in (actor.unit_path, *(low for low, _high in actor.path_ranges)) for path in paths.ancestors(low)}
    concerned = Q(unit__path__in=own, unit__parent__isnull=False) & ~Q(unit__code=CENTRE)
    liable = Liability.objects.filter(person_id=actor.id, fault=Fault.FOUND)
    told = actor.can_any("complaints.receive", "complaints.judge", "callbacks.do") or (actor.can("complaints.decide") and actor.sees_all)
    withheld = Q(pk__in=liable.values("complaint_id")) | concerned if told else Q(pk__isnull=False)
    heard = Q(receiver_id=actor.id) & ~Q(against_id=actor.id)
    return Complaint.objects.filter(Q(against_id=actor.id) | withheld).exclude(heard)


def facts(complaint: Complaint) -> ComplaintFacts:
    """What the judge needs of a complaint."""
    liable = list(Liability.objects.filter(complaint=complaint).values_list("person_id", "fault", "stand", "action"))
    measures = list(Measure.objects.filter(complaint=complaint).values_list("effect", "owner_id", "done_at"))
    return ComplaintFacts(
        state=State(complaint.state),
        unit_path=complaint.subject.unit_path,
        receiver_id=complaint.receiver_id,
        against_id=complaint.against_id,
        severity=complaint.severity,
        validity=complaint.validity,
        judged_by=complaint.judged_by_id,
        confirmed=complaint.confirmed_at is not None,
        contacted=complaint.contacted_at is not None,
        analysed=complaint.analysed_at is not None,
        measures=len(measures),
        unchecked=sum(effect == Effect.OPEN for effect, _owner, _done in measures),
        visited=bool(complaint.visit_waived) or complaint.visits.exists(),
        told=complaint.told_at is not None,
        system_defect=complaint.system_defect,
        reviewed=ManagementReview.objects.filter(complaint=complaint).exists(),
        overdue=clock.is_overdue(complaint.pk),
        concerned_path=concerned_path(complaint),
        asked=tuple(person for person, _fault, stand, _action in liable if stand == Stand.ASKED),
        found_liable=tuple(person for person, fault, _stand, _action in liable if fault == Fault.FOUND),
        unsettled=sum(not action for _person, _fault, _stand, action in liable),
        owing=tuple(owner for effect, owner, done in measures if effect == Effect.OPEN and done is None),
    )


def from_contact(contact_id: int) -> list[int]:
    """The complaints that a contact opened or spoke of."""
    found = Complaint.objects.filter(Q(contact_id=contact_id) | Q(subject__contacts_led_here=contact_id))
    return list(found.distinct().values_list("pk", flat=True))


def rows(
    actor: Actor, *, tree: dict[str, Any] | None = None, state: str = "", cursor: str | None = None, size: int = 50
) -> Page[dict[str, Any]]:
    """One page of the list, newest first."""
    size = max(1, min(size, MAX_SIZE))
    query = visible_to(actor)
    if state:
        query = query.filter(state=state)
    if tree:
        query = query.filter(to_q(tree, fields_of(KIND), actor=actor, at=moment.now()))
    found = list(after(query, keys=("-subject_id",), cursor=cursor).values(*ROW)[: size + 1])
    return cut(spoken([dict(row) for row in found], "unit__name"), size=size, key=lambda row: [row["subject_id"]])


def repeats(complaint: Complaint) -> int:
    """How many complaints the same customer (or number) brought within the window before this one, itself included (R-04-3.6.2)."""
    window = timedelta(days=int(setting("complaint.repeat_days", default=30)))
    since = complaint.accepted_at - window
    if complaint.customer_id:
        who = Q(customer_id=complaint.customer_id)
    elif complaint.phone:
        who = Q(phone=complaint.phone)
    else:
        return 1
    found = Complaint.objects.filter(who, accepted_at__gt=since, accepted_at__lte=complaint.accepted_at).exclude(state=State.WITHDRAWN)
    return max(1, found.count())


def is_repeated(complaint: Complaint) -> bool:
    """Whether it counts as repeated in a short time (preset 3 in 30 days)."""
    return repeats(complaint) >= int(setting("complaint.repeat_count", default=3))


def parts(complaint: Complaint) -> dict[str, Any]:
    """Measures, visits, departments contacted and the review entry of one complaint."""
    return {
        "measures": [
            dict(row)
            for row in Measure.objects.filter(complaint=complaint)
            .order_by("id")
            .values(
                "id",
                "text",
                "owner__name",
                "due",
                "done_at",
                "done_note",
                "effect",
                "check_note",
                "checked_at",
                "checked_by__name",
                "added_by__name",
                "added_at",
            )
        ],
        "liabilities": liabilities(complaint.pk),
        "visits": [
            dict(row)
            for row in SiteVisit.objects.filter(complaint=complaint).order_by("id").values("at", "attendees", "findings", "by__name")
        ],
        "involved": _involved(complaint),
        "review": ManagementReview.objects.filter(complaint=complaint).values("defect", "entered_at", "reviewed_on", "decision").first(),
    }


def _involved(complaint: Complaint) -> list[dict[str, Any]]:
    rows = Involved.objects.filter(complaint=complaint).order_by("id")
    found = rows.values("unit__name", "unit__name_en", "person__name", "remark", "at", "by__name")
    return spoken([dict(row) for row in found], "unit__name")


def open_measures(complaint_id: int) -> list[tuple[int, str]]:
    """Measures whose effect is not checked yet, for a select."""
    return list(Measure.objects.filter(complaint_id=complaint_id, effect=Effect.OPEN).order_by("id").values_list("id", "text"))


def ground_of(chain: list[dict[str, Any]]) -> str:
    """The ground of a delay as it is kept: a code, who held the case and for how many hours; the shortest go if there are too many."""
    held = [[one["who"], one["hours"]] for one in chain]
    while len(kept := _OVERDUE + orjson.dumps(held).decode()) > MOST_GROUND:
        held.remove(min(held, key=lambda one: one[1]))
    return kept


def ground_said(ground: str) -> str:
    """A ground in the language of who reads; what a person wrote stays as it is."""
    if not ground.startswith(_OVERDUE):
        return ground
    try:
        held = orjson.loads(ground.removeprefix(_OVERDUE))
    except ValueError:
        return ground
    chain = _(", ").join(_("%(who)s %(hours)s h") % {"who": who, "hours": hours} for who, hours in held)
    return _("The result is overdue; held by: %(chain)s") % {"chain": chain}


def liabilities(complaint_id: int) -> list[dict[str, Any]]:
    """Who is held responsible for a complaint, what he says to it, and what followed."""
    rows = Liability.objects.filter(complaint_id=complaint_id).order_by("id")
    names = (
        "id", "person_id", "person__name", "fault", "ground", "chain", "opened_at", "stand", "statement", "answered_at", "action", "clause",
        "amount", "decision", "approved_by__name", "approved_at",
    )  # fmt: skip
    return [
        {
            **row,
            "ground": ground_said(row["ground"]),
            "fault_name": str(Fault(row["fault"]).label),
            "stand_name": str(Stand(row["stand"]).label),
            "action_name": str(Action(row["action"]).label) if row["action"] else "",
        }
        for row in rows.values(*names)
    ]


def unsettled(actor: Actor, complaint_id: int, *, own: bool) -> list[tuple[int, str]]:
    """Responsibilities for a select: a person's own that he has not answered, or those of others that are not decided."""
    rows = Liability.objects.filter(complaint_id=complaint_id)
    mine = Q(person_id=actor.id or 0)
    found = rows.filter(mine, stand=Stand.ASKED) if own else rows.filter(~mine, action="")
    return [(pk, f"{name} · {Fault(fault).label}") for pk, name, fault in found.order_by("id").values_list("pk", "person__name", "fault")]


def is_staff_quality(validity: str, reason: str) -> bool:
    """Whether the cause belongs to the group "service quality of staff" (R-04-3.7.8)."""
    marked = {item["code"] for item in code_items("complaint_valid_causes") if (item["extra"] or {}).get("staff_quality")}
    return validity == "valid" and reason in marked


def staff_actions(complaint_id: int) -> list[str]:
    """The consequences to choose from (setting ``complaint.staff_quality_action``); none where the cause is another."""
    found = Complaint.objects.filter(pk=complaint_id).values_list("validity", "reason").first()
    return list(setting("complaint.staff_quality_action", default=[])) if found and is_staff_quality(*found) else []


def owed_measures(actor: Actor, complaint_id: int) -> list[tuple[int, str]]:
    """Measures that a person has not reported as done, for a select."""
    rows = Measure.objects.filter(complaint_id=complaint_id, effect=Effect.OPEN, owner_id=actor.id or 0, done_at=None)
    return list(rows.order_by("id").values_list("id", "text"))


def what_is_missing(complaint: Complaint) -> list[str]:
    """What stands between a complaint and its end: analysis, measures, checks, visit, review, second (R-04-3.6.2f to R-04-3.7.4)."""
    return missing_of(facts(complaint))


def missing_of(case: ComplaintFacts) -> list[str]:
    """``what_is_missing`` of what is known already."""
    missing = []
    if case.validity == "valid":
        missing += ["analysis"] if not case.analysed else []
        missing += ["measures"] if not case.measures else []
        missing += ["checks"] if case.unchecked else []
        missing += ["visit"] if case.severity == "severe" and not case.visited else []
    if case.validity == "invalid" and not case.confirmed:
        missing.append("second")
    if case.system_defect and not case.reviewed:
        missing.append("review")
    return missing
