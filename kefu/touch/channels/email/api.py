"""Mailboxes and their quarantine for other systems, and the way in for a letter."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from kefu.engines.privacy.masking import mask
from kefu.kit import http
from kefu.kit.command_api import add_commands, read
from kefu.kit.errors import NotAllowed
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.http import Request
from kefu.touch.channels.email import policies, queries, settings
from kefu.touch.channels.email.declares import COMMANDS
from kefu.touch.channels.email.schemas import MailboxIn, MailboxRow, MailboxRows, QuarantinePage

router = Router(tags=["mailbox"])


@router.get("/settings/mailboxes", response=MailboxRows, summary="Mailboxes", operation_id="mailbox_list")
def listed(request: Request) -> HttpResponse:
    """With what the last try to reach each said."""
    policies.judge(request.actor)
    return http.json({"rows": [_told(row) for row in queries.mailboxes(request.actor)]})


@router.post("/settings/mailboxes", response={201: MailboxRow}, summary="A new mailbox", operation_id="mailbox_create")
def add(request: Request, body: MailboxIn) -> Status[dict[str, Any]]:
    policies.judge(request.actor)
    made = settings.keep_mailbox(actor=request.actor, **read(body, MailboxIn, actor=request.actor))
    return Status(201, _told(queries.mailbox(request.actor, made.pk)))


@router.put("/settings/mailboxes/{id}", response=MailboxRow, summary="Write a mailbox", operation_id="mailbox_write")
def change(request: Request, id: RowId, body: MailboxIn) -> dict[str, Any]:
    """The whole mailbox: what is not said gets its default."""
    policies.judge(request.actor)
    settings.keep_mailbox(actor=request.actor, id=id, **read(body, MailboxIn, actor=request.actor))
    return _told(queries.mailbox(request.actor, id))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: queries.ill_in_words(row[name]) for name in ("trouble", "send_trouble")}


@router.get(
    "/quarantine", response=QuarantinePage, summary="Mail that waits for a person", operation_id="quarantined_list", tags=["quarantined"]
)
def waiting(request: Request, after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Newest first; pages by `next`. Addresses are masked."""
    if not request.actor.can(queries.OPEN):
        raise NotAllowed()
    page = queries.quarantined(request.actor, cursor=after or None, size=limit)
    same = ("id", "why", "detail", "title", "at", "tries")
    items = [
        {
            **{name: row[name] for name in same},
            "account": row["account__name"],
            "sender": mask("email", row["sender"]),
            "size": row["file__size"],
        }
        for row in page.rows
    ]
    return http.json({"items": items, "next": page.next})


add_commands(router, COMMANDS, "quarantine")
