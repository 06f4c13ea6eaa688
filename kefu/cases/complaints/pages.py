"""The list of complaints, the page of one, and the form every employee has."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import ValidationError

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.complaints import policies, queries, schemas, services
from kefu.cases.complaints.choices import RUNNING, Severity, State, Validity
from kefu.cases.complaints.models import Complaint
from kefu.cases.supervision import policies as pressing
from kefu.cases.supervision import queries as supervision
from kefu.cases.supervision.choices import Level
from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.filters import bar, listing
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook.queries import code_items, code_name
from kefu.kit import http, phone, schema_fields, validation
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import Command, commands_of
from kefu.kit.errors import KefuError
from kefu.kit.fields import Field
from kefu.kit.language import named
from kefu.kit.markdown import drawn
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.people.queries import unit_choices
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries as contacts
from kefu.touch.knowledge import queries as knowledge

ROW_FILTERS = ("number", "severity", "validity", "type", "channel", "unit", "content", "accepted_at")
TABS = {
    "open": sorted(str(state) for state in RUNNING),
    "received": ["received"],
    "classed": ["classed"],
    "judged": ["judged"],
    "decided": ["decided"],
}


def reason_name(validity: str, code: str) -> str:
    """The reason of a verdict in words."""
    return code_name("complaint_invalid_reasons" if validity == Validity.INVALID else "complaint_valid_causes", code) if code else ""


def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), fixed=True),
        Column("state", _("State"), "own"),
        Column("subject_type", _("Subject"), "own"),
        Column("severity", _("Severity"), "own"),
        Column("validity", _("Validity"), "own"),
        Column("content", _("Content")),
        Column("unit__name", _("Department concerned")),
        Column("receiver__name", _("Receiver"), optional=True),
        Column("accepted_at", _("Accepted at"), "short_stamp"),
        Column("due", _("Next due"), "own"),
    ]


def dressed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a list with what other engines know of them: four queries for the whole page."""
    ids = [row["subject_id"] for row in rows]
    due, marks = clock.next_due(ids), supervision.marks(ids)
    for row in rows:
        row["id"] = row["subject_id"]
        row["due"] = due.get(row["id"])
        row["urged"] = marks.get(row["id"], {}).get("urged", 0)
        row["help"] = marks.get(row["id"], {}).get("help", "")
        row["state_name"] = State(row["state"]).label
        row["severity_name"] = Severity(row["severity"]).label if row["severity"] else ""
        row["validity_name"] = Validity(row["validity"]).label if row["validity"] else ""
        row["type_name"] = code_name("complaint_subjects", row["subject_type"]) if row["subject_type"] else ""
    return rows


def _filter_fields(request: Request) -> list[Field]:
    given = request.GET
    subjects = [(item["code"], named(item)) for item in code_items("complaint_subjects")]
    return [
        Field("number", _("Number"), value=given.get("number", "")),
        Field("severity", _("Severity"), "select", value=given.get("severity"), choices=Severity.choices),
        Field("validity", _("Validity"), "select", value=given.get("validity"), choices=Validity.choices),
        Field("type", _("Subject"), "select", value=given.get("type"), choices=subjects),
        Field("unit", _("Department concerned"), "unit", value=given.get("unit"), choices=unit_choices()),
        Field("content", _("Content"), value=given.get("content", "")),
        Field("accepted_at_from", _("Accepted from"), "date", value=given.get("accepted_at_from")),
        Field("accepted_at_to", _("Accepted to"), "date", value=given.get("accepted_at_to")),
    ]


@staff_page()
def index(request: Request) -> HttpResponse:
    """The list: tabs by state, filters in the address, newest first."""
    saved = listing.asked(request, queries.KIND, ROW_FILTERS)
    tree = saved.tree
    tab = request.GET.get("tab") or ("all" if tree else "open")
    if tab in TABS:
        tree = bar.joined({"field": "state", "op": "in", "value": TABS[tab]}, tree)
    page = queries.rows(request.actor, tree=tree, cursor=request.GET.get("after"))
    tabs = [
        ("open", _("Unsettled")), ("received", _("To be classed")), ("classed", _("To be judged")), ("judged", _("In hand")),
        ("decided", _("Decided")), ("all", _("All")),
    ]  # fmt: skip
    context = {
        "columns": _columns(),
        "rows": dressed(page.rows),
        "next_url": next_url_of(request, page.next),
        "tabs": [(code, label, f"?tab={code}") for code, label in tabs],
        "tab": tab,
        "filters": _filter_fields(request),
        "saved": saved,
        "kept_tree": tree,
    }
    return http.page(request, "complaints/list.html", context)


def _allowed(actor: Actor, complaint: Complaint, case: policies.ComplaintFacts, presses: dict[str, Any]) -> list[Command]:
    """The commands of a complaint and of its supervision, judged on what its page has read already."""
    subject = complaint.subject
    pressed = supervision.facts_among(presses, open_=subject.closed_at is None, unit_path=subject.unit_path, owner_id=subject.owner_id)
    found = policies.allowed(actor, case) | pressing.allowed(actor, pressed)
    return commands_of(queries.KIND).pick(found | {"close"} if policies.may_close(actor, case) else found)


def _cards(request: Request, complaint: Complaint) -> list[dict[str, Any]]:
    """How the reason of an invalid complaint is explained (R-04-3.6.3d)."""
    found = knowledge.cards(request.actor, complaint.reason) if complaint.validity == Validity.INVALID else []
    return [{**row, "drawn": drawn(row["body"])} for row in found]


def _context(request: Request, complaint_id: int) -> dict[str, Any]:
    complaint = queries.get(request.actor, complaint_id)
    presses = {**supervision.of_subject(complaint_id), "calls": supervision.calls(complaint_id)}
    case = queries.facts(complaint)
    running = next((row for row in presses["supervisions"] if row["lifted_at"] is None), None)
    return {
        "complaint": complaint,
        "commands": _allowed(request.actor, complaint, case, presses),
        "deadlines": clock.of_subject(complaint_id),
        "events": timeline.history(complaint_id),
        "notes": timeline.notes(complaint_id),
        "urges": presses["urges"],
        "calls": presses["calls"],
        "supervisions": [{**row, "grade": Level(row["level"]).label} for row in presses["supervisions"]],
        "supervised": Level(running["level"]).label if running else "",
        "callbacks": callbacks.of_subject(complaint_id),
        "files": files.of_subject(complaint_id),
        "contacts": contacts.leading_to(request.actor, complaint_id),
        "parts": queries.parts(complaint),
        "missing": queries.missing_of(case) if complaint.validity else [],
        "repeats": queries.repeats(complaint),
        "knows": policies.knows_complainant(request.actor, case),
        "masked": {
            "name": mask("name", complaint.name),
            "phone": mask("phone", phone.shown(complaint.phone)),
            "address": mask("address", complaint.address),
        },
        "type_name": code_name("complaint_subjects", complaint.subject_type) if complaint.subject_type else "",
        "cards": _cards(request, complaint),
        "reason_name": reason_name(complaint.validity, complaint.reason),
        "tests": [code_name("complaint_severity_tests", code) for code in complaint.severity_tests],
    }


@staff_page()
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The page of one complaint; as a fragment, the part that refreshes itself."""
    template = "complaints/_body.html" if http.wants_fragment(request) else "complaints/one.html"
    return http.page(request, template, _context(request, id))


@staff_page()
def new(request: Request) -> HttpResponse:
    """Any employee passes on a complaint he heard (R-04-3.1)."""
    typed: dict[str, Any] = {}
    error: KefuError | None = None
    if request.method == "POST":
        typed = schema_fields.typed(schemas.ComplaintIn, request.POST)
        try:
            given = schemas.ComplaintIn.model_validate(typed)
            values = given.model_dump()
            complaint = services.receive(actor=request.actor, phone_number=values.pop("phone"), **values)
            return http.go(request, f"/complaints/{complaint.pk}")
        except ValidationError as wrong:
            error = validation.invalid(wrong)
        except KefuError as refusal:
            error = refusal
    fields = schema_fields.fields_of(
        schemas.ComplaintIn, actor=request.actor, id=None, values=typed, errors=dict(error.fields) if error else {}
    )
    return http.page(request, "complaints/new.html", {"fields": fields, "error": error}, status=error.status if error else 200)


urlpatterns = [
    path("complaints", index, name="complaints"),
    path("complaints/new", new, name="complaints.new"),
    path("complaints/<int:id>", one, name="complaints.one"),
    *command_urls(commands_of(queries.KIND), "complaints", "complaint"),
]
