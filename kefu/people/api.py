"""Who I am, units, staff and keys, for other systems."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from kefu.kit import http
from kefu.kit.command_api import add_commands
from kefu.kit.errors import NotAllowed
from kefu.people import policies, queries, schemas, services, units
from kefu.people.actor import Actor
from kefu.people.declares import COMMANDS
from kefu.people.http import Request

router = Router(tags=["people"])
STAFF, UNIT = COMMANDS
# The answer of these two is a password, so they have an address of their own below.
SAID = {"reset_password", "reactivate"}
add_commands(router, replace(STAFF, commands=tuple(one for one in STAFF.commands if one.name not in SAID)), "staff")
add_commands(router, UNIT, "units")
_UNIT = ("id", "parent_id", "code", "name", "name_en", "kind", "path", "active", "takes_orders", "bound", "head_id", "people")
_STAFF = ("id", "number", "name", "username", "unit_id", "is_active", "last_login")


def _may_see(actor: Actor) -> None:
    if not (actor.can("people.see") or actor.can(policies.MANAGE)):
        raise NotAllowed()


def _staff(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _STAFF} | {"unit": row["unit__name"], "two_step": row["totp_since"] is not None}


@router.get("/me", summary="Who this key or session belongs to, and what it may do")
def me(request: Request) -> HttpResponse:
    actor = request.actor
    shown = {name: getattr(actor, name) for name in ("id", "number", "name", "username", "unit_id", "unit_name", "language")}
    return http.json(shown | {"rights": sorted(actor.rights), "posts": sorted(actor.posts), "sees_all": actor.sees_all})


@router.get("/units", summary="The tree of units, in order")
def unit_list(request: Request) -> HttpResponse:
    _may_see(request.actor)
    return http.json({"items": [{name: row[name] for name in _UNIT} for row in queries.unit_rows()], "next": None})


@router.get("/units/{int:unit}", summary="One unit, and the commands that may be given to it now")
def unit_one(request: Request, unit: int) -> HttpResponse:
    _may_see(request.actor)
    row = queries.unit_row(unit)
    allowed = sorted(policies.allowed_unit(request.actor, unit)) if request.actor.can(policies.MANAGE) else []
    return http.json({name: row[name] for name in _UNIT} | {"allowed": allowed})


@router.post("/units", response={201: schemas.Made}, summary="Create a unit")
def unit_new(request: Request, body: schemas.NewUnit) -> Status[dict[str, int]]:
    return Status(201, {"id": units.create_unit(actor=request.actor, **body.dict()).pk})


@router.get("/staff", summary="Accounts by agent number")
def staff_list(request: Request, q: str = "", unit: int | None = None, closed: bool = False, after: str | None = None) -> HttpResponse:
    _may_see(request.actor)
    page = queries.staff_list(request.actor, q=q.strip()[:40], unit_id=unit, closed=closed, cursor=after)
    return http.json({"items": [_staff(row) for row in page.rows], "next": page.next})


@router.get("/staff/{int:staff}", summary="One account, its posts, and the commands that may be given to it now")
def staff_one(request: Request, staff: int) -> HttpResponse:
    _may_see(request.actor)
    row = queries.staff_row(request.actor, staff)
    held = [
        {"id": one["id"], "post": one["post__code"], "unit": one["unit__name"], "since": one["since"], "until": one["until"]}
        for one in queries.holdings_of(staff)
    ]
    allowed = sorted(policies.allowed_staff(request.actor, staff)) if request.actor.can(policies.MANAGE) else []
    return http.json(_staff(row) | {"posts": held, "allowed": allowed})


@router.post("/staff", response={201: schemas.MadeStaff}, summary="Open an account; the one-time password is in the answer only")
def staff_new(request: Request, body: schemas.NewStaff) -> Status[dict[str, Any]]:
    made, word = services.create_staff(actor=request.actor, **body.dict())
    return Status(201, {"id": made.pk, "one_time_password": word})


def _say(request: Request, staff: int, command: str) -> dict[str, str]:
    if command not in policies.allowed_staff(request.actor, staff):
        raise NotAllowed()
    return {"one_time_password": STAFF.by_name[command].run(actor=request.actor, id=staff)}


@router.post("/staff/{int:staff}/commands/reset_password", response=schemas.OneTimePassword, summary="Give a one-time password")
def reset_password(request: Request, staff: int) -> dict[str, str]:
    return _say(request, staff, "reset_password")


@router.post("/staff/{int:staff}/commands/reactivate", response=schemas.OneTimePassword, summary="Open an account again")
def reactivate(request: Request, staff: int) -> dict[str, str]:
    return _say(request, staff, "reactivate")


@router.get("/me/tokens", summary="One's own keys that still open something")
def tokens(request: Request) -> HttpResponse:
    return http.json({"items": queries.tokens_of(request.actor.person_id), "next": None})


@router.post(
    "/me/tokens", response={201: schemas.MadeToken}, summary="Make a key with some of one's own rights; its text is in the answer only"
)
def token_new(request: Request, body: schemas.NewToken) -> Status[dict[str, Any]]:
    made, text = services.make_token(actor=request.actor, **body.dict())
    return Status(201, {"id": made.pk, "token": text})


@router.delete("/me/tokens/{int:token}", response={204: None}, summary="Revoke a key")
def token_revoke(request: Request, token: int) -> Status[None]:
    services.revoke_token(actor=request.actor, id=token)
    return Status(204, None)
