"""The home page: what waits for me with its clocks, my notices, the ways on; and the one address of any subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kefu.engines.clock import queries as clock
from kefu.engines.clock.choices import State
from kefu.engines.notify import queries as notices
from kefu.kit import http, menu, moment
from kefu.kit.errors import NotFound
from kefu.kit.waiting import queues
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import visible_to
from kefu.timeline.registry import subject_kinds

SHOWN = 30


@dataclass(frozen=True)
class Group:
    """To-dos that are alike urgent."""

    label: str
    tone: str
    rows: list[dict[str, Any]]


def _groups(rows: list[dict[str, Any]]) -> list[Group]:
    """What is over, what is due today, what comes later, what rests; empty groups are left out."""
    now = moment.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    resting = [row for row in rows if row["state"] == State.PAUSED]
    running = [row for row in rows if row["state"] != State.PAUSED]
    groups = [
        Group(_("Overdue"), "danger", [row for row in running if row["due_at"] < now]),
        Group(_("Due today"), "warning", [row for row in running if now <= row["due_at"] < midnight]),
        Group(_("Due later"), "secondary", [row for row in running if row["due_at"] >= midnight]),
        Group(_("Paused"), "info", resting),
    ]
    return [group for group in groups if group.rows]


def waiting(request: Request) -> dict[str, Any]:
    """My queues, my to-dos in groups, next due first, and the live keys of their subjects."""
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
    return {"queues": queues(request.actor), "groups": _groups(rows), "live_keys": " ".join(keys)}


@require_GET
@staff_page()
def home(request: Request) -> HttpResponse:
    ways = [entry for _group, entries in menu.entries(request.actor, request.path) for entry in entries if entry.item.url != "/"]
    context = waiting(request) | {"notices": notices.latest(request.actor), "ways": ways}
    return http.page(request, "home/home.html", context)


@require_GET
@staff_page()
def todos(request: Request) -> HttpResponse:
    """The list of to-dos alone, fetched again when one of its subjects changes."""
    return http.page(request, "home/todos.html", waiting(request))


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
