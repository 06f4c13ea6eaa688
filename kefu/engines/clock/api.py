"""Limits and calendars for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router

from kefu.engines.clock import policies
from kefu.engines.clock.declares import COMMAND_SETS, COMMANDS
from kefu.engines.clock.models import LimitRule, WorkCalendar
from kefu.engines.clock.whatif import answer
from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.errors import NotAllowed
from kefu.people.http import Request

router = Router(tags=["clock"])
add_commands(router, COMMANDS[0], "limits")
add_commands(router, COMMANDS[1], "calendars")
add_commands(router, COMMAND_SETS[0], "duties")
_LIMIT = (
    "id", "code", "name", "name_en", "subject_kind", "starts_on", "met_by", "amount", "unit", "start_rule", "end_rule", "rest_rule",
    "calendar", "pausable", "warn_points", "steps", "addressed_to", "valid_from", "valid_to", "clauses", "active",
)  # fmt: skip
_CALENDAR = ("id", "code", "name", "name_en", "timezone", "week", "makeup", "follows_holidays")


def _may(request: Request) -> None:
    if not request.actor.can(policies.MANAGE):
        raise NotAllowed()


@router.get("/limits", summary="All limits with all their versions")
def limits(request: Request) -> HttpResponse:
    _may(request)
    rows: list[dict[str, Any]] = [dict(row) for row in LimitRule.objects.order_by("code", "valid_from").values(*_LIMIT)]
    return http.json({"rows": rows})


@router.get("/calendars", summary="All calendars")
def calendars(request: Request) -> HttpResponse:
    _may(request)
    return http.json({"rows": [dict(row) for row in WorkCalendar.objects.order_by("code").values(*_CALENDAR)]})


@router.post("/clock/due", summary="When a limit ends: the question of `kefu clock due` as the body")
def due(request: Request) -> HttpResponse:
    said = answer(request.body)
    return http.json(said, status=422 if "error" in said else 200)
