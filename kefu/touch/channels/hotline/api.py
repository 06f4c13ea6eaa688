"""Orders of the hotline for its platform: pass one on, see how it stands, read what was told in return."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Header, Router

from kefu.engines.clock import queries as clock
from kefu.engines.intake import services as intake
from kefu.engines.privacy.masking import mask
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands, read
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.http import Request
from kefu.timeline import queries as timeline
from kefu.touch.channels.hotline import queries, services
from kefu.touch.channels.hotline.schemas import HotlineIn, HotlinePage, HotlineRead, HotlineTaken, ToldPage

router = Router(tags=[queries.KIND])
KEY_TOLD = "Your own word for this request; sent again with the same body, it is done once."
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description=KEY_TOLD)]
_SAME = ("number", "state", "round", "due_at", "return_until", "category", "role", "partners", "secret", "ruled")
_TOLD = ("id", "round", "kind", "at", "way", "text", "reason", "until", "solved", "spoken", "spoken_at", "unit", "verdict", "files")


@router.post(
    "/hotline/orders", response={200: HotlineTaken, 201: HotlineTaken}, summary="Pass on an order of the city hotline",
    operation_id="hotline_pass_on",
)  # fmt: skip
def pass_on(request: Request, body: HotlineIn, key: Key = "") -> HttpResponse:
    """One number is one order. The same number again in the same `round` changes nothing (200, `what`: same); in a higher round, or passed
    on after the answer where no round is told, it is a redo with its own limit (201, `what`: redo).

    Refused by `not_allowed` (the right `hotline.take` is missing), `invalid`, and `conflict` (it was returned to the hotline).
    """
    actor = request.actor
    if not actor.can(queries.TAKE):
        raise NotAllowed()

    def make() -> tuple[int, dict[str, Any]]:
        taken = services.take_in(actor=actor, **read(body, HotlineIn, actor=actor))
        order = taken.order
        told = {
            "id": order.pk, "number": order.number, "contact": order.contact.subject.number, "state": str(order.state),
            "round": order.round, "due_at": order.due_at.isoformat(), "what": taken.what,
        }  # fmt: skip
        return (200 if taken.what == "same" else 201), told

    (status, answer), again = intake.once(actor=actor, door=queries.KIND, key=key, body=request.body, make=make)
    return http.json({**answer, "what": "same"} if again else answer, status=200 if again else status)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    secret = row["secret"]
    return {
        "id": row["contact_id"],
        **{name: row[name] for name in _SAME},
        "name": "" if secret else mask("name", row["contact__name"]),
        "phone": "" if secret else mask("phone", phone.shown(row["contact__phone"])),
        "content": row["contact__content"],
        "led_to": row["contact__led_to_id"],
        "led_to_number": row["contact__led_to__number"],
    }


@router.get("/hotline/orders", response=HotlinePage, summary="Orders of the city hotline", operation_id="hotline_list")
def listed(
    request: Request, tab: Literal["due", "returned", "redo", "reported", "all"] = "all", after: Cursor = "", limit: Size = 50
) -> HttpResponse:
    """`due`: what is in hand, by its limit; the others newest first. Pages by `next`. Callers are masked. Secret orders are
    left out for who may not see secrets (`secrets.see`) and has them not in hand."""
    if not request.actor.can(queries.TAKE):
        raise NotAllowed()
    page = queries.rows(request.actor, tab=tab, cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.get("/hotline/orders/{id}", response=HotlineRead, summary="One order of the city hotline", operation_id="hotline_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With its rounds, what the hotline was told, its limits and its history."""
    row = queries.row(request.actor, id)
    commands = commands_of(queries.KIND)
    more = {
        "rounds": queries.rounds(id),
        "told": [_told(told) for told in queries.told(id)],
        "obligations": clock.lines(id),
        "events": timeline.history(id),
        "allowed": [command.name for command in commands.pick(commands.allowed(request.actor, id))],
    }
    return http.json({**_row(row), **more})


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in _TOLD}, "order": row["order_id"], "number": row["order__number"]}


@router.get("/hotline/told", response=ToldPage, summary="What the city hotline was told", operation_id="hotline_told")
def outbound(request: Request, after: Cursor = "", limit: Size = 50) -> HttpResponse:
    """Answers, returns and extensions in the order in which they were told; read on from `next`."""
    if not request.actor.can(queries.TAKE):
        raise NotAllowed()
    page = queries.told_rows(request.actor, cursor=after or None, size=limit)
    return http.json({"items": [_told(row) for row in page.rows], "next": page.next})


def _state(actor: Any, order_id: int) -> dict[str, Any]:
    return {"state": queries.row(actor, order_id)["state"]}


add_commands(router, commands_of(queries.KIND), "hotline/orders", _state)
