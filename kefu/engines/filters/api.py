"""Conditions and saved views for other systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from kefu.engines.filters import queries, services
from kefu.engines.filters.schemas import OrderIn, PreviewIn, PreviewOut, ViewIn, ViewOut
from kefu.kit import http
from kefu.people.http import Request

router = Router(tags=["filters"])


@router.get("/filters/{kind}/fields")
def fields(request: Request, kind: str) -> HttpResponse:
    """The fields that may be asked for, with comparisons and choices."""
    found = queries.field_set(request.actor, kind)
    return http.json(queries.described(found.by_code))


@router.post("/filters/preview", response=PreviewOut)
def preview(request: Request, asked: PreviewIn) -> Any:
    """How many records (up to 100) a condition finds, and the first of them."""
    return queries.preview(request.actor, asked.kind, asked.tree)


@router.get("/views")
def views(request: Request, kind: str) -> HttpResponse:
    return http.json(queries.views(request.actor, kind))


@router.post("/views", response={201: ViewOut})
def keep(request: Request, asked: ViewIn) -> Any:
    return Status(201, services.keep_view(actor=request.actor, **asked.dict()))


@router.put("/views/{id}", response=ViewOut)
def change(request: Request, id: int, asked: ViewIn) -> Any:  # noqa: A002
    return services.keep_view(actor=request.actor, id=id, **asked.dict())


@router.post("/views/order", response={204: None})
def order(request: Request, asked: OrderIn) -> Any:
    services.order_views(actor=request.actor, kind=asked.kind, ids=asked.ids)
    return Status(204, None)


@router.delete("/views/{id}", response={204: None})
def remove(request: Request, id: int) -> Any:  # noqa: A002
    services.remove_view(actor=request.actor, id=id)
    return Status(204, None)
