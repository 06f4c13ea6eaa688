"""Commands on pages: every command of a set has a form at ``<prefix>/<id>/do/<command>``, in the drawer or as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ValidationError

from kefu.kit import flash, http, schema_fields, uploads, validation
from kefu.kit.commands import Command, CommandSet
from kefu.kit.errors import Conflict, Invalid, KefuError, NotFound, NotSignedIn, Text
from kefu.kit.fields import FILES, Field

FAULTS = "-faults"


@dataclass(frozen=True)
class Step:
    """One thing that was tried: how it went, and what to do if it failed; ``raw`` is what the other side said of it, word for word."""

    name: Text
    good: bool
    said: Text = ""
    advice: Text = ""
    raw: str = ""


@dataclass(frozen=True)
class CommandForm:
    """What components/command_form.html draws. ``also`` is a second button that tries what was typed and keeps nothing; ``tried`` says how
    that went."""

    title: Text
    action: str
    fields: list[Field]
    submit: Text
    back_url: str
    tone: str = "plain"
    hint: Text = ""
    error: str = ""
    confirm: Text | None = None
    confirm_error: str = ""
    in_drawer: bool = False
    prefix: str = "c"
    also: Text = ""
    tried: Sequence[Step] = ()
    lines: Sequence[Text] = ()
    has_files: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_files", any(one.widget in FILES for one in self.fields))


@dataclass(frozen=True)
class _Asked:
    """One request for one command of one record."""

    request: HttpRequest
    commands: CommandSet
    command: Command
    id: int
    subject_url: str
    anew: str = ""

    @property
    def actor(self) -> Any:
        return self.request.actor  # type: ignore[attr-defined]


def command_urls(
    commands: CommandSet, prefix: str, name: str, subject_url: Callable[[int], str] | None = None, *, anew: bool = False
) -> list[URLPattern]:
    """The addresses of all commands of a set: ``*command_urls(COMMANDS, "orders", "order")`` in ``urlpatterns``.

    ``prefix`` has no leading slash; the page of a record is ``/<prefix>/<id>`` unless ``subject_url`` says otherwise. The pattern is named
    ``<name>-do`` (id, command). GET draws the form, POST gives the command; ``commands.allowed`` raises ``NotFound`` for a hidden record.
    A form on the page itself aims at an element whose id ends in ``-faults``: there stands what was wrong with it.
    ``anew`` is for records whose pages no stream keeps up to date: a page under ``prefix`` from which a command was given is loaded again.
    """

    def view(request: HttpRequest, id: int, command: str) -> HttpResponse:
        if getattr(request, "actor", None) is None:
            raise NotSignedIn()
        known = commands.by_name.get(command)
        if known is None:
            raise NotFound()
        asked = _Asked(request, commands, known, id, subject_url(id) if subject_url else f"/{prefix}/{id}", f"/{prefix}" * anew)
        return _give(asked) if request.method == "POST" else _ask(asked)

    view.rights = ()  # type: ignore[attr-defined]
    return [path(f"{prefix}/<int:id>/do/<slug:command>", view, name=f"{name}-do")]


def _ask(asked: _Asked) -> HttpResponse:
    if asked.command.name not in asked.commands.allowed(asked.actor, asked.id):
        raise Conflict(_("This cannot be done in the present state. Look at the record again."), code="not_now")
    values = asked.command.initial(asked.actor, asked.id) if asked.command.initial else None
    return _show(asked, values, None)


def _give(asked: _Asked) -> HttpResponse:
    schema = asked.command.schema
    typed = schema_fields.typed(schema, asked.request.POST)
    if asked.command.confirm and asked.request.POST.get("_confirm") != "yes":
        return _refused(asked, typed, Invalid(_("Please confirm."), fields={"_confirm": _("Please confirm.")}))
    try:
        if asked.request.FILES:
            asked.commands.allowed(asked.actor, asked.id)
        typed |= sent_files(asked.request, schema, asked.actor, asked.id)
        body = schema.model_validate(typed)
        fields = {name: getattr(body, name) for name in schema.model_fields}
        wrong = schema_fields.unlisted(schema, fields, actor=asked.actor, id=asked.id)
        if wrong:
            raise Invalid(fields=wrong)
        result = asked.command.run(actor=asked.actor, id=asked.id, **fields)
    except ValidationError as error:
        return _refused(asked, typed, validation.invalid(error))
    except (NotFound, NotSignedIn):
        raise
    except KefuError as error:
        return _refused(asked, typed, error)
    return _done(asked, result)


def sent_files(request: HttpRequest, schema: type[Schema], actor: Any, id: int) -> dict[str, Any]:  # noqa: A002
    """The files that came with a form, stored: their ids by field."""
    found: dict[str, Any] = {}
    for name in schema_fields.file_fields(schema):
        if ids := [uploads.keep(actor, id, one) for one in schema_fields.sent_files(request, name)]:
            found[name] = ids if schema_fields.is_list(schema.model_fields[name].annotation) else ids[0]
    return found


def _refused(asked: _Asked, typed: Mapping[str, Any], error: KefuError) -> HttpResponse:
    """The form again. Whoever may not see the record learns nothing, not even which fields are wrong."""
    asked.commands.allowed(asked.actor, asked.id)
    return _show(asked, typed, error)


def _show(asked: _Asked, values: Mapping[str, Any] | None, error: KefuError | None) -> HttpResponse:
    """The form, with what was typed and what is wrong."""
    request, command = asked.request, asked.command
    in_drawer = http.wants_fragment(request)
    errors: dict[str, Text] = dict(error.fields) if error else {}
    if error and http.part_wanted(request).endswith(FAULTS):
        return _told(request, error)
    fields = schema_fields.fields_of(command.schema, actor=asked.actor, id=asked.id, values=values, errors=errors)
    placed = {one.name for one in fields if one.widget != "hidden"} | {"_confirm"}
    told = [error.message()] if error else []
    told += [str(text) for name, text in errors.items() if name not in placed]
    form = CommandForm(
        title=command.label,
        action=request.path,
        fields=fields,
        submit=command.submit or command.label,
        back_url=asked.subject_url,
        tone=command.tone,
        hint=command.hint,
        error=" ".join(told),
        confirm=command.confirm,
        confirm_error=str(errors.get("_confirm", "")),
        in_drawer=in_drawer,
        lines=command.told(asked.actor, asked.id) if command.told else (),
    )
    template = "kit/command_fragment.html" if in_drawer else "kit/command_page.html"
    response = http.page(request, template, {"form": form}, status=error.status if error else 200)
    if error and in_drawer:
        response.headers["HX-Retarget"] = "#drawer"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _told(request: HttpRequest, error: KefuError) -> HttpResponse:
    """What is wrong, for a form that stands on the page itself: what was typed stays in it."""
    told = list(error.fields.values()) or [error.message()]
    response = http.page(request, "kit/faults.html", {"told": told}, status=error.status)
    response.headers["HX-Retarget"] = f"#{http.part_wanted(request)}"
    return response


def _done(asked: _Asked, result: Any) -> HttpResponse:
    """The command was carried out: close the drawer and say so, or go to the record's page."""
    command, request = asked.command, asked.request
    text = command.done or _("Done: %(what)s") % {"what": command.label}
    onward = command.leads_to(result, asked.id) if command.leads_to else ""
    if onward or not http.wants_fragment(request):
        return flash.tell(http.go(request, onward or asked.subject_url), text)
    here = urlsplit(request.META.get("HTTP_HX_CURRENT_URL", ""))
    if asked.anew and f"{here.path}/".startswith(f"{asked.anew}/"):
        return flash.tell(http.go(request, http.own_path(here._replace(scheme="", netloc="").geturl())), text)
    response = HttpResponse() if command.quiet else http.page(request, "kit/command_done.html", {"text": text})
    changed = {"kefu-given": {"kind": asked.commands.kind, "id": str(asked.id), "event": command.name}, "drawer-close": {}}
    response.headers["HX-Trigger"] = orjson.dumps(changed).decode()
    return response
