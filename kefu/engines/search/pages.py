"""The result page, and the quick finds under the box in the head of every page."""

from __future__ import annotations

from itertools import groupby

from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from kefu.engines.search import queries
from kefu.kit import http
from kefu.people.http import Request, staff_page
from kefu.timeline.registry import SubjectKind, subject_kinds

SIZE = 40
QUICK = 8
Group = tuple[SubjectKind, list[queries.Hit]]


def grouped(hits: list[queries.Hit]) -> list[Group]:
    """Finds by kind; kinds in the order of their newest find."""
    order = list(dict.fromkeys(hit.kind for hit in hits))
    known = sorted((hit for hit in hits if hit.kind in subject_kinds), key=lambda hit: order.index(hit.kind))
    return [(subject_kinds[kind], list(found)) for kind, found in groupby(known, key=lambda hit: hit.kind)]


@require_safe
@staff_page()
def results(request: Request) -> HttpResponseBase:
    """``/search?q=words&kind=code&after=id``"""
    text, kind, after = (request.GET.get(name, "").strip() for name in ("q", "kind", "after"))
    hits = queries.find(
        actor=request.actor,
        text=text,
        kinds=[kind] if kind in subject_kinds else None,
        limit=SIZE,
        after=int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else None,
    )
    shown = {
        "q": text[:200],
        "kind": kind if kind in subject_kinds else "",
        "kinds": list(subject_kinds),
        "groups": grouped(hits),
        "next": hits[-1].subject_id if len(hits) == SIZE else None,
    }
    return http.page(request, "search/_results.html" if http.wants_fragment(request) else "search/page.html", shown)


@require_safe
@staff_page()
def quick(request: Request) -> HttpResponseBase:
    """The first finds while a person types."""
    text = request.GET.get("q", "").strip()
    hits = queries.find(actor=request.actor, text=text, limit=QUICK) if len(text) > 1 else []
    return http.page(request, "search/_quick.html", {"q": text[:200], "groups": grouped(hits)})


urlpatterns = [path("search", results, name="search"), path("search/quick", quick, name="search.quick")]
