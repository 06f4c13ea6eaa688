"""The list of the hotline's orders, one of them, a new one by hand, the answer on paper and the file of answers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.filters import listing
from kefu.engines.imports.pages import import_urls
from kefu.engines.measures import queries as measures
from kefu.engines.measures.period import Period
from kefu.engines.measures.registry import Measure
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook.queries import code_name
from kefu.kit import flash, http, moment, phone
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.fields import Field
from kefu.kit.paging import next_url_of
from kefu.kit.show import MISSING
from kefu.kit.tables import Column
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as timeline
from kefu.timeline.registry import subject_kinds
from kefu.touch.channels.hotline import queries, schemas, services, workbook
from kefu.touch.channels.hotline.choices import Kind, Rated, Role, Solved, Spoken, State, Verdict, Way

HOME = "/hotline"
TONES = {"open": "primary", "returning": "warning", "returned": "secondary", "reported": "success"}
FIGURES = ("hotline.on_time", "hotline.redo", "hotline.satisfied", "hotline.solved")
COMMANDS = commands_of(queries.KIND)


def _columns() -> list[Column]:
    return [
        Column("number", _("Number of the hotline"), fixed=True),
        Column("state", _("State"), "own"),
        Column("due_at", _("Limit on the order"), "own"),
        Column("category", _("Category of the hotline")),
        Column("contact__content", _("Content")),
        Column("caller", _("Caller")),
        Column("case", _("Case")),
        Column("role_name", _("We are"), optional=True),
        Column("contact__received_at", _("Passed on at"), "short_stamp"),
    ]


def dressed(row: dict[str, Any]) -> dict[str, Any]:
    """A row in words; a secret caller is told of to nobody."""
    row["id"] = row["contact_id"]
    row["caller"] = _("Secret") if row["secret"] else mask("name", row["contact__name"])
    row["state_name"], row["tone"] = State(row["state"]).label, TONES[row["state"]]
    row["role_name"], row["case"] = Role(row["role"]).label, row["contact__led_to__number"] or ""
    return row


@staff_page(queries.TAKE)
def index(request: Request) -> HttpResponse:
    """What is due next, and the other tabs; the figures of this month above."""
    saved = listing.asked(request, queries.KIND, ("number", "category", "content", "role"))
    tab = request.GET.get("tab", "")
    tab = tab if tab in queries.TABS else "all" if saved.tree else "due"
    page = queries.rows(request.actor, tab=tab, tree=saved.tree, cursor=request.GET.get("after"))
    tabs = [("due", _("Due next")), ("returned", _("Returns")), ("redo", _("Redo")), ("reported", _("Reported back")), ("all", _("All"))]
    context = {
        "columns": _columns(),
        "rows": [dressed(row) for row in page.rows],
        "next_url": next_url_of(request, page.next),
        "tabs": [(code, label, f"?tab={code}") for code, label in tabs],
        "tab": tab,
        "filters": _filters(request),
        "saved": saved,
        "figures": _figures(request),
    }
    return http.page(request, "hotline/list.html", context)


def _filters(request: Request) -> list[Field]:
    given = request.GET
    return [
        Field("number", _("Number of the hotline"), value=given.get("number", "")),
        Field("category", _("Category of the hotline"), value=given.get("category", "")),
        Field("content", _("Content"), value=given.get("content", "")),
        Field("role", _("We are"), "select", value=given.get("role"), choices=Role.choices),
    ]


def _figures(request: Request) -> list[dict[str, Any]]:
    """The figures of this month, for who may read reports."""
    actor = request.actor
    if not actor.can("reports.see"):
        return []
    read = measures.Reading(FIGURES, Period.now(), actor=actor)
    return [_card(read.measures[code], read.total(code).value, code) for code in FIGURES]


def _card(measure: Measure, value: Any, code: str) -> dict[str, Any]:
    told = MISSING if value is None else f"{float(value):.1%}"
    return {"label": measure.name, "value": told, "definition": measure.definition, "url": f"/reports/rows?measure={code}"}


def _one(request: Request, order_id: int) -> dict[str, Any]:
    row = dressed(queries.row(request.actor, order_id))
    hides = row["secret"] and not request.actor.can("secrets.see")
    shown = {
        "name": mask("name", row["contact__name"]),
        "phone": mask("phone", phone.shown(row["contact__phone"])),
        "address": mask("address", row["contact__address"]),
    }
    return {
        "order": row,
        "hides": hides,
        "masked": shown,
        "rounds": [{**one, "rated_name": Rated(one["rated"]).label if one["rated"] else ""} for one in queries.rounds(order_id)],
        "told": _enclosed([worded(one) for one in queries.told(order_id)]),
    }


def _enclosed(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the files that went along."""
    known = files.briefs([pk for one in told for pk in one["files"]])
    return [{**one, "enclosed": [known[pk] for pk in one["files"] if pk in known]} for one in told]


def worded(one: dict[str, Any]) -> dict[str, Any]:
    """What the hotline was told, in words."""
    words = {"kind": Kind, "way": Way, "solved": Solved, "spoken": Spoken, "verdict": Verdict}
    found = {f"{name}_name": kind(one[name]).label if one[name] else "" for name, kind in words.items()}
    return {**one, **found, "reason_name": code_name("hotline_return_reasons", one["reason"]) if one["reason"] else ""}


@staff_page(queries.TAKE)
def one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One order: what was passed on, its limit, its rounds, what the hotline was told."""
    context = _one(request, id)
    led_to = context["order"]["contact__led_to_id"]
    seen = timeline.led_to(request.actor, [led_to]) if led_to else []
    context |= {
        "case_url": subject_kinds[seen[0]["kind"]].url(led_to) if seen else "",
        "commands": COMMANDS.pick(COMMANDS.allowed(request.actor, id)),
        "customer_url": _customer_url(request, context),
        "deadlines": clock.of_subject(id),
        "events": timeline.history(id),
        "files": [] if context["hides"] else files.of_subject(id),
    }
    return http.page(request, "hotline/one.html", context)


def _customer_url(request: Request, context: dict[str, Any]) -> str:
    """The file of the caller, for who may know and see it."""
    pk = context["order"]["contact__customer_id"]
    return f"/customers/{pk}" if pk and not context["hides"] and request.actor.can("customers.see") else ""


@staff_page(queries.TAKE)
def print_one(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """The answer in the hotline's form, on paper (答复单)."""
    return http.page(request, "hotline/print.html", _one(request, id))


@staff_page(queries.TAKE)
def new(request: Request) -> HttpResponse:
    """An order that came by telephone, fax or letter, keyed in by hand."""

    def keep(**values: Any) -> HttpResponse:
        taken = services.take_in(actor=request.actor, **values)
        may_be_hidden = taken.order.secret or taken.what != "new"
        if may_be_hidden and not queries.visible_to(request.actor).filter(pk=taken.order.pk).exists():
            return flash.tell(http.go(request, HOME), _("Taken in. It is secret: those who may see secrets work on it."))
        said = {"new": _("Taken in."), "redo": _("A redo round has begun."), "same": _("This order is known already; nothing was changed.")}
        return flash.tell(http.go(request, f"{HOME}/{taken.order.pk}"), said[taken.what])

    return page_forms.ask(request, _("New order of the city hotline"), keep, back_url=HOME, schema=schemas.HotlineIn)


def _day(text: str, default: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


@staff_page(queries.TAKE)
def answers(request: Request) -> HttpResponse:
    """The answers of some days as an Excel file in the hotline's columns; nobody who called is named in it."""
    today = timezone.localdate(moment.now())
    first, last = _day(request.GET.get("from", ""), today), _day(request.GET.get("to", ""), today)
    zone = timezone.get_current_timezone()
    since = datetime.combine(first, time.min, zone)
    until = datetime.combine(min(last, date(9000, 1, 1)) + timedelta(days=1), time.min, zone)
    rows = [worded(row) for row in queries.answers(request.actor, since=since, until=until)]
    headers = {"Content-Disposition": f'attachment; filename="12345-answers-{first}-{last}.xlsx"'}
    return HttpResponse(workbook.answers_file(rows), content_type=workbook.MEDIA, headers=headers)


urlpatterns = [
    path("hotline", index, name="hotline"),
    path("hotline/new", new, name="hotline.new"),
    path("hotline/answers.xlsx", answers, name="hotline.answers"),
    path("hotline/<int:id>", one, name="hotline.one"),
    path("hotline/<int:id>/print", print_one, name="hotline.print"),
    *import_urls(queries.KIND, "hotline/import", queries.TAKE),
    *command_urls(COMMANDS, "hotline", "hotline", anew=True),
]
