"""The list of orders and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from kefu.cases.callbacks import queries as callbacks
from kefu.cases.callbacks.choices import TaskState
from kefu.cases.supervision import policies as pressing
from kefu.cases.supervision import queries as supervision
from kefu.cases.supervision.choices import Level
from kefu.cases.workorders import policies, queries
from kefu.cases.workorders.choices import OPEN, State, Urgency
from kefu.cases.workorders.settings_pages import urlpatterns as settings_urls
from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.filters import bar, listing
from kefu.engines.privacy.masking import mask, masker
from kefu.engines.rulebook.queries import code_name
from kefu.kit import http, phone
from kefu.kit.batch_pages import batch_urls
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import Command, commands_of
from kefu.kit.fields import Field
from kefu.kit.language import in_chinese, pick
from kefu.kit.paging import next_url_of
from kefu.kit.pieces import due_tags, mark, state_tag
from kefu.kit.show import MISSING
from kefu.kit.tables import Column, Columns
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.people.queries import unit_choices
from kefu.timeline import queries as timeline
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts.choices import Channel, Outcome

TABS = {
    "new": [State.NEW],
    "dispatched": [State.DISPATCHED],
    "working": [State.WORKING, State.SUSPENDED],
    "completed": [State.COMPLETED],
    "open": list(OPEN),
    "all": [],
}
ROW_FILTERS = ("number", "state", "type_kind", "category", "urgency", "channel", "unit", "name", "address", "content", "accepted_at")


COMMANDS = commands_of(queries.KIND)
PARTS = ("orders-found", "orders")
TONES = {"new": "warning", "dispatched": "warning", "working": "primary", "suspended": "info", "completed": "success"}


@Columns.by_language
def _columns() -> list[Column]:
    return [
        Column("subject__number", _("Number"), "own", fixed=True, draw=_number_cell()),
        Column("state", _("State"), "own", draw=_state_cell()),
        Column("type", _("Type")),
        Column("content", _("Content")),
        Column("name", _("Customer")),
        Column("address", _("Address"), optional=True),
        Column("unit__name", _("Unit")),
        Column("handler__name", _("Handler")),
        Column("accepted_at", _("Accepted at"), "short_stamp"),
        Column("due", _("Next due"), "own", drawing=_due_cell),
    ]


def _number_cell() -> Callable[[Any], Any]:
    marks = {"emergency": " " + mark(_("Emergency"), "danger"), "urgent": " " + mark(_("Urgent"), "warning")}

    def draw(row: Any) -> Any:
        pressing = marks.get(row["urgency"])
        return escape(row["subject__number"]) + pressing if pressing else row["subject__number"]

    return draw


def _state_cell() -> Callable[[Any], Any]:
    states = {state.value: state_tag(state.label, TONES.get(state, "secondary")) for state in State}

    def draw(row: Any) -> Markup:
        shown = states[row["state"]]
        if row["urged"]:
            shown += " " + mark(_("Urged %(n)s×") % {"n": row["urged"]}, "warning")
        if row["supervised"]:
            shown += " " + mark(row["supervised"], "danger")
        if row["help"]:
            shown += " " + mark(_("Help asked of %(names)s") % {"names": row["help"]}, "warning")
        if row["redo_round"]:
            shown += " " + mark(_("Redo %(n)s") % {"n": row["redo_round"]}, "warning")
        return shown

    return draw


def _due_cell() -> Callable[[Any], Any]:
    tag = due_tags()
    return lambda row: Markup(tag(row["due"])) if row["due"] else MISSING  # noqa: S704 - drawn by a piece


BATCH = {"dispatch": "orders.dispatch", "urge": "orders.urge", "supervise": "orders.supervise"}


def _batch(request: Request) -> list[tuple[str, Any]]:
    """The commands that a person may give to many rows; each row is judged by itself all the same."""
    by_name = COMMANDS.by_name
    return [(name, by_name[name].label) for name, right in BATCH.items() if request.actor.can(right) and name in by_name]


def _numbers(actor: Actor, ids: list[int]) -> dict[int, str]:
    return dict(queries.visible_to(actor).filter(pk__in=ids).order_by("pk").values_list("pk", "subject__number"))


def dressed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a list with what other engines know of them: four queries for the whole page. Personal values leave masked."""
    ids = [row["subject_id"] for row in rows]
    due, marks, chinese = clock.next_due(ids), supervision.marks(ids), in_chinese()
    masked_name, masked_address = masker("name"), masker("address")
    for row in rows:
        pk = row["id"] = row["subject_id"]
        row["due"] = due.get(pk)
        pressed = marks.get(pk, _NOT_PRESSED)
        row["urged"] = pressed.get("urged", 0)
        row["help"] = pressed.get("help", "")
        row["supervised"] = Level(pressed["level"]).label if "level" in pressed else ""
        row["type"] = row["type__name"] if chinese else row["type__name_en"] or row["type__name"]
        row["name"] = masked_name(row["name"])
        row["address"] = masked_address(row["address"])
    return rows


_NOT_PRESSED: dict[str, Any] = {}


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
    states = tuple(str(state) for state in TABS.get(tab, ()))
    whose = "mine" if request.GET.get("tab") == "mine" else "scope"
    page = queries.rows(request.actor, tree=tree, states=states, whose=whose, cursor=request.GET.get("after"))
    if states:
        tree = bar.joined({"field": "state", "op": "in", "value": list(states)}, tree)
    tabs = [
        ("open", _("Unsettled")), ("mine", _("Mine")), ("new", _("To be dispatched")), ("dispatched", _("To be accepted")),
        ("working", _("In hand")), ("completed", _("Completed")), ("all", _("All")),
    ]  # fmt: skip
    context = {
        "columns": _columns(),
        "rows": dressed(page.rows),
        "next_url": next_url_of(request, page.next),
        "tabs": tuple((code, label, f"/orders?tab={code}") for code, label in tabs),
        # A tab drops the filters: where some are set, the filter row has to be drawn anew with it.
        "tabs_part": "" if request.GET.keys() - {"tab", "after"} else "#orders-found",
        "tab": tab,
        "kept": {"tab": tab, "view": view.pk} if view else {"tab": tab},
        "saved": saved,
        "kept_tree": tree,
        "batch": _batch(request),
    }
    if http.part_wanted(request) in PARTS:
        return http.page(request, "workorders/_part.html", context)
    return http.page(request, "workorders/list.html", {**context, "filters": _filter_fields(request)})


def _allowed(actor: Actor, order: dict[str, Any], shown: dict[str, Any]) -> list[Command]:
    """The commands of an order and of its supervision, judged on what its page has read already."""
    facts = queries.facts_among(order, shown["requests"], shown["helps"])
    facts = facts._replace(owed_callback=any(one["state"] == TaskState.OPEN for one in shown["callbacks"]))
    case = supervision.facts_among(
        {name: shown[name] for name in (*supervision.NO_PRESS, "calls")},
        open_=order["subject__closed_at"] is None,
        unit_path=order["subject__unit_path"],
        owner_id=order["subject__owner_id"],
    )
    found = policies.allowed(actor, facts)
    if policies.may_press(actor, facts, case.owner_id):
        found |= pressing.allowed(actor, case)
    return COMMANDS.pick(found)


def _lists(order: dict[str, Any]) -> dict[str, Any]:
    """What hangs on an order."""
    pk = order["subject_id"]
    return {
        "deadlines": clock.of_subject(pk, paused=order["any_pause"]),
        "events": timeline.history(pk),
        "notes": timeline.notes(pk) if order["any_note"] else [],
        **(supervision.of_subject(pk) if order["any_press"] else supervision.NO_PRESS),
        "calls": supervision.calls(pk) if order["any_press"] else [],
        "callbacks": callbacks.of_subject(pk) if order["any_callback"] else [],
        "requests": queries.requests(pk) if order["any_request"] else [],
        "helps": queries.helps(pk) if order["any_help"] else [],
        "files": files.of_subject(pk) if order["any_file"] else [],
    }


def _order_context(request: Request, order_id: int) -> dict[str, Any]:
    order = queries.whole(request.actor, order_id)
    shown = _lists(order)
    commands, quote = _allowed(request.actor, order, shown), order["quote"]
    for one in shown["supervisions"]:
        one["grade"] = Level(one["level"]).label
    for one in shown["requests"]:
        one["reason"] = code_name("pause_reasons", one["reason"])
    return {
        **shown,
        "order": order,
        "commands": commands,
        "supervised": next((one["grade"] for one in reversed(shown["supervisions"]) if one["lifted_at"] is None), ""),
        "came_by": tuple(
            (one["subject_id"], one["subject__number"], one["received_at"], one["agent__name"], one["outcome"] == Outcome.URGE)
            for one in contacts.leading_to(request.actor, order_id)
        ),
        "quoted": (quote.get("price_item", ""), quote.get("price", "")) if quote else None,
        "masked": {
            "name": mask("name", order["name"]),
            "phone": mask("phone", phone.shown(order["phone"])),
            "address": mask("address", order["address"]),
        },
        "type_name": pick(order["type__name"], order["type__name_en"]),
        "state_tone": TONES.get(order["state"], "secondary"),
        "words": {
            "state": State(order["state"]).label,
            "urgency": Urgency(order["urgency"]).label,
            "channel": str(Channel(order["channel"]).label),
        },
    }


@staff_page()
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The page of one order; as a fragment, the part that refreshes itself."""
    context = _order_context(request, id)
    if http.wants_fragment(request):
        # htmx sends the token of the page around in a header.
        return http.page(request, "workorders/_body.html", {**context, "in_page": True})
    return http.page(request, "workorders/one.html", {**context, "in_page": False})


@staff_page()
def row(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One row of the list again, after it changed."""
    found = dressed([queries.row(request.actor, id)])
    return http.page(request, "workorders/_row.html", {"columns": _columns(), "batch": _batch(request), "row": found[0]})


@staff_page()
def print_one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The dispatch instruction on paper (F-4)."""
    return http.page(request, "workorders/print.html", _order_context(request, id))


urlpatterns = [
    path("orders", index, name="orders"),
    path("orders/<int:id>", one, name="orders.one"),
    path("orders/<int:id>/row", row, name="orders.row"),
    path("orders/<int:id>/print", print_one, name="orders.print"),
    *command_urls(COMMANDS, "orders", "order"),
    *batch_urls(COMMANDS, BATCH, "orders", "order", _numbers),
    *settings_urls,
]
