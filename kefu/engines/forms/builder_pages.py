"""Settings: the list of forms, one form with its versions, the builder and its expert side (YAML)."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.forms import builder, drawing, printing, publish, queries
from kefu.engines.forms.choices import Blocks, FieldKind
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.publish import BadDefinition, Mistake
from kefu.engines.forms.registry import code_lists
from kefu.engines.forms.validate import initial
from kefu.kit import flash, http
from kefu.kit.errors import Invalid, NotFound
from kefu.people.http import Request, staff_page
from kefu.people.registry import rights

MANAGE = "settings.manage"


@staff_page(MANAGE)
def forms_list(request: Request) -> HttpResponseBase:
    return http.page(request, "forms/list.html", {"rows": queries.all_current()})


@staff_page(MANAGE)
def one(request: Request, code: str) -> HttpResponseBase:
    """A form with its versions; ?version=N looks at an older one, ?print=1 at its empty paper."""
    versions = queries.versions(code)
    if not versions:
        raise NotFound()
    wanted = request.GET.get("version", "")
    chosen = next((row for row in versions if str(row["version"]) == wanted), versions[0])
    definition = queries.definition_of(chosen["id"])
    if "print" in request.GET:
        return HttpResponse(printing.sheet(drawing.view(definition, {}, mode="print")))
    view = drawing.view(definition, initial(definition), mode="edit")
    context = {"code": code, "versions": versions, "chosen": chosen, "view": view, "definition": definition}
    return http.page(request, "forms/one.html", context)


def _draft(request: Request, code: str) -> builder.Draft:
    if request.method == "POST":
        return builder.take(builder.load(request.POST.get("draft", "")), request.POST.dict())
    if code:
        versions = queries.versions(code)
        if not versions:
            raise NotFound()
        return builder.draft_of(queries.definition_of(versions[0]["id"]))
    return builder.empty_draft()


@staff_page(MANAGE)
def edit(request: Request, code: str = "") -> HttpResponseBase:
    """The builder. Every button posts the whole draft; the answer is the builder again (a fragment for htmx, a page without)."""
    draft = _draft(request, code)
    if code:
        draft["code"] = code
    if request.method != "POST":
        return _builder(request, code, draft, [])
    pressed = request.POST.get("_step", "")
    if pressed:
        draft = builder.step(draft, pressed)
    try:
        definition = publish.read(draft)
    except BadDefinition as bad:
        return _builder(request, code, draft, bad.mistakes)
    if "_publish" in request.POST:
        return _publish(request, definition, lambda mistakes: _builder(request, code, draft, mistakes))
    return _builder(request, code, draft, [], definition)


def _publish(request: Request, definition: Definition, again: Any) -> HttpResponse:
    """Save as a new version from the day that was chosen."""
    try:
        told = request.POST.get("valid_from", "").strip()
        start = date.fromisoformat(told) if told else None
        row = publish.publish(actor=request.actor, definition=definition, valid_from=start)
    except ValueError:
        return again([Mistake(0, "valid_from", _("Write a date, such as 2026-03-01."))])  # type: ignore[no-any-return]
    except Invalid as refusal:
        return again([Mistake(0, name, str(text)) for name, text in refusal.fields.items()])  # type: ignore[no-any-return]
    text = _("Version %(version)d is saved; it is used from %(day)s on.") % {"version": row.version, "day": row.valid_from}
    return flash.tell(http.go(request, f"/settings/forms/{definition.code}"), text)


def _builder(
    request: Request, code: str, draft: builder.Draft, mistakes: list[Mistake], definition: Definition | None = None
) -> HttpResponse:
    if definition is None and not mistakes:
        definition = _readable(draft)
    context = {
        "code": code,
        "draft": builder.soft(draft),
        "carried": orjson.dumps(draft).decode(),
        "mistakes": mistakes,
        "preview": drawing.view(definition, initial(definition), mode="edit") if definition else None,
        "kinds": FieldKind.choices,
        "lists": [(item.code, item.name) for item in code_lists],
        "moments": Blocks.choices,
        "rights": [(right.code, right.name) for right in rights],
        "when": lambda gate: orjson.dumps(gate.get("when", {})).decode() if not isinstance(gate.get("when"), str) else gate["when"],
        "today": queries.local_day().isoformat(),
        "valid_from": request.POST.get("valid_from", ""),
    }
    fragment = http.wants_fragment(request) and request.method == "POST"
    return http.page(request, "forms/_builder.html" if fragment else "forms/edit.html", context)


def _readable(draft: builder.Draft) -> Definition | None:
    try:
        return publish.read(draft)
    except BadDefinition:
        return None


@staff_page(MANAGE)
def expert(request: Request, code: str = "") -> HttpResponseBase:
    """The definition as YAML; mistakes are shown with their lines, nothing is lost."""
    if request.method != "POST":
        text = publish.to_yaml(publish.read(_draft(request, code)) if code else _example())
        return _expert(request, code, text, [])
    text = request.POST.get("yaml", "")
    try:
        definition = publish.from_yaml(text)
        if code and definition.code != code:
            raise BadDefinition([Mistake(1, "code", _("The code of a form cannot change. Make a new form instead."))])
    except BadDefinition as bad:
        return _expert(request, code, text, bad.mistakes)
    if "_publish" in request.POST:
        return _publish(request, definition, lambda mistakes: _expert(request, code, text, mistakes))
    return _expert(request, code, text, [], definition)


def _example() -> Definition:
    draft = builder.empty_draft()
    return publish.read({**draft, "code": "new-form", "name": _("New form")})


def _expert(request: Request, code: str, text: str, mistakes: list[Mistake], definition: Definition | None = None) -> HttpResponse:
    preview = drawing.view(definition, initial(definition), mode="edit") if definition else None
    context = {"code": code, "yaml": text, "mistakes": mistakes, "preview": preview, "today": queries.local_day().isoformat()}
    context["valid_from"] = request.POST.get("valid_from", "")
    return http.page(request, "forms/expert.html", context, status=422 if mistakes else 200)


urlpatterns = [
    path("settings/forms", forms_list, name="forms.list"),
    path("settings/forms/new", edit, name="forms.new"),
    path("settings/forms/new/yaml", expert, name="forms.new_expert"),
    path("settings/forms/<str:code>", one, name="forms.one"),
    path("settings/forms/<str:code>/edit", edit, name="forms.edit"),
    path("settings/forms/<str:code>/yaml", expert, name="forms.expert"),
]
