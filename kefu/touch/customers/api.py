"""Customer files for other systems."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Status
from pydantic import Field

from kefu.engines.filters import queries as segments
from kefu.engines.privacy.masking import mask
from kefu.engines.search import queries as search
from kefu.kit import http, phone
from kefu.kit.command_api import add_commands
from kefu.kit.commands import commands_of
from kefu.kit.values import MAX_ID, Cursor, RowId, Size
from kefu.people.http import Request
from kefu.timeline import queries as timeline
from kefu.touch.customers import queries, services
from kefu.touch.customers.schemas import CustomerIn, CustomerMade, CustomerPage, CustomerRead

router = Router(tags=["customers"])
COMMANDS = commands_of(queries.KIND)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["subject_id"],
        "number": row["subject__number"],
        "name": mask("name", row["name"]),
        "phone": mask("phone", phone.shown(row["phone"] or "")),
        "area": row["area"],
        "address": mask("address", row["address"]),
        "code": row["code"],
        "tier": row["tier"],
        "verified_at": row["verified_at"],
    }


@router.get("/customers", response=CustomerPage, summary="Customers, newest first", operation_id="customer_list")
def listed(
    request: Request,
    q: Annotated[str, Field(max_length=100, description="Name, phone, address or number")] = "",
    code: Annotated[str, Field(max_length=40, description="Customer number, exactly")] = "",
    area: Annotated[str, Field(max_length=80)] = "",
    segment: Annotated[int, Field(ge=0, le=MAX_ID, description="Id of a saved view of customers")] = 0,
    after: Cursor = "",
    limit: Size = 50,
) -> HttpResponse:
    """Pages by `next`; a search (`q`) answers with at most 50. Personal values are masked."""
    ids = None
    if q.strip():
        ids = [hit.subject_id for hit in search.find(actor=request.actor, text=q.strip(), kinds=[queries.KIND], limit=50)]
    tree = segments.view_of(request.actor, queries.KIND, segment).tree if segment else None
    page = queries.rows(request.actor, ids=ids, area=area, code=code, tree=tree, cursor=after or None, size=limit)
    return http.json({"items": [_row(row) for row in page.rows], "next": page.next})


@router.post("/customers", response={201: CustomerMade}, summary="Open a customer file", operation_id="customer_create")
def create(request: Request, body: CustomerIn) -> Status[dict[str, Any]]:
    """Refused with an error on `code` when another file has that customer number."""
    values = body.model_dump()
    phones = services.split_phones(values.pop("phones"))
    made = services.create(actor=request.actor, phones=phones, source="api", **values)
    return Status(201, {"id": made.pk, "number": made.subject.number})


@router.get("/customers/{id}", response=CustomerRead, summary="One customer file", operation_id="customer_read")
def one(request: Request, id: RowId) -> HttpResponse:
    """With phones (masked), history, and the commands that may be given now."""
    row = queries.row(request.actor, id)
    points = [{**point, "value": queries.shown(point)} for point in queries.points(id)]
    allowed = [one.name for one in COMMANDS.pick(COMMANDS.allowed(request.actor, id))]
    more = {name: row[name] for name in queries.MORE} | {"needs_assistance": mask("sensitive", row["needs_assistance"])}
    return http.json(
        {**_row(row), **more, "points": points, "tags": queries.codes_of(id), "events": timeline.history(id), "allowed": allowed}
    )


add_commands(router, COMMANDS, "customers")
