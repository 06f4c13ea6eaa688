"""One's own notices, for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from kefu.engines.notify import queries, services
from kefu.engines.notify.schemas import Changed, ReadSome
from kefu.kit import http
from kefu.people.http import Request

router = Router(tags=["notices"])
_SHOWN = ("id", "kind", "text", "at", "read_at", "needs_ack", "acked_at", "ack_due_at", "subject_id", "subject__number")


@router.get("/notices", summary="Own notices, newest first")
def notices(request: Request, unread: bool = False, after: str | None = None) -> HttpResponse:
    page = queries.page(request.actor, only_unread=unread, cursor=after)
    rows: list[dict[str, Any]] = [{name.replace("__", "_"): row[name] for name in _SHOWN} for row in page.rows]
    return http.json({"items": rows, "next": page.next})


@router.post("/notices/read", response=Changed, summary="Mark own notices as read (all that ask no acknowledgement, without ids)")
def read(request: Request, body: ReadSome) -> dict[str, int]:
    return {"changed": services.mark_read(actor=request.actor, ids=body.ids)}


@router.post("/notices/{int:notice}/acknowledge", response={204: None}, summary="Acknowledge an own notice")
def acknowledge(request: Request, notice: int) -> Status[None]:
    services.acknowledge(actor=request.actor, id=notice)
    return Status(204, None)
