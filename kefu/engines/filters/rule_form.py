"""The form of a rule that has a condition (dispatch, callbacks): its fields, the builder, and what the condition finds.

A rule begins to work only after whoever switches it on has seen what its condition finds among the real records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ValidationError

from kefu.engines.filters import bar, queries
from kefu.engines.filters.database import checked
from kefu.engines.filters.fields import FieldSpec, field_sets
from kefu.engines.filters.tree import parse, tests
from kefu.kit import flash, http, schema_fields, validation
from kefu.kit.errors import Invalid, KefuError, NotFound, Text
from kefu.people.actor import Actor
from kefu.people.http import Request


@dataclass(frozen=True)
class RuleForm:
    """One rule as its form shows it. ``kind`` is the subject kind that the condition asks about; ``schema`` has a field ``active``.

    ``keep(condition=..., **fields)`` writes the rule. ``tree`` and ``values`` are what is stored (nothing for a new rule).
    """

    title: Text
    schema: type[Schema]
    kind: str
    keep: Callable[..., Any]
    back_url: str
    tree: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tested(self) -> dict[str, FieldSpec]:
        return tested(self.kind)


def tested(kind: str) -> dict[str, FieldSpec]:
    """The fields of a kind that rules may test: those that the facts of a record hold."""
    found = field_sets[kind]
    return {code: found.by_code[code] for code in found.facts}


def sound(kind: str, tree: Any) -> Any:
    """The condition of a rule as it is kept; raises ``BadTree`` for one that cannot be read or tests what no fact tells."""
    fields = tested(kind)
    for test in tests(parse(tree)):
        checked(test, fields)
    return tree or {}


def digest(tree: Any) -> str:
    """A short mark of a condition: whoever sends it back has seen what this condition finds."""
    return hashlib.sha256(orjson.dumps(tree or {}, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def preview(actor: Actor, kind: str, tree: Any) -> queries.Preview | None:
    """What the condition finds; None for a person who sees no such records."""
    try:
        return queries.preview(actor, kind, tree)
    except NotFound:
        return None


def answer(request: Request, form: RuleForm, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """GET draws the rule, POST keeps it. A condition that is to work and has not been looked at yet comes back with its preview first."""
    if request.method != "POST":
        return _draw(request, form, template, context, form.values, form.tree)
    typed = schema_fields.typed(form.schema, request.POST)
    tree: Any = form.tree
    try:
        tree = bar.posted(request.POST, "tree", form.tested)
        given = dict(form.schema.model_validate(typed))
        if given["active"] and digest(tree) not in _seen(request, form):
            looked = Invalid(_("This is what the condition finds. Look at it and save once more: then the rule works."), code="look_first")
            return _draw(request, form, template, context, typed, tree, looked)
        form.keep(condition=tree, **given)
    except ValidationError as error:
        return _draw(request, form, template, context, typed, tree, validation.invalid(error))
    except KefuError as error:
        if error.status in (403, 404):
            raise
        return _draw(request, form, template, context, typed, tree, error)
    return flash.tell(http.go(request, form.back_url), _("Saved."))


def _seen(request: Request, form: RuleForm) -> set[str]:
    """The marks of conditions that need no further look: the one just shown, and the stored one where the rule works already."""
    return {request.POST.get("seen", ""), digest(form.tree) if form.values.get("active") else ""}


def _draw(
    request: Request, form: RuleForm, template: str, context: Mapping[str, Any], values: Mapping[str, Any], tree: Any,
    error: KefuError | None = None,
) -> HttpResponse:  # fmt: skip
    faults = dict(error.fields) if error else {}
    fields = schema_fields.fields_of(form.schema, actor=request.actor, values=values, errors=faults)
    placed = {one.name for one in fields}
    said = [error.message(), *(str(text) for name, text in faults.items() if name not in placed)] if error else []
    looking = error is not None and error.code == "look_first"
    shown = {
        "form": form,
        "fields": fields,
        "error": " ".join(said),
        "looking": looking,
        "seen": digest(tree) if looking else "",
        "builder": queries.builder(form.tested, tree),
        "preview": preview(request.actor, form.kind, tree) if form.tree is not None or looking else None,
        **context,
    }
    return http.page(request, template, shown, status=error.status if error else 200)
