"""Forms of the pages about people that are no command on a record: creating, and what is shown once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ValidationError

from kefu.kit import http, schema_fields, validation
from kefu.kit.command_pages import CommandForm
from kefu.kit.errors import Invalid, KefuError, NotAllowed, NotFound, Text
from kefu.kit.fields import Field


def draw(request: HttpRequest, form: CommandForm, status: int = 200) -> HttpResponse:
    template = "kit/command_fragment.html" if form.in_drawer else "kit/command_page.html"
    response = http.page(request, template, {"form": form}, status=status)
    if form.in_drawer and status >= 400:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#drawer", "innerHTML"
    return response


def ask(
    request: HttpRequest,
    title: Text,
    run: Callable[..., HttpResponse],
    *,
    back_url: str,
    schema: type[Schema] = Schema,
    values: Mapping[str, Any] | None = None,
    fields: list[Field] | None = None,
    submit: Text = "",
    tone: str = "plain",
    confirm: Text | None = None,
) -> HttpResponse:
    """GET draws a form by ``schema`` (or of ``fields``), POST gives what was typed to ``run``; a refusal draws it again with its words."""

    def form(typed: Mapping[str, Any] | None, error: KefuError | None) -> HttpResponse:
        faults = dict(error.fields) if error else {}
        actor = getattr(request, "actor", None)
        drawn = fields if fields is not None else schema_fields.fields_of(schema, actor=actor, values=typed, errors=faults)
        placed = {one.name for one in drawn} if fields is None else set()
        said = [error.message(), *(str(text) for name, text in faults.items() if name not in placed)] if error else []
        made = CommandForm(
            title=title,
            action=request.get_full_path(),
            fields=drawn,
            submit=submit or _("Save"),
            back_url=back_url,
            tone=tone,
            error=" ".join(said),
            confirm=confirm,
            in_drawer=http.wants_fragment(request),
        )
        return draw(request, made, error.status if error else 200)

    if request.method != "POST":
        return form(values, None)
    typed = schema_fields.typed(schema, request.POST)
    try:
        if confirm and request.POST.get("_confirm") != "yes":
            raise Invalid(_("Please confirm."))
        return run(**(dict(schema.model_validate(typed)) if fields is None else {}))
    except ValidationError as error:
        return form(typed, validation.invalid(error))
    except (NotFound, NotAllowed):
        raise
    except KefuError as error:
        return form(typed, error)


def show_once(request: HttpRequest, title: str, lead: str, secret: str, back_url: str) -> HttpResponse:
    """A password or key that is shown on this one answer and nowhere else."""
    template = "people/shown_once_drawer.html" if http.wants_fragment(request) else "people/shown_once.html"
    return http.page(request, template, {"title": title, "lead": lead, "secret": secret, "back_url": back_url})
