"""The callback desk."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.cases.callbacks import policies, queries
from kefu.cases.callbacks.settings_pages import urlpatterns as settings_urls
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook.queries import text_cards
from kefu.kit import http, phone
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as timeline
from kefu.timeline.registry import subject_kinds
from kefu.touch.customers import queries as customers
from kefu.touch.customers.choices import Purpose, ReachedBy


def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), fixed=True),
        Column("kind_name", _("Kind")),
        Column("subject__title", _("Content")),
        Column("name", _("Customer")),
        Column("phone", _("Phone")),
        Column("tries", _("Tries"), "number"),
        Column("created_at", _("Finished at"), "short_stamp"),
        Column("not_before", _("Call from"), "short_stamp"),
    ]


@staff_page("callbacks.do")
def index(request: Request) -> HttpResponse:
    """Whose time has come, oldest first."""
    page = queries.waiting(request.actor, cursor=request.GET.get("after"))
    for row in page.rows:
        row["name"] = mask("name", row["name"])
        row["phone"] = mask("phone", phone.shown(row["phone"]))
        row["kind_name"] = subject_kinds[row["subject__kind"]].name
    context = {"columns": _columns(), "rows": page.rows, "next_url": next_url_of(request, page.next)}
    return http.page(request, "callbacks/list.html", context)


@staff_page("callbacks.do")
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One callback: what was done, the script, and the customer's word."""
    task = queries.get(request.actor, id)
    commands = commands_of("callback")
    context = {
        "task": task,
        "commands": commands.pick(policies.allowed(request.actor, queries.facts(task))),
        "masked": {"name": mask("name", task.name), "phone": mask("phone", phone.shown(task.phone))},
        "objects": customers.refusal(task.customer_id, channel=ReachedBy.CALL, purpose=Purpose.SURVEY),
        "callbacks": queries.of_subject(task.subject_id),
        "events": timeline.history(task.subject_id),
        "cards": text_cards("callback", "phone"),
        "kind_name": subject_kinds[task.subject.kind].name,
        "url": subject_kinds[task.subject.kind].url(task.subject_id),
    }
    return http.page(request, "callbacks/one.html", context)


urlpatterns = [
    path("callbacks", index, name="callbacks"),
    path("callbacks/<int:id>", one, name="callbacks.one"),
    *command_urls(commands_of("callback"), "callbacks", "callback"),
    *settings_urls,
]
