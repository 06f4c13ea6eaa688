"""Conversations for other systems: what runs, its turns, and the commands of the agents."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Router

from kefu.engines.privacy.masking import mask
from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed, NotFound
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.actor import Actor
from kefu.people.http import Request
from kefu.touch.conversations import queries
from kefu.touch.conversations.registry import Head, outlets
from kefu.touch.conversations.schemas import ConversationPage, ConversationRead

router = Router(tags=[queries.KIND])
COMMANDS = commands_of(queries.KIND)
Tab = Literal["mine", "waiting", "running", "help", "closed", "all"]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["contact_id"],
        "number": row["contact__subject__number"],
        "channel": row["contact__channel"],
        "account": row["account__name"],
        "address": queries.masked(row["address"]),
        "name": mask("name", row["contact__name"]),
        "agent": row["contact__agent__number"],
        **{name: row[name] for name in ("state", "title", "last_at", "first_reply_at")},
    }


def _message(row: dict[str, Any], head: Head | None) -> dict[str, Any]:
    same = ("id", "direction", "at", "text", "reply", "auto", "delivery", "trouble")
    named = [
        {"id": one["file_id"], "name": one["file__name"], "size": one["file__size"], "media_type": one["file__media_type"]}
        for one in row["files"]
    ]
    recipients = {**vars(head), "all": [{"key": key, "shown": shown} for key, shown in head.all]} if head else None
    return {**{name: row[name] for name in same}, "author": row["author__number"], "files": named, "recipients": recipients}


@router.get("/conversations", response=ConversationPage, summary="Conversations", operation_id="conversation_list")
def listed(request: Request, tab: Tab = "running", after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """What waits comes oldest first, all else by the last turn, newest first. Pages by `next`. Names and addresses are masked."""
    if not request.actor.can("contacts.take"):
        raise NotAllowed()
    page = queries.rows(request.actor, tab=tab, cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.get(
    "/conversations/{id}", response=ConversationRead, summary="One conversation with its turns", operation_id="conversation_read"
)  # fmt: skip
def one(request: Request, id: RowId) -> HttpResponse:
    """With the newest messages and the commands that may be given now."""
    row = queries.visible_to(request.actor).filter(pk=id).values(*queries.ROW, "wrap_up", "follows_id").first()
    if row is None or not request.actor.can("contacts.take"):
        raise NotFound()
    messages = queries.for_colleagues(row["contact__channel"], queries.messages(id))
    outlet = outlets.get(row["contact__channel"])
    heads = outlet.heads(queries.get(request.actor, id), messages) if outlet and outlet.heads else {}
    more = {
        "wrap_up": row["wrap_up"],
        "follows": row["follows_id"],
        "messages": [_message(one, heads.get(one["id"])) for one in messages],
        "allowed": [one.name for one in COMMANDS.pick(COMMANDS.allowed(request.actor, id))],
    }
    return http.json({**_row(dict(row)), **more})


def _state(actor: Actor, conversation_id: int) -> dict[str, Any]:
    return {"state": queries.get(actor, conversation_id).state}


add_commands(router, COMMANDS, "conversations", _state)
