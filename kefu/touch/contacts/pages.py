"""The page of one contact, and the customer's file with all that passed between us."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from kefu.engines.files import queries as files
from kefu.engines.privacy.masking import mask
from kefu.engines.privacy.queries import is_lifted
from kefu.kit import http, phone
from kefu.kit.commands import commands_of
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries
from kefu.touch.customers import queries as customers


@staff_page("customers.see")
def customer(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One file: basics, contacts, orders, course."""
    found = customers.get(request.actor, id)
    points = [{**point, "shown": customers.shown(point)} for point in customers.points(id)]
    commands = commands_of(customers.KIND)
    held = queries.of_customer(request.actor, id)
    family = customers.family(id)
    context = {
        "customer": found,
        "alike": customers.alike_choices(request.actor, id) if request.actor.can(customers.MERGE) else [],
        "points": points,
        "commands": commands.pick(commands.allowed(request.actor, id)),
        "masked": {
            "name": mask("name", found.name),
            "address": mask("address", found.address),
        },
        "contacts": held,
        "cases": timeline.led_to(request.actor, [row["led_to_id"] for row in held if row["led_to_id"]]),
        "events": sorted((event for one in family for event in timeline.history(one)), key=lambda event: -int(event["id"])),
    }
    return http.page(request, "customers/one.html", context)


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
    return http.page(request, "contacts/one.html", {"contact": contact, "masked": shown, "kept": kept, "files": files.of_subject(id)})


urlpatterns = [
    path("contacts/<int:id>", one, name="contacts.one"),
    path("customers/<int:id>", customer, name="customers.one"),
]
