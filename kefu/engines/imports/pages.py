"""The pages of an import, for any kind: upload, columns with a preview, progress and report."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from kefu.engines.imports import queries, services
from kefu.engines.imports.models import ImportRun, State
from kefu.engines.imports.registry import ImportKind, import_kinds
from kefu.kit import http
from kefu.kit.errors import Invalid, KefuError
from kefu.people.http import Request, staff_page

RUNNING = (State.CHECKING, State.WRITING)
urlpatterns: list[URLPattern] = []


def import_urls(code: str, prefix: str, right: str) -> list[URLPattern]:
    """The addresses of one kind of import below ``prefix`` (no slashes around it)."""

    def guarded(view: Callable[..., HttpResponse]) -> Any:
        return staff_page(right)(lambda request, **words: view(request, import_kinds[code], f"/{prefix}", **words))

    name = prefix.replace("/", ".")
    return [
        path(prefix, guarded(upload), name=name),
        path(f"{prefix}/template", guarded(template), name=f"{name}.template"),
        path(f"{prefix}/<int:run_id>", guarded(one), name=f"{name}.one"),
        path(f"{prefix}/<int:run_id>/faults", guarded(faults), name=f"{name}.faults"),
    ]


def upload(request: Request, kind: ImportKind, base: str) -> HttpResponse:
    """Choose a file."""
    error: KefuError | None = None
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            if file is None:
                raise Invalid(fields={"file": _("Choose a file.")})
            run = services.begin(actor=request.actor, kind=kind.code, upload=file)
            return http.go(request, f"{base}/{run.pk}")
        except KefuError as refusal:
            error = refusal
    context = {
        "kind": kind,
        "base": base,
        "error": error,
        "latest": queries.latest(request.actor, kind.code),
        "states": dict(State.choices),
    }
    return http.page(request, "imports/upload.html", context, status=error.status if error else 200)


def one(request: Request, kind: ImportKind, base: str, run_id: int) -> HttpResponse:
    """Before: the columns and the first rows. While it runs: how far it is. After: what came of it."""
    run = queries.get(request.actor, run_id)
    error: KefuError | None = None
    if request.method == "POST":
        try:
            services.start(actor=request.actor, run_id=run_id, mapping=_mapping(request, kind))
            return http.go(request, f"{base}/{run_id}")
        except KefuError as refusal:
            error = refusal
            run.mapping = _mapping(request, kind)
    if http.wants_fragment(request) and run.state in RUNNING:
        return http.page(request, "imports/_progress.html", {"run": run, "base": base})
    if http.wants_fragment(request) and request.method == "GET":
        return http.go(request, f"{base}/{run_id}")
    return http.page(request, "imports/one.html", _context(run, kind, base, error), status=error.status if error else 200)


def _mapping(request: Request, kind: ImportKind) -> dict[str, int]:
    given = {one.code: request.POST.get(f"column-{one.code}", "") for one in kind.columns}
    return {code: int(place) for code, place in given.items() if place.isdecimal() and len(place) < 4}


def _context(run: ImportRun, kind: ImportKind, base: str, error: KefuError | None) -> dict[str, Any]:
    heads, rows = queries.preview(run) if run.state in (State.DRAFT, State.REFUSED) else ([], [])
    places = [(str(place), head or _("Column %(number)d") % {"number": place + 1}) for place, head in enumerate(heads)]
    return {
        "run": run,
        "kind": kind,
        "base": base,
        "error": error,
        "heads": heads,
        "rows": rows,
        "places": places,
        "running": run.state in RUNNING,
        "errors": {name: str(text) for name, text in error.fields.items()} if error else {},
        "faults": queries.faults(run, 50),
    }


def _download(name: str, rows: list[list[Any]]) -> HttpResponse:
    """A CSV that Excel opens with Chinese letters; a text that Excel would take for a formula is quoted."""
    out = io.StringIO()
    csv.writer(out).writerows([[_safe(cell) for cell in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _safe(cell: Any) -> str:
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def template(request: Request, kind: ImportKind, base: str) -> HttpResponse:
    """An empty table with the heads and one row as a sample."""
    rows = [[str(one.label) for one in kind.columns], [one.sample for one in kind.columns]]
    return _download(f"{kind.code}-template.csv", rows)


def faults(request: Request, kind: ImportKind, base: str, run_id: int) -> HttpResponse:
    """What is wrong, row by row, for the person who mends the file."""
    run = queries.get(request.actor, run_id)
    rows: list[list[Any]] = [[_("Row"), _("Column"), _("What is wrong")], *(list(fault) for fault in queries.faults(run))]
    return _download(f"{kind.code}-{run_id}-faults.csv", rows)
