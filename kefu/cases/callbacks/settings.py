"""What an administrator changes: which finished cases are called back. Each change stands in the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks import policies
from kefu.cases.callbacks.models import DEFAULT_POST, CallbackRule
from kefu.engines.filters.fields import field_sets
from kefu.engines.filters.rule_form import sound, tested
from kefu.engines.filters.words import in_words
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.people import audit
from kefu.people.actor import Actor
from kefu.people.queries import post_codes
from kefu.timeline.registry import EventKind, subject_kinds

RULE = "setting.callback_rule"
_LABELS = {
    "name": _("Name"), "condition": _("Condition"), "share": _("Share"), "post": _("Post"), "position": _("Position"),
    "active": _("In force"), "removed": _("Removed"),
}  # fmt: skip
EVENT_KINDS = (
    EventKind(
        RULE, _("set the callback rule"), "phone-outgoing", audit.describes(_("set the callback rule “%(name)s”: %(what)s"), _LABELS)
    ),
)
_RULE_SET = (
    "id", "code", "name", "name_en", "subject_kind", "condition", "share", "post", "position", "active", "clauses", "pack",
)  # fmt: skip


def kinds() -> list[str]:
    """The kinds of case that rules can test."""
    return [one.kind for one in field_sets if one.facts and one.kind in subject_kinds]


def rule_rows(actor: Actor, **which: Any) -> list[dict[str, Any]]:
    """The rules in the order in which they are asked; raises ``NotAllowed``."""
    policies.judge(actor)
    found = CallbackRule.objects.filter(**which).order_by("subject_kind", "position", "code").values(*_RULE_SET)
    rows = [dict(row) for row in found]
    for row in rows:
        row["percent"] = round(row.pop("share") * 100)
        row["words"] = in_words(row["condition"], tested(row["subject_kind"]))
    return rows


def rule_by_id(rule_id: int) -> CallbackRule:
    found = CallbackRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def keep_rule(
    *,
    actor: Actor,
    id: int | None = None,
    subject_kind: str = "workorder",
    condition: Any,
    percent: int,
    **values: Any,  # noqa: A002
) -> CallbackRule:
    """Write a rule; ``percent`` of the cases that match are drawn. The kind of case of a stored rule stays."""
    policies.judge(actor)
    if id is None and subject_kind not in kinds():
        raise Invalid(fields={"subject_kind": _("Choose one of the given values.")})
    row = rule_by_id(id) if id is not None else CallbackRule(code=f"own_{moment.now():%Y%m%d%H%M%S%f}", subject_kind=subject_kind)
    before = _said(row) if id is not None else {}
    row.condition, row.share = sound(row.subject_kind, condition), percent / 100
    for name, value in values.items():
        setattr(row, name, value)
    if row.post != DEFAULT_POST and row.post not in dict(post_codes()):
        raise Invalid(fields={"post": _("Choose one of the given values.")})
    row.save()
    _note(actor, row, before, _said(row))
    return row


@transaction.atomic
def switch_rule_off(*, actor: Actor, id: int) -> None:  # noqa: A002
    policies.allowed_rule(actor, id)
    row = rule_by_id(id)
    CallbackRule.objects.filter(pk=id).update(active=False)
    _note(actor, row, {"active": row.active}, {"active": False})


@transaction.atomic
def remove_rule(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Remove a rule of the centre's own; one of a pack would come back with the pack. Raises ``Conflict``."""
    if "remove" not in policies.allowed_rule(actor, id):
        raise Conflict(_("This rule comes from a pack: switch it off instead."), code="from_pack")
    row = rule_by_id(id)
    _note(actor, row, {}, {"removed": True})
    row.delete()


def _said(row: CallbackRule) -> dict[str, Any]:
    words = in_words(row.condition, tested(row.subject_kind))
    said = {"name": row.name, "condition": words, "share": f"{row.share:.0%}", "post": dict(post_codes()).get(row.post, row.post)}
    return {**said, "position": row.position, "active": row.active}


def _note(actor: Actor, row: CallbackRule, before: dict[str, Any], after: dict[str, Any]) -> None:
    if changed := audit.differences(before, after):
        audit.of_house(actor_id=actor.id, kind=RULE, data={"code": row.code, "name": row.name, "changed": changed})
