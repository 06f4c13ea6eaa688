"""The home page: what waits for me with its clocks, my notices, the ways on; and the one address of any subject."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from kefu.engines.clock import queries as clock
from kefu.engines.notify import queries as notices
from kefu.kit import http, menu
from kefu.kit.errors import NotFound
from kefu.kit.waiting import queues
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import visible_to
from kefu.timeline.registry import subject_kinds

SHOWN = 30


def _waiting(request: Request) -> dict[str, Any]:
    """My to-dos, next due first, and the live keys of their subjects."""
    rows = clock.my_open(request.actor, SHOWN)
    seen = set(visible_to(request.actor).filter(pk__in={row["subject_id"] for row in rows}).values_list("pk", flat=True))
    for row in rows:
        # A limit may be addressed to a post whose holders do not see the (secret) subject: they learn its number, not its title.
        if row["subject_id"] not in seen:
            row["subject__title"] = ""
        kind = subject_kinds.get(row["subject__kind"])
        row["url"] = f"/s/{row['subject_id']}"
        row["kind_name"] = kind.name if kind else ""
    keys = sorted({f"{row['subject__kind']}:{row['subject_id']}" for row in rows})
    return {"queues": queues(request.actor), "todos": rows, "live_keys": " ".join(keys)}


@require_GET
@staff_page()
def home(request: Request) -> HttpResponse:
    ways = [entry for _label, entries in menu.entries(request.actor, request.path) for entry in entries if entry.item.url != "/"]
    context = _waiting(request) | {"notices": notices.latest(request.actor), "ways": ways}
    return http.page(request, "home/home.html", context)


@require_GET
@staff_page()
def todos(request: Request) -> HttpResponse:
    """The list of to-dos alone, fetched again when one of its subjects changes."""
    return http.page(request, "home/todos.html", _waiting(request))


@require_GET
@staff_page()
def subject(request: Request, id: int) -> HttpResponse:
    """Lead to the page of a subject of any kind; search results, notices and to-dos point here."""
    kind = visible_to(request.actor).filter(pk=id).values_list("kind", flat=True).first()
    known = subject_kinds.get(kind or "")
    if known is None:
        raise NotFound()
    return http.go(request, known.url(id))


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("todos", todos, name="todos"),
    path("s/<int:id>", subject, name="subject"),
]
