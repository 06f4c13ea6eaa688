"""The page of one contact, and the customer's file with all that passed between us."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.files import queries as files
from kefu.engines.privacy.masking import mask
from kefu.engines.privacy.queries import is_lifted
from kefu.kit import http, phone
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.fields import Field
from kefu.kit.paging import next_url_of
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries
from kefu.touch.contacts.choices import Channel
from kefu.touch.customers import queries as customers
from kefu.touch.customers.registry import chapters
from kefu.touch.profiles import queries as profiles


@staff_page("customers.see")
def customer(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One file: basics, and on one line what passed between us. ``kind`` and ``channel`` narrow the line."""
    found = customers.get(request.actor, id)
    if http.part_wanted(request) == "course-found":
        return http.page(request, "customers/_course.html", _course(request, id))
    line = _line(request, id)
    if http.wants_found(request):
        return http.page(request, "customers/_line.html", {**line, "customer": found})
    commands = commands_of(customers.KIND)
    context = {
        "customer": found,
        "alike": customers.alike_choices(request.actor, id) if request.actor.can(customers.MERGE) else [],
        "points": customers.told_points(id),
        "commands": commands.pick(commands.allowed(request.actor, id)),
        "masked": {
            "name": mask("name", found.name),
            "address": mask("address", found.address),
        },
        "consents": customers.told_consents(id),
        "tags": customers.tags_of([id]).get(id, []),
        "profile": profiles.profile(request.actor, id),
        **line,
        **_course(request, id),
    }
    return http.page(request, "customers/one.html", context)


def _course(request: Request, customer_id: int) -> dict[str, Any]:
    page = customers.course(customer_id, cursor=request.GET.get("earlier"))
    return {"events": page.rows, "course_next": f"{request.path}?{urlencode({'earlier': page.next})}" if page.next else ""}


def _line(request: Request, customer_id: int) -> dict[str, Any]:
    kind, channel = request.GET.get("kind", ""), request.GET.get("channel", "")
    kind, channel = kind if kind in chapters else "", channel if channel in Channel else ""
    page = customers.line(request.actor, customer_id, kind=kind, channel=channel, cursor=request.GET.get("after"))
    filters = [
        Field("kind", _("Kind"), "select", value=kind, choices=[(one.code, one.name) for one in chapters]),
        Field("channel", _("Channel"), "select", value=channel, choices=Channel.choices),
    ]
    return {"line": page.rows, "line_filters": filters, "line_next": next_url_of(request, page.next)}


@staff_page()
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One contact as it was recorded."""
    contact = queries.get(request.actor, id)
    shown = {
        "name": mask("name", contact.name),
        "phone": mask("phone", phone.shown(contact.phone)),
        "address": mask("address", contact.address),
    }
    kept = not is_lifted(request.actor, "contact", id)
    commands = commands_of(queries.KIND)
    context = {
        "contact": contact,
        "masked": shown,
        "kept": kept,
        "files": files.of_subject(id),
        "commands": commands.pick(commands.allowed(request.actor, id)),
        "events": timeline.history(id),
    }
    return http.page(request, "contacts/one.html", context)


urlpatterns = [
    path("contacts/<int:id>", one, name="contacts.one"),
    path("customers/<int:id>", customer, name="customers.one"),
    *command_urls(commands_of(queries.KIND), "contacts", queries.KIND, anew=True),
]
