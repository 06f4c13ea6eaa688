"""Records on paper: the day work record (F-2) and the complaint handling record (F-1), from the columns of the cases to form fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from kefu.cases.callbacks.choices import TaskState, Verdict
from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints import policies as complaint_policies
from kefu.cases.complaints import queries as complaints
from kefu.cases.complaints.choices import ClosingWay, Effect, State, Validity
from kefu.cases.complaints.models import Complaint, Involved, ManagementReview, Measure, SiteVisit
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.files import queries as files
from kefu.engines.forms import drawing
from kefu.engines.forms import queries as forms
from kefu.engines.forms.definition import Definition
from kefu.engines.privacy.masking import mask
from kefu.insight.reports.models import SignedDay
from kefu.kit import phone
from kefu.kit.errors import NotFound
from kefu.kit.language import spoken
from kefu.people.actor import Actor
from kefu.timeline.models import Event
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.models import Contact

PERSONAL = ("name", "address", "phone", "content", "wishes", "result")
_WAYS = {"phone": "phone", "visit": "visit", "message": "sms"}
_CONTACT = (
    "subject_id", "subject__number", "channel", "received_at", "name", "address", "phone", "content", "appointment_at", "wishes", "outcome",
    "led_to_id", "led_to__number", "agent_id", "agent__number", "agent__name",
)  # fmt: skip
MOST = 5000


def day_rows(actor: Actor, day: date, *, open_values: bool = False, limit: int = MOST) -> list[dict[str, Any]]:
    """The rows of the day work record: the contacts of the day, and complaints that came without one. ``open_values`` leaves out the masks.

    Who may not know a complainant reads neither the person nor the words.
    """
    found = [dict(row) for row in contacts.of_day(actor, day).values(*_CONTACT)[:limit]]
    start, end = contacts.day_span(day)
    alone = complaints.visible_to(actor).filter(contact=None, order=None, accepted_at__gte=start, accepted_at__lt=end)
    ids = [row["led_to_id"] for row in found if row["led_to_id"]]
    held = {one.pk: one for one in complaints.visible_to(actor).select_related("unit").filter(pk__in=ids)}
    led = [*filter(None, (row["led_to_id"] for row in found))]
    known = _Known(actor, led, held)
    rows = [known.of_contact(row) for row in found]
    rows += [known.of_complaint(one) for one in alone.select_related("subject", "receiver", "unit").order_by("pk")[:limit]]
    rows.sort(key=lambda row: (row["time"], row["id"]))
    return rows if open_values else [_masked(row) for row in rows]


class _Known:
    """What became of the contacts of a day: three statements for all of them."""

    def __init__(self, actor: Actor, led: list[int], held: Mapping[int, Complaint]) -> None:
        self.actor = actor
        self.complaints = held
        orders = WorkOrder.objects.filter(pk__in=led).values("pk", "unit__name", "unit__name_en", "dispatched_at", "result")
        found = spoken([dict(row) for row in orders], "unit__name")
        self.orders: dict[Any, dict[str, Any]] = {row["pk"]: row for row in found}
        asked = CallbackTask.objects.filter(subject_id__in=led, state__in=[TaskState.DONE, TaskState.GIVEN_UP]).order_by("id")
        self.verdicts = dict(asked.values_list("subject_id", "verdict"))

    def of_contact(self, row: Mapping[str, Any]) -> dict[str, Any]:
        order = self.orders.get(row["led_to_id"], {})
        verdict = self.verdicts.get(row["led_to_id"], "")
        is_complaint = row["outcome"] == Outcome.COMPLAINT
        made = {
            "id": row["subject_id"],
            "number": row["subject__number"],
            "channel": row["channel"],
            "time": row["received_at"],
            **{name: row[name] for name in ("name", "address", "phone", "content", "appointment_at", "wishes")},
            "complaint": is_complaint,
            "sent_to": order.get("unit__name") or "",
            "sent_at": order.get("dispatched_at"),
            "result": _joined(str(Outcome(row["outcome"]).label), row["led_to__number"], order.get("result")),
            "callback": str(Verdict(verdict).label) if verdict else "",
            "agent": " ".join(filter(None, (row["agent__number"], row["agent__name"]))),
        }
        hidden = is_complaint and not self.knows(self.complaints.get(row["led_to_id"]))
        return made | dict.fromkeys(PERSONAL, "") if hidden else made

    def of_complaint(self, one: Complaint) -> dict[str, Any]:
        knows = self.knows(one)
        return {
            "id": one.pk,
            "number": one.subject.number,
            "channel": one.channel,
            "time": one.accepted_at,
            "name": one.name if knows else "",
            "address": one.address if knows else "",
            "phone": one.phone if knows else "",
            "content": one.content if knows else "",
            "appointment_at": None,
            "wishes": one.demand if knows else "",
            "complaint": True,
            "sent_to": "",
            "sent_at": None,
            "result": str(Outcome.COMPLAINT.label) + " " + one.subject.number,
            "callback": "",
            "agent": f"{one.receiver.number} {one.receiver.name}" if one.receiver else "",
        }

    def knows(self, one: Complaint | None) -> bool:
        if one is None:
            return False
        case = complaint_policies.ComplaintFacts(
            State(one.state), receiver_id=one.receiver_id, against_id=one.against_id, concerned_path=complaints.concerned_path(one)
        )
        return complaint_policies.knows_complainant(self.actor, case)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """Who and where stay behind masks; what was asked can be read by those who may see the contact."""
    return row | {
        "name": mask("name", row["name"]),
        "address": mask("address", row["address"]),
        "phone": mask("phone", phone.shown(row["phone"])),
    }


def day_facts(day: date) -> list[tuple[Any, ...]]:
    """What the call records of a day say, for the hash under the signature: later steps on the cases do not change it."""
    start, end = contacts.day_span(day)
    columns = ("pk", "channel", "received_at", "name", "address", "phone", "content", "appointment_at", "wishes", "outcome")
    found: list[tuple[Any, ...]] = list(
        Contact.objects.filter(received_at__gte=start, received_at__lt=end).order_by("pk").values_list(*columns)
    )
    alone = Complaint.objects.filter(contact=None, order=None, accepted_at__gte=start, accepted_at__lt=end).order_by("pk")
    return found + list(alone.values_list("pk", "channel", "accepted_at", "name", "address", "phone", "content", "demand"))


def day_view(day: date, rows: Iterable[Mapping[str, Any]], signed: SignedDay | None) -> drawing.View:
    """The day work record as the form F-2 prints it. Raises ``NotFound`` where no pack gave the form."""
    rows = list(rows)
    table = [
        {**row, "time": _iso(row["time"]), "sent_at": _iso(row["sent_at"]), "appointment_at": _iso(row["appointment_at"])} for row in rows
    ]
    values: dict[str, Any] = {"date": day.isoformat(), "rows": table, "count": len(table)}
    values["agent"] = "、".join(sorted({row["agent"] for row in rows if row["agent"]}))
    signatures: dict[str, Mapping[str, Any]] = {}
    if signed is not None:
        values["leader_remark"] = signed.remark
        signatures["leader"] = _signature(signed.by, signed.at)
    return drawing.view(forms.current("F-2"), values, mode="print", signatures=signatures)


def complaint_view(actor: Actor, complaint: Complaint, identity: Mapping[str, str] | None = None) -> drawing.View:
    """The complaint handling record F-1. ``identity`` is the complainant unmasked (name, phone, address), if it was revealed with a reason;
    who may not know the complainant gets the sheet without that section."""
    definition = _definition("F-1", complaint.accepted_at)
    knows = complaint_policies.knows_complainant(actor, complaints.facts(complaint))
    readable = {section.code for section in definition.sections if knows or not section.confidential}
    values = fields_of_complaint(complaint)
    shown = identity or {
        "name": mask("name", complaint.name),
        "phone": mask("phone", phone.shown(complaint.phone)),
        "address": mask("address", complaint.address),
    }
    if knows:
        values |= {f"complainant_{name}": text for name, text in shown.items()}
    return drawing.view(definition, values, mode="print", readable=readable, signatures=_signatures(complaint))


def _definition(code: str, at: datetime) -> Definition:
    try:
        return forms.current(code, at)
    except NotFound:
        return forms.current(code)


def fields_of_complaint(one: Complaint) -> dict[str, Any]:
    """The columns of a complaint as the fields of form F-1, the complainant left out. What was never stored stays empty."""
    content = "\n".join(filter(None, (one.content, one.evidence)))
    values: dict[str, Any] = {
        "number": one.subject.number,
        "channel": one.channel, "accepted_at": _iso(one.accepted_at), "receiver": one.receiver_id, "content": content, "demand": one.demand,
        "receiver_unit": one.receiver.unit_id if one.receiver else None,
        "evidence": [row["id"] for row in files.of_subject(one.pk) if row["voided_at"] is None],
        "subject_type": one.subject_type, "severity_tests": one.severity_tests, "severity": one.severity, "validity": one.validity,
        "valid_cause" if one.validity == Validity.VALID else "invalid_reason": one.reason, "verdict_basis": one.basis,
        "judge": one.judged_by_id, "second_person": one.confirmed_by_id, "outside_units": one.other_units,
        "investigator": one.analysed_by_id, "investigated_on": _day(one.analysed_at), "cause_analysis": one.analysis,
        "responsible": one.responsible, "visit_waived": one.visit_waived, "closing_way": _closing(one), "handling_result": one.result,
        "resolved_at": _iso(one.decided_at), "explained_at": _iso(one.explained_at), "explanation": one.explanation,
        "closed_on": _day(one.closed_at), "archive_number": one.seal[:16],
        "review_listed": ManagementReview.objects.filter(complaint=one).exists() or None,
    }  # fmt: skip
    return values | _liability(one) | _tables(one) | _visit(one) | _check(one) | _callback(one)


def _liability(one: Complaint) -> dict[str, Any]:
    """What the responsible person said and what followed (R-04-3.7.2b)."""
    rows = complaints.liabilities(one.pk)
    answered = [row for row in rows if row["answered_at"]]
    stand = "objected" if any(row["stand"] == "objected" for row in answered) else "confirmed" if answered else ""
    decided = [
        " ".join(filter(None, (row["person__name"], row["action_name"], row["clause"], row["amount"], row["decision"])))
        for row in rows
        if row["action"]
    ]
    said = "\n".join(f"{row['person__name']}: {row['statement']}" for row in answered if row["statement"])
    return {"confirmation": stand, "objection": said, "penalty": "\n".join(decided) or None}


def _closing(one: Complaint) -> str:
    return str(ClosingWay.EXPLANATION.label) if one.closing_way == ClosingWay.EXPLANATION else one.closing_way


def _tables(one: Complaint) -> dict[str, Any]:
    involved = Involved.objects.filter(complaint=one).order_by("id").values("unit_id", "person_id", "at", "remark")
    told = Event.objects.filter(subject_id=one.pk, kind="complaint.interim").order_by("id").values_list("at", "data")
    measures = Measure.objects.filter(complaint=one).order_by("id").values("text", "owner_id", "due")
    return {
        "concerned": [
            {"unit": row["unit_id"], "person": row["person_id"], "at": _iso(row["at"]), "remark": row["remark"]} for row in involved
        ],
        "interim": [{"at": _iso(at), "text": data.get("remark", "")} for at, data in told],
        "measures": [{"measure": row["text"], "owner": row["owner_id"], "due": row["due"].isoformat()} for row in measures],
    }


def _visit(one: Complaint) -> dict[str, Any]:
    visits = list(SiteVisit.objects.filter(complaint=one).order_by("id").values("at", "attendees", "findings"))
    if not visits:
        return {}
    facts = "\n".join(row["findings"] for row in visits)
    return {"visited_at": _iso(visits[0]["at"]), "visit_attendees": "、".join(row["attendees"] for row in visits), "visit_facts": facts}


def _check(one: Complaint) -> dict[str, Any]:
    """Effective when every measure was; not yet known while one is unchecked."""
    rows = list(Measure.objects.filter(complaint=one).order_by("checked_at").values("effect", "check_note", "checked_at", "checked_by_id"))
    checked = [row for row in rows if row["effect"] != Effect.OPEN]
    if not checked:
        return {}
    good = all(row["effect"] == Effect.EFFECTIVE for row in checked)
    result = ("effective" if good else "ineffective") if len(checked) == len(rows) else ""
    notes = "\n".join(filter(None, (row["check_note"] for row in checked)))
    return {
        "check_result": result,
        "checked_on": _day(checked[-1]["checked_at"]),
        "check_note": notes,
        "checker": checked[-1]["checked_by_id"],
    }


def _callback(one: Complaint) -> dict[str, Any]:
    task = CallbackTask.objects.filter(Q(state=TaskState.DONE), subject_id=one.pk).order_by("-id").first()
    if task is None:
        return {}
    way = task.attempts.order_by("-id").values_list("way", flat=True).first() or ""
    return {
        "called_back_at": _iso(task.done_at), "callback_way": _WAYS.get(way, way), "called_back_by": task.done_by_id,
        "heads_present": task.heads_present, "opinion": task.verdict, "opinion_text": task.words,
    }  # fmt: skip


def _signatures(one: Complaint) -> dict[str, Mapping[str, Any]]:
    """Who did what of the record, and when: each step was signed by the account that took it."""
    steps = {
        "receive": (one.receiver, one.accepted_at), "class": (one.judged_by, one.judged_at), "analyse": (one.analysed_by, one.analysed_at),
        "decide": (one.decided_by, one.decided_at),
    }  # fmt: skip
    return {code: _signature(person, at) for code, (person, at) in steps.items() if person is not None and at is not None}


def _signature(person: Any, at: datetime) -> dict[str, Any]:
    return {"name": f"{person.number} {person.name}", "at": at.isoformat()}


def _joined(*texts: str | None) -> str:
    return " ".join(text for text in texts if text)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _day(at: datetime | None) -> str | None:
    return at.date().isoformat() if at else None
