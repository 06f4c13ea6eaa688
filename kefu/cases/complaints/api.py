"""Complaints for other systems. (`POST /complaints` stands in flows.)"""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router

from kefu.cases.complaints import policies, queries
from kefu.cases.complaints.choices import State
from kefu.cases.complaints.schemas import ComplaintPage, ComplaintRead
from kefu.engines.clock import queries as clock
from kefu.engines.privacy.masking import mask
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.language import named
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.actor import Actor
from kefu.people.http import Request
from kefu.timeline import queries as timeline

router = Router(tags=["complaints"])
COMMANDS = commands_of(queries.KIND)
_SAME = ("state", "channel", "content", "severity", "validity", "subject_type", "reason", "accepted_at", "decided_at", "closed_at")
_MORE = ("demand", "evidence", "heard_at", "judged_at", "told_at", "closing_way", "result", "satisfaction", "order_id", "contact_id")


def _row(row: dict[str, Any], due: Any) -> dict[str, Any]:
    return {
        "id": row["subject_id"],
        "number": row["subject__number"],
        "unit": row["unit__name"],
        "receiver": row["receiver__name"],
        "next_due": due,
        **{name: row[name] for name in _SAME},
    }


@router.get("/complaints", response=ComplaintPage, summary="Complaints, newest first", operation_id="complaint_list")
def listed(request: Request, state: State | Literal[""] = "", after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Pages by `next`. A list never names the complainant."""
    if not request.actor.can("complaints.see"):
        raise NotAllowed()
    page = queries.rows(request.actor, state=str(state), cursor=after or None, size=limit)
    due = clock.next_due(row["subject_id"] for row in page.rows)
    return http.json({"items": [_row(row, due.get(row["subject_id"])) for row in page.rows], "next": page.next})


@router.get("/complaints/{id}", response=ComplaintRead, summary="One complaint", operation_id="complaint_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With its parallel obligations, measures and history. The complainant is named (masked) only to those who may know."""
    actor = request.actor
    complaint = queries.get(actor, id)
    known = policies.knows_complainant(actor, queries.facts(complaint))
    obligations = clock.lines(id)
    row = {
        "subject_id": complaint.pk,
        "subject__number": complaint.subject.number,
        "unit__name": named(complaint.unit) if complaint.unit else None,
        "receiver__name": complaint.receiver.name if complaint.receiver else None,
        **{name: getattr(complaint, name) for name in _SAME},
    }
    due = min((line["due_at"] for line in obligations if line["state"] == "running"), default=None)
    return http.json(
        {
            **_row(row, due),
            **{name: getattr(complaint, name) for name in _MORE},
            "name": mask("name", complaint.name) if known else "",
            "phone": mask("phone", phone.shown(complaint.phone)) if known else "",
            "address": mask("address", complaint.address) if known else "",
            "obligations": obligations,
            **queries.parts(complaint),
            "events": timeline.history(id),
            "allowed": [one.name for one in COMMANDS.pick(COMMANDS.allowed(actor, id))],
        }
    )


def _state(actor: Actor, complaint_id: int) -> dict[str, Any]:
    return {"state": queries.get(actor, complaint_id).state}


add_commands(router, COMMANDS, "complaints", _state)
