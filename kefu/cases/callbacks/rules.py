"""The section ``callback_rules`` of a pack."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from kefu.cases.callbacks.models import DEFAULT_POST, CallbackRule
from kefu.engines.filters.tree import parse
from kefu.engines.rulebook.registry import Change, PackContext, RuleKind, RuleRow


class Within(BaseModel):
    """How soon; the clock's limit of the same clause counts it, this says it in the rule."""

    amount: int
    unit: str


class CallbackRuleRow(RuleRow):
    name: str = Field("", max_length=80)
    name_en: str = Field("", max_length=80)
    subject_kind: str = "workorder"
    when: dict[str, Any] = Field(default_factory=dict)
    share: float = Field(1.0, ge=0, le=1)
    post: str = Field(DEFAULT_POST, min_length=1, max_length=40)
    position: int = 100
    within: Within | None = None
    active: bool = True


def plan(rows: list[CallbackRuleRow], context: PackContext) -> list[Change]:
    """Compare with what is stored."""
    held = {row.code: row for row in CallbackRule.objects.all()}
    changes = []
    for row in rows:
        parse(row.when)
        values = {
            "name": row.name, "name_en": row.name_en, "subject_kind": row.subject_kind, "condition": row.when, "share": row.share,
            "post": row.post, "position": row.position, "active": row.active, "clauses": row.clauses, "pack": context.pack_code,
        }  # fmt: skip
        old = held.get(row.code)
        if old is not None and all(getattr(old, name) == value for name, value in values.items()):
            changes.append(Change("callback_rules", row.code, "same"))
            continue

        def write(code: str = row.code, values: dict[str, Any] = values) -> None:
            CallbackRule.objects.update_or_create(code=code, defaults=values)

        changes.append(Change("callback_rules", row.code, "changed" if old else "new", f"{row.share:.0%}", write))
    return changes


RULE_KINDS = (RuleKind("callback_rules", _("Callback rules"), CallbackRuleRow, plan, order=47, by_hand=True),)
