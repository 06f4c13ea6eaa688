"""Callbacks for other systems: what waits, and the customer's word."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from kefu.cases.callbacks import policies, queries, settings
from kefu.cases.callbacks.declares import RULE_COMMANDS
from kefu.cases.callbacks.schemas import (
    CallbackPage,
    CallbackRead,
    CallbackRuleSetRead,
    CallbackRuleSets,
    CallbackRuleWrite,
)
from kefu.engines.privacy.masking import mask
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.settings_api import Settings, add_settings
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.actor import Actor
from kefu.people.http import Request

router = Router(tags=["callbacks"])
COMMANDS = commands_of("callback")
_SAME = ("id", "subject_id", "tries", "created_at", "not_before")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _SAME},
        "number": row["subject__number"],
        "kind": row["subject__kind"],
        "content": row["subject__title"],
        "name": mask("name", row["name"]),
        "phone": mask("phone", phone.shown(row["phone"])),
    }


@router.get("/callbacks", response=CallbackPage, summary="Callbacks whose time has come, oldest first", operation_id="callback_list")
def listed(request: Request, after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Pages by `next`. Names and numbers are masked."""
    if not request.actor.can("callbacks.do"):
        raise NotAllowed()
    page = queries.waiting(request.actor, cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.get("/callbacks/{id}", response=CallbackRead, summary="One callback", operation_id="callback_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With all callbacks of the case and the commands that may be given now."""
    task = queries.get(request.actor, id)
    names = ("state", "verdict", "words", "done_at")
    subject = {"subject__number": task.subject.number, "subject__kind": task.subject.kind, "subject__title": task.subject.title}
    row = {**{name: getattr(task, name) for name in (*_SAME, "name", "phone")}, **subject}
    return http.json(
        {
            **_row(row),
            **{name: getattr(task, name) for name in names},
            "of_case": queries.of_subject(task.subject_id),
            "allowed": [one.name for one in COMMANDS.pick(COMMANDS.allowed(request.actor, id))],
        }
    )


def _state(actor: Actor, task_id: int) -> dict[str, Any]:
    return {"state": queries.get(actor, task_id).state}


add_commands(router, COMMANDS, "callbacks", _state)
add_settings(
    router,
    Settings(
        RULE_COMMANDS, "settings/callback-rules", rows=settings.rule_rows, judge=policies.judge,
        every=(CallbackRuleSets, "Callback rules as they are asked"),
        one=(CallbackRuleSetRead, "One callback rule"),
        new=(CallbackRuleWrite, settings.keep_rule, "A new callback rule"),
        write=(CallbackRuleWrite, settings.keep_rule, "Write a callback rule"),
    ),
)  # fmt: skip
