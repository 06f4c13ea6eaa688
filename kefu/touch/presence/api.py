"""Who serves in which state, and the command that changes it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.people.actor import Actor
from kefu.people.http import Request
from kefu.touch.presence import queries
from kefu.touch.presence.schemas import AgentPage

router = Router(tags=[queries.KIND])


@router.get("/agents", response=AgentPage, summary="Agents and their states", operation_id="agent_list")
def listed(request: Request) -> HttpResponse:
    """Everybody on the floor whom the caller sees (500 at most), by number; who has signed off is left out."""
    if not request.actor.can("conversations.lead"):
        raise NotAllowed()
    return http.json({"items": [_row(row) for row in queries.on_the_floor(request.actor)]})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    person = {name: row[f"agent__staff__{name}"] for name in ("number", "name")}
    own = {name: row[name] for name in ("state", "reason", "since", "due")}
    return {"id": row["agent__staff_id"], **person, "unit": row["agent__staff__unit__name"], **own}


def _state(_actor: Actor, staff_id: int) -> dict[str, Any]:
    return {"state": queries.now_of(staff_id)["state"]}


add_commands(router, commands_of(queries.KIND), "agents", _state)
