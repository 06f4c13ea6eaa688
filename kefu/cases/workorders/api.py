"""Orders for other systems: lists and one order straight from rows; commands as on the pages. (`POST /orders` stands in flows.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpResponse
from ninja import Query, Router
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
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.errors import NotAllowed
from kefu.kit.language import in_chinese
from kefu.kit.settings_api import Settings, add_settings
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


def _state(actor: Actor, order_id: int) -> dict[str, Any]:
    return {"state": queries.row(actor, order_id)["state"]}


add_commands(router, COMMANDS, "orders", _state)
add_settings(
    router,
    Settings(
        ORDER_TYPE, "settings/order-types", rows=settings.type_rows, judge=policies.judge,
        every=(schemas.OrderTypeSets, "The tree of types as it is set"),
        one=(schemas.OrderTypeSetRead, "One type as it is set"),
        new=(schemas.NewOrderType, settings.add_type, "A new type"),
    ),
)  # fmt: skip
add_settings(
    router,
    Settings(
        DISPATCH_RULE, "settings/dispatch-rules", rows=settings.rule_rows, judge=policies.judge,
        every=(schemas.DispatchRuleSets, "Dispatch rules as they are asked"),
        one=(schemas.DispatchRuleSetRead, "One dispatch rule"),
        new=(schemas.DispatchRuleWrite, settings.keep_rule, "A new dispatch rule"),
        write=(schemas.DispatchRuleWrite, settings.keep_rule, "Write a dispatch rule"),
    ),
)  # fmt: skip
add_settings(
    router,
    Settings(
        PRICE, "settings/prices", rows=settings.price_rows, judge=policies.judge, whole=True,
        every=(schemas.PriceSets, "All base prices with all their rows"),
        one=(schemas.PriceSetRead, "One price, by any of its rows"),
        new=(schemas.NewPrice, settings.add_price, "A new price"),
    ),
)  # fmt: skip
