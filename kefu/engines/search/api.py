"""Search for other systems."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router

from kefu.engines.search import queries
from kefu.engines.search.schemas import SearchIn
from kefu.kit import http
from kefu.people.http import Request

router = Router(tags=["search"])


@router.get("/search")
def find(request: Request, asked: Query[SearchIn]) -> HttpResponse:
    """The newest records that hold every word. Two Chinese characters or three digits in a row are enough."""
    hits = queries.find(actor=request.actor, text=asked.q, kinds=[asked.kind] if asked.kind else None, limit=asked.limit, after=asked.after)
    return http.json([hit._asdict() for hit in hits])
