"""Pages: packs, regulations, code lists, script texts, dated values."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from kefu.engines.rulebook import overview, policies, queries, schemas, scripts, services
from kefu.engines.rulebook.choices import Moment
from kefu.engines.rulebook.declares import COMMANDS
from kefu.engines.rulebook.models import CodeItem
from kefu.kit import flash, http
from kefu.kit.choices_registry import source_of
from kefu.kit.command_pages import command_urls
from kefu.kit.language import label_of
from kefu.kit.paging import next_url_of
from kefu.kit.show import MISSING
from kefu.kit.tables import Column
from kefu.people import page_forms
from kefu.people.http import Request, staff_page

SETTING, LIST, ITEM, TEXT, REGULATION = COMMANDS
HOWS = {
    "limit": gettext_lazy("Limit"),
    "form": gettext_lazy("Form"),
    "gate": gettext_lazy("Gate"),
    "list": gettext_lazy("List"),
    "setting": gettext_lazy("Setting"),
    "measure": gettext_lazy("Measure"),
    "screen": gettext_lazy("Screen"),
    "test": gettext_lazy("Test"),
    "text": gettext_lazy("Script text"),
    "post": gettext_lazy("Post"),
    "rule": gettext_lazy("Rule"),
}


def shown_value(value: object, *, deep: bool = False) -> str:
    """A value for a table: yes or no, numbers and words plainly, lists one behind the other, "name: value" of what has names."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None or value == "" or value == [] or value == {}:
        return MISSING
    if isinstance(value, list):
        text = _(", ").join(shown_value(one, deep=True) for one in value)
    elif isinstance(value, dict):
        text = _(", ").join(f"{_shown_code(name)} {shown_value(one, deep=True)}" for name, one in value.items())
    else:
        return _shown_code(value) if deep and isinstance(value, str) else str(value)
    return f"({text})" if deep else text


def _shown_code(code: str) -> str:
    """A channel by its name, anything else as it is written."""
    return {str(one): str(name) for one, name in source_of("channels").give(None, None)}.get(code, code)


@staff_page(*policies.READERS)
def packs(request: Request) -> HttpResponseBase:
    return http.page(request, "rulebook/packs.html", {"packs": overview.packs()})


@staff_page(*policies.READERS)
def pack(request: Request, code: str) -> HttpResponseBase:
    """What a pack holds and what loading it would change."""
    return http.page(request, "rulebook/pack.html", {"code": code, **overview.pack(code), "may_load": request.actor.can(policies.MANAGE)})


@require_POST
@staff_page(policies.MANAGE)
def load(request: Request, code: str) -> HttpResponseBase:
    overview.pack(code)
    changes = services.load_pack(actor=request.actor, pack=code)
    text = ngettext("%(count)d change was loaded.", "%(count)d changes were loaded.", len(changes)) % {"count": len(changes)}
    return flash.tell(http.go(request, f"/settings/packs/{code}"), text)


@staff_page()
def regulations(request: Request) -> HttpResponseBase:
    return http.page(request, "rulebook/regulations.html", {"regulations": overview.regulations(request.actor)})


@staff_page()
def regulation(request: Request, code: str) -> HttpResponseBase:
    """One regulation: its head, its clauses, what carries them out."""
    found = queries.regulation(code)
    commands = REGULATION.pick(REGULATION.allowed(request.actor, found["id"]))
    return http.page(
        request,
        "rulebook/regulation.html",
        {"regulation": found, "commands": commands, "receipts": overview.receipts(found["id"]), "hows": HOWS},
    )


@staff_page(*policies.READERS)
def lists(request: Request) -> HttpResponseBase:
    columns = [
        Column("name", _("Name"), kind="own"),
        Column("code", _("Code")),
        Column("count", _("Choices"), kind="number"),
        Column("clauses", _("Clauses"), kind="own"),
    ]
    return http.page(request, "rulebook/lists.html", {"columns": columns, "lists": overview.lists()})


@staff_page(*policies.READERS)
def code_list(request: Request, id: int) -> HttpResponseBase:  # noqa: A002
    found = overview.code_list(id)
    commands = LIST.pick({"add"} if request.actor.can(policies.MANAGE) else ())
    return http.page(request, "rulebook/list.html", {"list": found, "commands": commands, "may_change": request.actor.can(policies.MANAGE)})


@staff_page(*policies.READERS)
def values(request: Request) -> HttpResponseBase:
    word = request.GET.get("q", "").strip()[:60]
    page = overview.values(request.GET.get("after"), word)
    columns = [
        Column("name", _("Name"), kind="own"),
        Column("key", _("Code")),
        Column("value", _("Value"), kind="own"),
        Column("valid_from", _("Valid from"), kind="stamp"),
        Column("clauses", _("Clauses"), kind="own"),
        Column("pack", _("Source"), kind="own"),
    ]
    return http.page(
        request,
        "rulebook/values.html",
        {"columns": columns, "shown_value": shown_value, "rows": page.rows, "next_url": next_url_of(request, page.next), "word": word},
    )


@staff_page(*policies.READERS)
def value(request: Request, id: int) -> HttpResponseBase:  # noqa: A002
    """One value with all its versions."""
    versions = overview.versions(id)
    commands = SETTING.pick({"set"} if request.actor.can(policies.MANAGE) else ())
    return http.page(request, "rulebook/value.html", {"id": id, "shown_value": shown_value, "versions": versions, "commands": commands})


@staff_page(*policies.READERS)
def texts(request: Request) -> HttpResponseBase:
    """What is said at which moment of a talk."""
    groups = [(name, list(rows)) for name, rows in groupby(scripts.rows(request.actor), lambda row: label_of(Moment)(row["moment"]))]
    channels = {code: str(name) for code, name in source_of("channels").give(request.actor, None)}
    context = {"groups": groups, "channels": channels, "may_change": request.actor.can(policies.MANAGE), "places": scripts.PLACES}
    return http.page(request, "rulebook/texts.html", context)


@staff_page(policies.MANAGE)
def new_text(request: Request) -> HttpResponseBase:
    def keep(**values: str) -> HttpResponse:
        scripts.add(actor=request.actor, **values)
        return flash.tell(http.go(request, "/settings/texts"), _("Saved."))

    return page_forms.ask(request, _("New script text"), keep, back_url="/settings/texts", schema=schemas.ScriptText)


def _texts(_text_id: int) -> str:
    return "/settings/texts"


def _list_of_item(item_id: int) -> str:
    return f"/settings/lists/{CodeItem.objects.values_list('code_list_id', flat=True).get(pk=item_id)}"


def _regulation_url(regulation_id: int) -> str:
    return f"/regulations/{queries.regulation_code(regulation_id)}"


urlpatterns = [
    path("settings/packs", packs, name="packs"),
    path("settings/packs/<slug:code>", pack, name="pack"),
    path("settings/packs/<slug:code>/load", load, name="pack-load"),
    path("regulations", regulations, name="regulations"),
    path("regulations/<str:code>", regulation, name="regulation"),
    path("settings/lists", lists, name="lists"),
    path("settings/lists/<int:id>", code_list, name="list"),
    path("settings/values", values, name="values"),
    path("settings/values/<int:id>", value, name="value"),
    path("settings/texts", texts, name="texts"),
    path("settings/texts/new", new_text, name="text-new"),
    *command_urls(TEXT, "settings/texts", "text", _texts),
    *command_urls(SETTING, "settings/values", "value"),
    *command_urls(LIST, "settings/lists", "list"),
    *command_urls(ITEM, "settings/items", "item", _list_of_item),
    *command_urls(REGULATION, "regulations/by-id", "regulation", _regulation_url),
]
