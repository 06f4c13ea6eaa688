"""Visits for other systems: a number dispenser at the door, a display in the waiting room."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from kefu.kit.command_api import add_commands, read
from kefu.kit.errors import NotAllowed
from kefu.people.http import Request
from kefu.touch.channels.visits import queries, services
from kefu.touch.channels.visits.declares import COMMANDS
from kefu.touch.channels.visits.models import Visit
from kefu.touch.channels.visits.schemas import Arrive, VisitRow, VisitRows

router = Router(tags=[queries.KIND])


@router.get("/visits", response=VisitRows, summary="Who is in the house today", operation_id="visit_list")
def listed(request: Request) -> dict[str, Any]:
    """The first to come first; numbers, times, and how many are before each that waits. Nobody is named."""
    if not request.actor.can(queries.TAKE):
        raise NotAllowed()
    same = ("ticket", "state", "window", "called_at", "served_at", "left_at")
    places = queries.places()
    return {
        "rows": [
            {
                "id": row["contact_id"],
                "arrived_at": row["contact__received_at"],
                **{one: row[one] for one in same},
                **_place(places.get(row["contact_id"])),
            }
            for row in queries.of_day(request.actor, here=True)
        ]
    }


@router.post("/visits", response={201: VisitRow}, summary="A visitor has come", operation_id="visit_arrive")
def arrive(request: Request, body: Arrive) -> Status[dict[str, Any]]:
    """Gives the number that is called out."""
    if not request.actor.can(queries.TAKE):
        raise NotAllowed()
    return Status(201, _row(services.arrive(actor=request.actor, **read(body, Arrive, actor=request.actor))))


def _place(place: queries.Place | None) -> dict[str, Any]:
    return {"ahead": place.ahead, "about_seconds": place.about} if place else {}


def _row(visit: Visit) -> dict[str, Any]:
    same = ("ticket", "state", "window", "called_at", "served_at", "left_at")
    return {"id": visit.pk, "arrived_at": visit.contact.received_at, **{one: getattr(visit, one) for one in same}} | _place(
        queries.places().get(visit.pk)
    )


def _state(actor: Any, visit_id: int) -> dict[str, Any]:
    return {"state": queries.get(actor, visit_id).state}


add_commands(router, COMMANDS, "visits", _state)
