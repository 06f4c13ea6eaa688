"""Orders for other systems: lists and one order straight from rows; commands as on the pages. (`POST /orders` stands in flows.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.supervision import policies as pressing
from kefu.cases.supervision import queries as supervision
from kefu.cases.workorders import policies, queries, schemas, settings
from kefu.cases.workorders.choices import State
from kefu.cases.workorders.declares import DISPATCH_RULE, ORDER_TYPE, PRICE
from kefu.cases.workorders.schemas import OrderPage, OrderRead, TypeRow
from kefu.engines.clock import queries as clock
from kefu.engines.filters import bar
from kefu.engines.filters.tree import BadTree
from kefu.engines.privacy.masking import masker
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands, read
from kefu.kit.commands import CommandSet, commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.language import in_chinese
from kefu.kit.values import Cursor, RowId, Size
from kefu.people.actor import Actor
from kefu.people.http import Request
from kefu.timeline import queries as timeline

router = Router(tags=["orders"])
COMMANDS = commands_of(queries.KIND)


def shown(row: dict[str, Any], due: Any) -> dict[str, Any]:
    """A row as other systems get it: personal values masked."""
    return teller()(row, due)


def teller() -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """``shown`` for many rows: the language is asked once."""
    chinese = in_chinese()

    def told(row: dict[str, Any], due: Any) -> dict[str, Any]:
        return {
            "id": row["subject_id"],
            "number": row["subject__number"],
            "type": row["type__name"] if chinese or not row["type__name_en"] else row["type__name_en"],
            "name": _name(row["name"]),
            "phone": _phone(phone.shown(row["phone"])),
            "address": _address(row["address"]),
            "unit": row["unit__name"],
            "handler": row["handler__name"],
            "next_due": due,
            "state": row["state"],
            "urgency": row["urgency"],
            "channel": row["channel"],
            "content": row["content"],
            "accepted_at": row["accepted_at"],
            "appointment_at": row["appointment_at"],
            "completed_at": row["completed_at"],
            "redo_round": row["redo_round"],
            "satisfaction": row["satisfaction"],
        }

    return told


_name, _phone, _address = masker("name"), masker("phone"), masker("address")


def _tree(condition: str, states: list[State]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    if condition:
        try:
            read = orjson.loads(condition)
        except orjson.JSONDecodeError as error:
            raise BadTree() from error
        if not isinstance(read, dict):
            raise BadTree()
        tree = read
    if states:
        tree = bar.joined({"field": "state", "op": "in", "value": [str(state) for state in states]}, tree)
    return tree


@router.get("/orders", response=OrderPage, summary="Work orders, newest first", operation_id="workorder_list")
def listed(
    request: Request,
    state: Annotated[list[State], Query(description="One or several")] = [],  # noqa: B006
    whose: Annotated[Literal["scope", "mine"], Field(description="all in your scope, or those you handle")] = "scope",
    filter: Annotated[  # noqa: A002
        str, Field(max_length=8000, description="A condition as JSON; its fields: `GET /filters/workorder/fields`")
    ] = "",
    after: Cursor = "",
    limit: Size = 50,
) -> HttpResponse:
    """Pages by `next`. `next_due` is the nearest running limit. Names, numbers and addresses are masked."""
    actor = request.actor
    if not (actor.can("orders.see") or actor.can("orders.handle")):
        raise NotAllowed()
    page = queries.rows(actor, tree=_tree(filter, state), whose=whose, cursor=after or None, size=limit)
    due, told = clock.next_due(row["subject_id"] for row in page.rows), teller()
    return http.json({"items": [told(row, due.get(row["subject_id"])) for row in page.rows], "next": page.next})


def allowed_of(actor: Actor, row: dict[str, Any]) -> list[str]:
    """The commands of the order and of its supervision, judged on one row (what ``commands_of`` finds by reading it anew)."""
    facts = queries.facts_of_row(row)
    if row["state"] == State.COMPLETED:
        facts = facts._replace(owed_callback=callbacks.open_of(row["subject_id"]) is not None)
    told = {
        "open_": row["subject__closed_at"] is None,
        "unit_path": row["subject__unit_path"],
        "owner_id": row["subject__owner_id"],
    }
    pressed = row.get("any_press", True)
    case = supervision.facts_of(row["subject_id"], **told) if pressed else supervision.facts_among(supervision.NO_PRESS, **told)
    found = policies.allowed(actor, facts)
    if policies.may_press(actor, facts, case.owner_id):
        found |= pressing.allowed(actor, case)
    return [one.name for one in COMMANDS.pick(found)]


@router.get("/orders/{id}", response=OrderRead, summary="One work order", operation_id="workorder_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With its obligations (each citing its clauses), its history, and the commands that may be given now."""
    row = queries.whole(request.actor, id)
    obligations = clock.lines(id)
    due = min((line["due_at"] for line in obligations if line["state"] == "running"), default=None)
    more = {name.replace("type__code", "type_code"): row[name] for name in queries.MORE}
    parts = {"obligations": obligations, "events": timeline.history(id), "allowed": allowed_of(request.actor, row)}
    return http.json({**shown(row, due), **more, **parts})


@router.get("/order-types", response=list[TypeRow], summary="Types of business, as a tree by `path`", operation_id="order_types")
def types(request: Request) -> HttpResponse:
    names = ("code", "name", "name_en", "kind", "path", "form", "paid")
    return http.json([{name: getattr(kind, name) for name in names} for kind in queries.order_types()])


@router.get(
    "/settings/order-types",
    response=schemas.OrderTypeSets,
    summary="The tree of types as it is set",
    operation_id="order_type_list",
    tags=["order_type"],
)
def types_set(request: Request) -> HttpResponse:
    return http.json({"rows": settings.type_rows(request.actor)})


@router.get(
    "/settings/order-types/{id}",
    response=schemas.OrderTypeSetRead,
    summary="One type as it is set",
    operation_id="order_type_read",
    tags=["order_type"],
)
def type_set(request: Request, id: RowId) -> HttpResponse:
    return http.json(_one(request.actor, ORDER_TYPE, settings.type_rows, id))


@router.post(
    "/settings/order-types",
    response={201: schemas.OrderTypeSetRead},
    summary="A new type",
    operation_id="order_type_create",
    tags=["order_type"],
)
def type_add(request: Request, body: schemas.NewOrderType) -> Status[dict[str, Any]]:
    policies.judge(request.actor)
    made = settings.add_type(actor=request.actor, **read(body, schemas.NewOrderType, actor=request.actor))
    return Status(201, _one(request.actor, ORDER_TYPE, settings.type_rows, made.pk))


@router.get(
    "/settings/dispatch-rules",
    response=schemas.DispatchRuleSets,
    summary="Dispatch rules as they are asked",
    operation_id="dispatch_rule_list",
    tags=["dispatch_rule"],
)
def rules_set(request: Request) -> HttpResponse:
    return http.json({"rows": settings.rule_rows(request.actor)})


@router.get(
    "/settings/dispatch-rules/{id}",
    response=schemas.DispatchRuleSetRead,
    summary="One dispatch rule",
    operation_id="dispatch_rule_read",
    tags=["dispatch_rule"],
)
def rule_set(request: Request, id: RowId) -> HttpResponse:
    return http.json(_one(request.actor, DISPATCH_RULE, settings.rule_rows, id))


@router.post(
    "/settings/dispatch-rules",
    response={201: schemas.DispatchRuleSetRead},
    summary="A new dispatch rule",
    operation_id="dispatch_rule_create",
    tags=["dispatch_rule"],
)
def rule_add(request: Request, body: schemas.DispatchRuleWrite) -> Status[dict[str, Any]]:
    return Status(201, _keep(request.actor, body, None))


@router.put(
    "/settings/dispatch-rules/{id}",
    response=schemas.DispatchRuleSetRead,
    summary="Write a dispatch rule",
    operation_id="dispatch_rule_write",
    tags=["dispatch_rule"],
)
def rule_change(request: Request, id: RowId, body: schemas.DispatchRuleWrite) -> dict[str, Any]:
    """The whole rule: what is not said gets its default."""
    return _keep(request.actor, body, id)


def _keep(actor: Actor, body: schemas.DispatchRuleWrite, rule_id: int | None) -> dict[str, Any]:
    policies.judge(actor)
    kept = settings.keep_rule(actor=actor, id=rule_id, **read(body, schemas.DispatchRuleWrite, actor=actor))
    return _one(actor, DISPATCH_RULE, settings.rule_rows, kept.pk)


@router.get(
    "/settings/prices", response=schemas.PriceSets, summary="All base prices with all their rows", operation_id="price_list", tags=["price"]
)
def prices_set(request: Request) -> HttpResponse:
    return http.json({"rows": settings.price_rows(request.actor)})


@router.get(
    "/settings/prices/{id}",
    response=schemas.PriceSetRead,
    summary="One price, by any of its rows",
    operation_id="price_read",
    tags=["price"],
)
def price_set(request: Request, id: RowId) -> HttpResponse:
    return http.json(_price(request.actor, id))


@router.post("/settings/prices", response={201: schemas.PriceSetRead}, summary="A new price", operation_id="price_create", tags=["price"])
def price_add(request: Request, body: schemas.NewPrice) -> Status[dict[str, Any]]:
    policies.judge(request.actor)
    made = settings.add_price(actor=request.actor, **read(body, schemas.NewPrice, actor=request.actor))
    return Status(201, _price(request.actor, made.pk))


def _price(actor: Actor, price_id: int) -> dict[str, Any]:
    allowed = PRICE.pick(PRICE.allowed(actor, price_id))
    return {"rows": settings.price_rows(actor, pk=price_id), "allowed": [one.name for one in allowed]}


def _one(actor: Actor, commands: CommandSet, rows: Callable[..., list[dict[str, Any]]], row_id: int) -> dict[str, Any]:
    allowed = commands.pick(commands.allowed(actor, row_id))
    return {**rows(actor, pk=row_id)[0], "allowed": [one.name for one in allowed]}


def _state(actor: Actor, order_id: int) -> dict[str, Any]:
    return {"state": queries.row(actor, order_id)["state"]}


add_commands(router, COMMANDS, "orders", _state)
add_commands(router, ORDER_TYPE, "settings/order-types")
add_commands(router, DISPATCH_RULE, "settings/dispatch-rules")
add_commands(router, PRICE, "settings/prices")
