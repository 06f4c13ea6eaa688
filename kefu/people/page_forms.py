"""Small forms of the settings pages: read by a schema, drawn in the drawer or as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ValidationError

from kefu.kit import http
from kefu.kit.errors import Invalid, KefuError, Text
from kefu.kit.fields import Field


@dataclass(frozen=True)
class Form:
    """What ``ui.command_form`` draws."""

    title: Text
    action: str
    back_url: str
    fields: list[Field] = field(default_factory=list)
    submit: Text = ""
    tone: str = "plain"
    confirm: Text = ""
    confirm_error: Text = ""
    error: Text = ""
    prefix: str = "f"
    has_files: bool = False


def draw(request: HttpRequest, form: Form, error: KefuError | None = None) -> HttpResponse:
    """The form; with what was typed and what is wrong after a refusal."""
    if error is not None:
        faults = error.fields
        filled = [
            replace(one, value=_typed(request, one), error=faults.get(one.name, "")) if one.widget != "password" else one
            for one in form.fields
        ]
        loose = [str(text) for name, text in faults.items() if name not in {one.name for one in form.fields}]
        form = replace(form, fields=filled, error=" ".join([error.message(), *loose]))
    form = replace(form, submit=form.submit or _("Save"))
    template = "people/form_drawer.html" if http.wants_fragment(request) else "people/form.html"
    return http.page(request, template, {"form": form}, status=error.status if error else 200)


def _typed(request: HttpRequest, one: Field) -> Any:
    if one.widget in {"multi", "checks"}:
        return request.POST.getlist(one.name)
    return request.POST.get(one.name, "")


def confirmed(request: HttpRequest, form: Form) -> None:
    """Raises ``Invalid`` when an important command was not confirmed (R-00-3.2c)."""
    if form.confirm and request.POST.get("_confirm") != "yes":
        raise Invalid(_("Tick the confirmation first."))


def read(request: HttpRequest, schema: type[Schema], many: tuple[str, ...] = ()) -> dict[str, Any]:
    """The posted fields by ``schema``; an empty field counts as not given. Raises ``Invalid`` with a text under each wrong field."""
    given: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        if name in many:
            given[name] = request.POST.getlist(name)
        elif info.annotation is bool:
            given[name] = name in request.POST
        elif request.POST.get(name, "").strip():
            given[name] = request.POST[name].strip()
    try:
        held: Mapping[str, Any] = dict(schema.model_validate(given))
    except ValidationError as error:
        raise Invalid(fields={str(one["loc"][0]): _fault(one["type"]) for one in error.errors()}) from error
    return {name: _aware(value) for name, value in held.items()}


def _aware(value: Any) -> Any:
    """A time typed without a zone is a time of the centre."""
    return timezone.make_aware(value) if isinstance(value, datetime) and timezone.is_naive(value) else value


def _fault(kind: str) -> str:
    if kind in {"missing", "string_too_short", "too_short"}:
        return _("Please fill this in.")
    if kind == "string_pattern_mismatch":
        return _("Use letters, digits, dots and dashes only.")
    if kind == "string_too_long":
        return _("This is too long.")
    return _("This does not fit.")
