"""The section ``forms`` of a pack: each row is a definition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ConfigDict, model_validator

from kefu.engines.forms import publish, queries
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.models import FormDefinition
from kefu.engines.forms.registry import code_lists
from kefu.engines.rulebook.registry import Change, Cited, PackContext, Reference, RuleKind, RuleRow, within
from kefu.people.actor import SYSTEM


class FormRow(RuleRow):
    """One form of a pack: a definition (definition.py), and optionally the day from which it is used."""

    model_config = ConfigDict(extra="allow")

    valid_from: datetime | None = None

    @model_validator(mode="after")
    def _fits(self) -> FormRow:
        self.definition()
        return self

    def definition(self) -> Definition:
        return Definition.model_validate(self.model_dump(exclude={"valid_from"}, mode="json"))

    def cited(self) -> Iterable[Cited]:
        """The form by its code, sections and gates by ``form.piece``."""
        form = self.definition()
        pieces: list[tuple[str, str, str, tuple[str, ...]]] = [(form.code, form.name, form.name_en, form.clauses)]
        for section in form.sections:
            inner = (*section.clauses, *(clause for field in section.fields for clause in field.clauses))
            named = within(form.name, section.name, form.name_en, section.name_en)
            pieces.append((f"{form.code}.{section.code}", *named, inner))
        pieces += [(f"{form.code}.{gate.code}", gate.text, gate.text_en, gate.clauses) for gate in form.gates]
        return [Cited(ref, clause, name, english) for ref, name, english, clauses in pieces for clause in dict.fromkeys(clauses)]


def plan(rows: list[FormRow], context: PackContext) -> list[Change]:
    """What of the pack differs from the newest stored versions; forms the pack no longer has are retired."""
    held: dict[str, dict[str, Any]] = {}
    for stored in FormDefinition.objects.order_by("code", "version").values("code", "version", "digest", "pack", "valid_to"):
        held[stored["code"]] = dict(stored)
    changes = [_change(row, held.get(row.code), context) for row in rows]
    mentioned = {row.code for row in rows}
    for code, old in held.items():
        if old["pack"] == context.pack_code and old["valid_to"] is None and code not in mentioned:
            changes.append(Change("forms", code, "gone", apply=_retirer(code)))
    return changes


def _change(row: FormRow, old: dict[str, Any] | None, context: PackContext) -> Change:
    definition = row.definition()
    cited = tuple(definition.cited())
    same = old is not None and old["digest"] == publish.digest_of(publish.body_of(definition)) and old["valid_to"] is None
    if same:
        return Change("forms", row.code, "same", clauses=cited)
    start = queries.local_day(context.starts(row.valid_from))

    def apply() -> None:
        publish.publish(actor=SYSTEM, definition=definition, valid_from=start, pack=context.pack_code)

    if old is None:
        return Change("forms", row.code, "new", f"{definition.name} v1", apply, cited)
    return Change("forms", row.code, "changed", f"v{old['version']} → v{old['version'] + 1}", apply, cited)


def _retirer(code: str) -> Any:
    def apply() -> None:
        publish.retire(actor=SYSTEM, code=code)

    return apply


def refs(row: FormRow) -> Iterable[Reference]:
    """The lists of the rule book that fields name."""
    for number, section in enumerate(row.definition().sections):
        for place, field in enumerate(section.fields):
            for one in (field, *field.fields):
                if one.list and one.list not in code_lists:
                    yield Reference("lists", one.list, f"sections.{number}.fields.{place}.list")


FORMS = RuleKind("forms", _("Forms"), FormRow, plan, order=60, how="form", refs=refs)
