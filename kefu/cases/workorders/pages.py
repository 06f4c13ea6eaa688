"""The list of orders and the page of one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.supervision import queries as supervision
from kefu.cases.supervision.choices import Level
from kefu.cases.workorders import queries
from kefu.cases.workorders.choices import OPEN, State, Urgency
from kefu.cases.workorders.settings_pages import urlpatterns as settings_urls
from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.filters import bar, listing
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook.queries import code_name
from kefu.kit import http, phone
from kefu.kit.batch_pages import batch_urls
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.fields import Field
from kefu.kit.language import pick
from kefu.kit.paging import next_url_of
from kefu.kit.tables import Column
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.people.queries import unit_choices
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries as contacts

TABS = {
    "new": [State.NEW],
    "dispatched": [State.DISPATCHED],
    "working": [State.WORKING, State.SUSPENDED],
    "completed": [State.COMPLETED],
    "open": list(OPEN),
    "all": [],
}
ROW_FILTERS = ("number", "state", "type_kind", "category", "urgency", "channel", "unit", "name", "address", "content", "accepted_at")


def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), "own", fixed=True),
        Column("state", _("State"), "own"),
        Column("type", _("Type")),
        Column("content", _("Content")),
        Column("name", _("Customer")),
        Column("address", _("Address"), optional=True),
        Column("unit__name", _("Unit")),
        Column("handler__name", _("Handler")),
        Column("accepted_at", _("Accepted at"), "short_stamp"),
        Column("due", _("Next due"), "own"),
    ]


BATCH = {"dispatch": "orders.dispatch", "urge": "orders.urge", "supervise": "orders.supervise"}


def _batch(request: Request) -> list[tuple[str, Any]]:
    """The commands that a person may give to many rows; each row is judged by itself all the same."""
    by_name = commands_of(queries.KIND).by_name
    return [(name, by_name[name].label) for name, right in BATCH.items() if request.actor.can(right) and name in by_name]


def _numbers(actor: Actor, ids: list[int]) -> dict[int, str]:
    return dict(queries.visible_to(actor).filter(pk__in=ids).order_by("pk").values_list("pk", "subject__number"))


def dressed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a list with what other engines know of them: two queries for the whole page. Personal values leave masked."""
    ids = [row["subject_id"] for row in rows]
    due, marks = clock.next_due(ids), supervision.marks(ids)
    for row in rows:
        row["id"] = row["subject_id"]
        row["due"] = due.get(row["id"])
        row["urged"] = marks.get(row["id"], {}).get("urged", 0)
        level = marks.get(row["id"], {}).get("level")
        row["supervised"] = Level(level).label if level else ""
        row["state_name"] = State(row["state"]).label
        row["type"] = pick(row["type__name"], row["type__name_en"])
        row["name"] = mask("name", row["name"])
        row["phone"] = mask("phone", phone.shown(row["phone"]))
        row["address"] = mask("address", row["address"])
    return rows


def _filter_fields(request: Request) -> list[Field]:
    given = request.GET
    types = [(kind.path, "\u3000" * kind.path.count("/") + pick(kind.name, kind.name_en)) for kind in queries.order_types()]
    return [
        Field("number", _("Number"), value=given.get("number", "")),
        Field("category", _("Type"), "select", value=given.get("category"), choices=types),
        Field("urgency", _("Urgency"), "select", value=given.get("urgency"), choices=Urgency.choices),
        Field("unit", _("Unit"), "unit", value=given.get("unit"), choices=unit_choices()),
        Field("state", _("State"), "multi", value=given.getlist("state"), choices=State.choices),
        Field("content", _("Content"), value=given.get("content", "")),
        Field("accepted_at_from", _("Accepted from"), "date", value=given.get("accepted_at_from")),
        Field("accepted_at_to", _("Accepted to"), "date", value=given.get("accepted_at_to")),
    ]


@staff_page("orders.see", "orders.handle")
def index(request: Request) -> HttpResponse:
    """The list: tabs by state, filters in the address, saved views, newest first."""
    saved = listing.asked(request, queries.KIND, ROW_FILTERS)
    tree, view = saved.tree, saved.view
    tab = request.GET.get("tab") or ("all" if request.GET.get("state") or view or tree else "open")
    if TABS.get(tab):
        tree = bar.joined({"field": "state", "op": "in", "value": [str(state) for state in TABS[tab]]}, tree)
    whose = "mine" if request.GET.get("tab") == "mine" else "scope"
    page = queries.rows(request.actor, tree=tree, whose=whose, cursor=request.GET.get("after"))
    tabs = [
        ("open", _("Unsettled")), ("mine", _("Mine")), ("new", _("To be dispatched")), ("dispatched", _("To be accepted")),
        ("working", _("In hand")), ("completed", _("Completed")), ("all", _("All")),
    ]  # fmt: skip
    context = {
        "columns": _columns(),
        "rows": dressed(page.rows),
        "next_url": next_url_of(request, page.next),
        "tabs": [(code, label, f"?tab={code}") for code, label in tabs],
        "tab": tab,
        "filters": _filter_fields(request),
        "saved": saved,
        "kept_tree": tree,
        "batch": _batch(request),
    }
    return http.page(request, "workorders/list.html", context)


def _order_context(request: Request, order_id: int) -> dict[str, Any]:
    order = queries.get(request.actor, order_id)
    commands = commands_of(queries.KIND)
    presses = supervision.of_subject(order_id)
    running = supervision.running(order_id)
    return {
        "order": order,
        "commands": commands.pick(commands.allowed(request.actor, order_id)),
        "deadlines": clock.of_subject(order_id),
        "events": timeline.history(order_id),
        "notes": timeline.notes(order_id),
        "urges": presses["urges"],
        "supervisions": [{**row, "grade": Level(row["level"]).label} for row in presses["supervisions"]],
        "supervised": Level(running.level).label if running else "",
        "callbacks": callbacks.of_subject(order_id),
        "requests": [{**row, "reason": code_name("pause_reasons", row["reason"])} for row in queries.requests(order_id)],
        "helps": queries.helps(order_id),
        "files": files.of_subject(order_id),
        "contacts": contacts.leading_to(request.actor, order_id),
        "masked": {
            "name": mask("name", order.name),
            "phone": mask("phone", phone.shown(order.phone)),
            "address": mask("address", order.address),
        },
        "type_name": pick(order.type.name, order.type.name_en),
    }


@staff_page()
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The page of one order; as a fragment, the part that refreshes itself."""
    template = "workorders/_body.html" if http.wants_fragment(request) else "workorders/one.html"
    return http.page(request, template, _order_context(request, id))


@staff_page()
def row(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One row of the list again, after it changed."""
    queries.get(request.actor, id)
    found = queries.visible_to(request.actor).filter(pk=id).values(*queries.ROW)
    return http.page(
        request, "workorders/_row.html", {"columns": _columns(), "batch": _batch(request), "row": dressed([dict(found[0])])[0]}
    )


@staff_page()
def print_one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The dispatch instruction on paper (F-4)."""
    return http.page(request, "workorders/print.html", _order_context(request, id))


urlpatterns = [
    path("orders", index, name="orders"),
    path("orders/<int:id>", one, name="orders.one"),
    path("orders/<int:id>/row", row, name="orders.row"),
    path("orders/<int:id>/print", print_one, name="orders.print"),
    *command_urls(commands_of(queries.KIND), "orders", "order"),
    *batch_urls(commands_of(queries.KIND), BATCH, "orders", "order", _numbers),
    *settings_urls,
]
