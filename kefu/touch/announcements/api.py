"""Announcements for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.http import Request
from kefu.touch.announcements import queries, services
from kefu.touch.announcements.choices import Kind
from kefu.touch.announcements.schemas import AnnouncementIn, AnnouncementMade, AnnouncementPage, AnnouncementRead

router = Router(tags=["announcements"])
COMMANDS = commands_of(queries.KIND)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    same = ("kind", "state", "published_at", "effective_from", "effective_to", "late")
    told = {"id": row["subject_id"], "number": row["subject__number"], "title": row["subject__title"]}
    return told | {name: row[name] for name in same}


@router.get("/announcements", response=AnnouncementPage, summary="Announcements, latest first", operation_id="announcement_list")
def listed(request: Request, kind: Kind | None = None, after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Those for the person, and all for who publishes."""
    page = queries.rows(request.actor, kind=kind or "", cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.post(
    "/announcements", response={201: AnnouncementMade}, summary="Write an announcement (a draft)", operation_id="announcement_create"
)
def create(request: Request, body: AnnouncementIn) -> Status[dict[str, Any]]:
    """It is read once it is published."""
    made = services.write(actor=request.actor, **body.model_dump())
    return Status(201, {"id": made.pk, "number": made.subject.number})


@router.get("/announcements/{id}", response=AnnouncementRead, summary="One announcement", operation_id="announcement_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With its text; who publishes also learns how many have read it."""
    held = queries.get(request.actor, id)
    row = {"subject_id": id, "subject__number": held.subject.number, "subject__title": held.subject.title, **held.__dict__}
    figures = queries.reading(id) if request.actor.can(queries.PUBLISH) else None
    reading = {name: figures[name] for name in ("asked", "read", "overdue")} if figures else None
    allowed = [one.name for one in COMMANDS.pick(COMMANDS.allowed(request.actor, id))]
    return http.json({**_row(row), "body": held.body, "read_hours": held.read_hours, "reading": reading, "allowed": allowed})


add_commands(router, COMMANDS, "announcements")
