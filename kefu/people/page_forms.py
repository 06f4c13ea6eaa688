"""Forms of the pages about people that are no command on a record: creating, and what is shown once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ValidationError

from kefu.kit import http, schema_fields, validation
from kefu.kit.command_pages import CommandForm, Step, sent_files
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
    also: Text = "",
    attempt: Callable[..., Sequence[Step]] | None = None,
) -> HttpResponse:
    """GET draws a form by ``schema`` (or of ``fields``), POST gives what was typed to ``run``; a refusal draws it again with its words.

    The button ``also`` gives it to ``attempt``, which keeps nothing and says what it found.
    """
    form = CommandForm(
        title=title,
        action=request.get_full_path(),
        fields=fields or [],
        submit=submit or _("Save"),
        back_url=back_url,
        tone=tone,
        confirm=confirm,
        also=also,
        in_drawer=http.wants_fragment(request),
    )
    if request.method != "POST":
        return draw(request, _filled(request, form, schema, values, None))
    typed = schema_fields.typed(schema, request.POST)
    if attempt and request.POST.get("_try"):
        return _tried(request, form, schema, typed, attempt)
    return _sent(request, form, schema, typed, run)


def _sent(
    request: HttpRequest, form: CommandForm, schema: type[Schema], typed: Mapping[str, Any], run: Callable[..., HttpResponse]
) -> HttpResponse:
    try:
        if form.confirm and request.POST.get("_confirm") != "yes":
            raise Invalid(_("Please confirm."))
        if request.FILES:
            typed = {**typed, **sent_files(request, schema, getattr(request, "actor", None), 0)}
        return run(**dict(schema.model_validate(typed)))
    except ValidationError as error:
        refused: KefuError = validation.invalid(error)
    except (NotFound, NotAllowed):
        raise
    except KefuError as error:
        refused = error
    return draw(request, _filled(request, form, schema, typed, refused), refused.status)


def _tried(
    request: HttpRequest, form: CommandForm, schema: type[Schema], typed: Mapping[str, Any], attempt: Callable[..., Sequence[Step]]
) -> HttpResponse:
    """What the attempt found, for the place in the form that waits for it; without scripts the form is drawn again with it."""
    steps: Sequence[Step]
    error: KefuError | None = None
    try:
        steps = attempt(**dict(schema.model_validate(typed)))
    except ValidationError as refused:
        error = validation.invalid(refused)
    except Invalid as refused:
        error = refused
    if error:
        named = {
            one.name: one.label for one in schema_fields.fields_of(schema, actor=getattr(request, "actor", None), values=typed, errors={})
        }
        steps = [Step(named.get(name, name), good=False, said=said) for name, said in error.fields.items()] or [
            Step(error.message(), good=False)
        ]
    if form.in_drawer:
        return http.page(request, "kit/tried_fragment.html", {"steps": steps})
    return draw(request, replace(_filled(request, form, schema, typed, None), tried=steps))


def _filled(
    request: HttpRequest, form: CommandForm, schema: type[Schema], values: Mapping[str, Any] | None, error: KefuError | None
) -> CommandForm:
    """The form with what was typed and what is wrong."""
    faults = dict(error.fields) if error else {}
    fields = form.fields or schema_fields.fields_of(schema, actor=getattr(request, "actor", None), values=values, errors=faults)
    placed = set() if form.fields else {one.name for one in fields}
    said = [error.message(), *(str(text) for name, text in faults.items() if name not in placed)] if error else []
    return replace(form, fields=fields, error=" ".join(said))


def show_once(request: HttpRequest, title: str, lead: str, secret: str, back_url: str) -> HttpResponse:
    """A password or key that is shown on this one answer and nowhere else."""
    template = "people/shown_once_drawer.html" if http.wants_fragment(request) else "people/shown_once.html"
    return http.page(request, template, {"title": title, "lead": lead, "secret": secret, "back_url": back_url})
