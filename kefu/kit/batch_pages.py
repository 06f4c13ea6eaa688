"""One command given to many ticked rows: asked once, judged and carried out for each row by itself, told row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from pydantic import ValidationError

from kefu.kit import http, schema_fields, validation
from kefu.kit.commands import Command, CommandSet
from kefu.kit.errors import Conflict, Invalid, KefuError, NotFound, NotSignedIn

MOST = 200
Titles = Callable[[Any, list[int]], Mapping[int, str]]


def batch_urls(commands: CommandSet, names: Iterable[str], prefix: str, name: str, titles: Titles) -> list[URLPattern]:
    """``/<prefix>/batch/<command>?id=1&id=2``: GET asks the command's fields, POST gives it to every row and tells what became of each.

    ``titles(actor, ids)`` names the rows that the person sees; others are left out. At most ``MOST`` rows.
    """
    offered = set(names)

    def view(request: HttpRequest, command: str) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is None:
            raise NotSignedIn()
        known = commands.by_name.get(command) if command in offered else None
        if known is None:
            raise NotFound()
        sent = request.POST if request.method == "POST" else request.GET
        rows = titles(actor, _ids(sent))
        if not rows:
            raise Invalid(_("Tick the rows first."))
        return _give(request, commands, known, rows) if request.method == "POST" else _ask(request, known, rows)

    view.rights = ()  # type: ignore[attr-defined]
    return [path(f"{prefix}/batch/<slug:command>", view, name=f"{name}-batch")]


def _ids(sent: QueryDict) -> list[int]:
    found = dict.fromkeys(int(one) for one in sent.getlist("id") if one.isascii() and one.isdecimal() and len(one) < 18)
    return list(found)[:MOST]


def _ask(
    request: HttpRequest, command: Command, rows: Mapping[int, str], values: Mapping[str, Any] | None = None, error: KefuError | None = None
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    faults = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(command.schema, actor=actor, id=next(iter(rows)), values=values, errors=faults)
    context = {"command": command, "rows": rows, "fields": fields, "error": error.message() if error else "", "results": None}
    response = http.page(request, "kit/batch.html", context, status=error.status if error else 200)
    if error:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#drawer", "innerHTML"
    return response


def _give(request: HttpRequest, commands: CommandSet, command: Command, rows: Mapping[int, str]) -> HttpResponse:
    typed = schema_fields.typed(command.schema, request.POST)
    if command.confirm and request.POST.get("_confirm") != "yes":
        return _ask(request, command, rows, typed, Invalid(_("Please confirm.")))
    try:
        body = command.schema.model_validate(typed)
    except ValidationError as error:
        return _ask(request, command, rows, typed, validation.invalid(error))
    given = {name: getattr(body, name) for name in command.schema.model_fields}
    results = [(title, _one(request.actor, commands, command, pk, given)) for pk, title in rows.items()]  # type: ignore[attr-defined]
    return http.page(request, "kit/batch.html", {"command": command, "rows": rows, "results": results})


def _one(actor: Any, commands: CommandSet, command: Command, row_id: int, given: Mapping[str, Any]) -> str:
    """Carry it out for one row; "" or why not."""
    try:
        if command.name not in commands.allowed(actor, row_id):
            raise Conflict(_("This cannot be done in the present state."), code="not_now")
        command.run(actor=actor, id=row_id, **given)
    except KefuError as error:
        return " ".join([error.message(), *(str(text) for text in error.fields.values())])
    return ""
