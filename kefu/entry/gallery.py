"""Every page piece once with sample data, for those who build pages; open only in debug."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from kefu.kit import http, moment
from kefu.kit.commands import Command
from kefu.kit.errors import NotFound
from kefu.kit.fields import Field
from kefu.kit.tables import Column

HOSTILE = "<script>alert(1)</script>"


def _columns() -> list[Column]:
    return [
        Column("number", _("Number"), fixed=True),
        Column("title", _("Title")),
        Column("state", _("State"), "own"),
        Column("unit", _("Unit")),
        Column("cost", _("Cost"), "number", unit=_("yuan")),
        Column("opened_at", _("Opened"), "short_stamp"),
        Column("due", _("Due"), "own"),
        Column("share", _("Share"), "percent", optional=True),
    ]


def _deadlines() -> list[dict[str, Any]]:
    at = moment.now()
    name = _("Result")
    return [
        {"name": name, "due_at": at + timedelta(hours=30), "state": "open", "clauses": ["R-04-3.5"]},
        {"name": name, "due_at": at + timedelta(hours=3), "state": "open", "clauses": ["R-04-3.7.1"]},
        {"name": name, "due_at": at - timedelta(hours=2), "state": "open", "clauses": ["R-04-3.7.1"]},
        {"name": name, "due_at": at + timedelta(days=2), "state": "paused", "clauses": []},
        {"name": name, "due_at": at - timedelta(days=1), "state": "met", "settled_at": at - timedelta(days=2), "clauses": ["R-04-3.6"]},
        {"name": name, "due_at": at - timedelta(days=1), "state": "late", "settled_at": at, "clauses": ["R-04-3.6"]},
        {"name": name, "due_at": at, "state": "void", "clauses": []},
    ]


def _rows() -> list[dict[str, Any]]:
    at = moment.now()
    titles = ("3 号楼停水", "电梯困人", HOSTILE, "", "楼道灯不亮，已报修两次仍未处理，业主要求书面答复")
    dues = _deadlines()
    return [
        {
            "id": n,
            "number": f"WO-20261122-{n:05d}",
            "title": titles[n % 5],
            "state": ("success", "warning", "primary", "danger")[n % 4],
            "unit": "维修一班",
            "cost": None if n % 5 == 3 else 1200 * n + 0.5,
            "opened_at": at - timedelta(hours=7 * n),
            "due": dues[n % 7],
            "share": n / 13,
        }
        for n in range(1, 13)
    ]


def _fields() -> list[Field]:
    units = [(1, "工程部"), (2, "\u3000维修一班"), (3, "保洁部")]
    first, second = _("What is the matter"), _("Further")
    return [
        Field("title", _("Title"), required=True, maxlength=80, group=first, value=HOSTILE),
        Field("phone", _("Phone"), "phone", value="13800000000", error=_("This is not a phone number."), group=first),
        Field("text", _("Words of the customer"), "textarea", hint=_("As the customer says it"), group=first),
        Field("unit", _("Unit"), "unit", choices=units, value=2, group=first),
        Field("staff", _("Person"), "staff", src="/-/components/options", group=first),
        Field("cost", _("Cost"), "number", unit=_("yuan"), min=0, step="0.01", value=12.5, group=second),
        Field("day", _("Day"), "date", value=moment.now().date(), group=second),
        Field("at", _("Time"), "datetime", value=moment.now(), group=second),
        Field("channel", _("Channel"), "radio", choices=[("phone", _("Phone")), ("visit", _("Visit"))], value="visit", group=second),
        Field("marks", _("Marks"), "checks", choices=[("urgent", _("Urgent")), ("press", _("Press"))], value=["urgent"], group=second),
        Field("many", _("Units"), "multi", choices=units, value=[1, 3], group=second),
        Field("public", _("Visible to the customer"), "switch", value=True, group=second),
        Field("photo", _("Photo"), "photo", multiple=True, group=second),
    ]


def _commands() -> tuple[Command, ...]:
    return (
        Command("accept", _("Accept"), print, tone="primary"),
        Command("return", _("Return to the dispatcher"), print),
        Command("extend", _("Ask for an extension"), print),
        Command("note", _("Add a note"), print),
        Command("void", _("Void: the number is never used again"), print, tone="danger"),
    )


def _events() -> list[dict[str, Any]]:
    at = moment.now()
    chen = {"actor__name": "陈静", "actor__number": "021"}
    return [
        {"kind": "x", "text": _("completed"), "icon": "check", "at": at, **chen, "clauses": ["R-04-1.4"], "audience": "customer"},
        {"kind": "note.added", "data": {"text": "x"}, "body": HOSTILE, "at": at - timedelta(hours=1), **chen, "clauses": []},
        {"kind": "y", "text": _("the limit was exceeded"), "at": at - timedelta(hours=2), "clauses": ["R-04-3.7.1"]},
    ]


def _chart() -> dict[str, Any]:
    days = [f"11-{day}" for day in range(16, 23)]
    data = [32, 41, 28, 51, 47, 18, 15]
    return {
        "options": {"xAxis": {"type": "category", "data": days}, "yAxis": {"type": "value"}, "series": [{"type": "bar", "data": data}]},
        "head": [_("Day"), _("Orders")],
        "rows": list(map(list, zip(days, data, strict=True))),
    }


def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise NotFound()
    context = {
        "columns": _columns(),
        "rows": _rows(),
        "deadlines": _deadlines(),
        "fields": _fields(),
        "commands": _commands(),
        "events": _events(),
        "chart": _chart(),
        "hostile": HOSTILE,
    }
    return http.page(request, "gallery/components.html", context)


urlpatterns: list[URLPattern] = [path("-/components", gallery, name="components")]
