"""Announcements: the list, one of them with who has read it, a new one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import ValidationError

from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.files.pages import serve
from kefu.kit import http, schema_fields, validation
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import KefuError, NotFound
from kefu.kit.fields import Field
from kefu.kit.language import spoken
from kefu.kit.markdown import drawn
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people.actor import SYSTEM
from kefu.people.http import Request, staff_page
from kefu.people.queries import post_codes, unit_names
from kefu.timeline import queries as timeline
from kefu.touch.announcements import policies, queries, schemas, services
from kefu.touch.announcements.choices import Kind, Owed, State


def _columns(owed: str) -> list[Column]:
    return [
        Column("subject__number", _("Number"), fixed=True),
        Column("subject__title", _("Title")),
        Column("kind_name", _("Kind")),
        Column("state_name", _("State")),
        Column("published_at", _("Published"), "stamp"),
        Column("unit__name", _("Department in charge"), optional=not owed),
        Column("effective_from", _("Takes effect"), "stamp", optional=True),
        Column("due_at", _("Hand in by"), "stamp", optional=not owed),
        Column("late_name", _("Handed in late"), optional=True),
    ]


@require_safe
@staff_page()
def index(request: Request) -> HttpResponse:
    """``/announcements?kind=code&state=code&owed=code``, latest first; what I still have to read stands above."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    kind, state = kind if kind in Kind else "", state if state in State else ""
    owed = request.GET.get("owed", "")
    owed = owed if owed in Owed else ""
    page = queries.rows(request.actor, kind=kind, state=state, owed=owed, cursor=request.GET.get("after"))
    for row in spoken(page.rows, "unit__name"):
        row["id"] = row["subject_id"]
        row["kind_name"], row["state_name"] = Kind(row["kind"]).label, State(row["state"]).label
        row["late_name"] = _("Yes") if row["late"] else ""
    filters = [Field("kind", _("Kind"), "select", value=kind, choices=Kind.choices)]
    if request.actor.can_any(queries.PUBLISH, queries.WRITE):
        filters.append(Field("state", _("State"), "select", value=state, choices=State.choices))
        filters.append(Field("owed", _("Information to be handed in"), "select", value=owed, choices=Owed.choices))
    context = {"columns": _columns(owed), "rows": page.rows, "next_url": next_url_of(request, page.next), "filters": filters}
    return http.page(request, "announcements/list.html", context | {"unread": queries.unread(request.actor)})


@require_safe
@staff_page()
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One announcement; who publishes and who wrote it see who has read it."""
    held = queries.get(request.actor, id)
    leads = request.actor.can(queries.PUBLISH) or request.actor.id in (held.subject.owner_id, queries.head_of(held))
    reading = queries.reading(id) if leads and held.published_at else None
    if reading:
        spoken(reading["missing"], "staff__unit__name")
    posts = dict(post_codes())
    context = {
        "held": held,
        "body": drawn(held.body),
        "commands": commands_of(queries.KIND).pick(policies.allowed(request.actor, held)),
        "readers": [posts.get(code, code) for code in held.posts] + sorted(unit_names(held.units).values()),
        "files": [row for row in files.of_subject(id) if row["voided_at"] is None],
        "reading": reading,
        "deadlines": clock.of_subject(id) if leads else [],
        "events": timeline.history(id) if leads else [],
    }
    return http.page(request, "announcements/one.html", context)


@require_safe
@staff_page()
def file(request: Request, id: int, file_id: int) -> HttpResponseBase:  # noqa: A002
    """A file of an announcement that the person may read."""
    queries.get(request.actor, id)
    if file_id not in {row["id"] for row in files.of_subject(id)}:
        raise NotFound()
    return serve(request, SYSTEM, file_id)


@require_http_methods(["GET", "POST"])
@staff_page(queries.WRITE, queries.PUBLISH)
def new(request: Request) -> HttpResponse:
    """A new announcement; ``?kind=information`` for what a department hands in."""
    typed: dict[str, Any] = {"kind": request.GET["kind"]} if request.GET.get("kind") in Kind else {}
    error: KefuError | None = None
    if request.method == "POST":
        typed = schema_fields.typed(schemas.AnnouncementIn, request.POST)
        typed.setdefault("read_hours", None)
        try:
            made = services.write(actor=request.actor, **schemas.AnnouncementIn.model_validate(typed).model_dump())
            return http.go(request, f"/announcements/{made.pk}")
        except ValidationError as wrong:
            error = validation.invalid(wrong)
        except KefuError as refusal:
            error = refusal
    errors = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(schemas.AnnouncementIn, actor=request.actor, id=None, values=typed, errors=errors)
    return http.page(request, "announcements/new.html", {"fields": fields, "error": error}, status=error.status if error else 200)


urlpatterns = [
    path("announcements", index, name="announcements"),
    path("announcements/new", new, name="announcements.new"),
    path("announcements/<int:id>", one, name="announcements.one"),
    path("announcements/<int:id>/files/<int:file_id>", file, name="announcements.file"),
    *command_urls(commands_of(queries.KIND), "announcements", "announcement", anew=True),
]
