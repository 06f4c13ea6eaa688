"""Figures for other systems, with their definitions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from kefu.engines.measures import queries
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import Measure, measures
from kefu.engines.measures.schemas import FigureIn
from kefu.kit import http
from kefu.people.http import Request

router = Router(tags=["measures"])


def described(found: Measure) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": str(found.name),
        "definition": str(found.definition),
        "variant": found.variant,
        "unit": found.unit,
        "kind": found.kind,
        "dimensions": [{"code": one.code, "name": str(one.name)} for one in found.dimensions],
        "clauses": list(found.clauses),
    }


@router.get("/measures")
def listed(request: Request) -> HttpResponse:
    """All measures that the caller may read."""
    return http.json([described(one) for one in measures if not one.right or request.actor.can(one.right)])


@router.get("/measures/{code}")
def read(request: Request, code: str, asked: Query[FigureIn]) -> HttpResponse:
    """The figures of a period; ``value`` is null where nothing was counted. ``as_of``: when today stood so; null if just counted."""
    found = queries.measure(code, request.actor)
    period = Period.parse(asked.period) if asked.period else Period.now()
    by = [one for one in asked.by.split(",") if one]
    reading = queries.Reading([code], period, actor=request.actor)
    made = reading.figure(code, by)
    names = queries.names(code, by, made)
    rows = [
        {"dims": dict(zip(by, one.dims, strict=True)), "names": names[one.dims], "numerator": float(one.numerator),
         "denominator": float(one.denominator), "value": None if one.value is None else float(one.value)}
        for one in made
    ]  # fmt: skip
    return http.json(
        {**described(found), "period": period.code, "first": period.first, "last": period.last, "as_of": reading.as_of, "figures": rows}
    )
