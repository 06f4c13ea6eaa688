"""Pages: the clauses of a regulation, and one clause with its cases."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.pages import HOWS
from kefu.insight.compliance import queries
from kefu.insight.compliance.measures import RIGHT
from kefu.kit import http
from kefu.kit.paging import next_url_of
from kefu.people.http import Request, staff_page

WORDS = {**HOWS, "event": gettext_lazy("Event")}


@require_GET
@staff_page(RIGHT)
def index(request: Request) -> HttpResponse:
    """All regulations in figures, and every clause of one: carried out how, proven by what, kept how often, broken where."""
    regulations = queries.overview()
    code = queries.chosen(request.GET.get("regulation", ""), regulations)
    tab = request.GET.get("tab", "all")
    clauses = rulebook.regulation(code)["clauses"] if code else []
    held = queries.standing(request.actor)
    rows = queries.rows(clauses, held)
    kept = {
        "all": rows,
        "broken": [row for row in rows if row.year.broken],
        "not_yet": [row for row in rows if row.not_yet],
        "unproven": [row for row in rows if not row.proven],
    }
    names = {"all": _("All"), "broken": _("With breaches"), "not_yet": _("Not yet carried out"), "unproven": _("Without a test")}
    context = {
        "regulations": regulations,
        "code": code,
        "regulation": next((row for row in regulations if row["code"] == code), None),
        "rows": kept.get(tab, rows),
        "tab": tab if tab in kept else "all",
        "tabs": [(name, label, f"/compliance?regulation={code}&tab={name}", len(kept[name])) for name, label in names.items()],
        "words": WORDS,
        "month": queries.this_month(),
        "as_of": held.as_of,
    }
    return http.page(request, "compliance/index.html", context)


@require_GET
@staff_page(RIGHT)
def clause(request: Request, code: str) -> HttpResponse:
    """One clause with the cases in which it was broken."""
    held = queries.standing(request.actor)
    row = queries.one(code, held)
    page = queries.late(request.actor, row.codes, request.GET.get("after"))
    context = {
        "row": row,
        "clause": row.clause,
        "limits": queries.by_limit(row.codes, held),
        "open": queries.open_overdue(request.actor, row.codes),
        "late": page.rows,
        "next_url": next_url_of(request, page.next),
        "lateness": queries.lateness,
        "words": WORDS,
        "month": queries.this_month(),
        "as_of": held.as_of,
    }
    return http.page(request, "compliance/clause.html", context)


urlpatterns = [
    path("compliance", index, name="compliance"),
    path("compliance/<str:code>", clause, name="compliance.clause"),
]
