"""Dated limits: a changed figure ends one version and begins another; what runs keeps its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import rules
from kefu.engines.clock.choices import Unit
from kefu.engines.clock.models import LimitRule
from kefu.kit.errors import Conflict

WORDING = ("name", "name_en", "clauses", "pack")
FIGURES = (
    "subject_kind", "starts_on", "met_by", "condition", "amount", "unit", "start_rule", "end_rule", "rest_rule", "calendar", "pausable",
    "warn_points", "steps", "addressed_to", "active",
)  # fmt: skip


def latest(code: str) -> LimitRule | None:
    """The last version of a limit, which may begin in the future."""
    return LimitRule.objects.filter(code=code).order_by("-valid_from").first()


def differs(row: LimitRule, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What ``values`` would change of a version: field -> (before, after)."""
    return {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}


@transaction.atomic
def put(*, code: str, values: dict[str, Any], valid_from: datetime) -> LimitRule:
    """Let ``values`` be in force from ``valid_from``.

    The version before ends there. A version planned for that instant or later is replaced, unless something runs by it: then
    ``Conflict`` is raised, since the past is never rewritten. Words alone (name, clauses) are corrected in place.
    """
    before = LimitRule.objects.select_for_update().filter(code=code).order_by("-valid_from").first()
    if before is not None and not any(name in FIGURES for name in differs(before, values)):
        LimitRule.objects.filter(pk=before.pk).update(**{name: values[name] for name in WORDING if name in values})
        transaction.on_commit(rules.forget)
        return LimitRule.objects.get(pk=before.pk)
    planned = LimitRule.objects.filter(code=code, valid_from__gte=valid_from)
    if planned.filter(obligations__isnull=False).exists():
        raise Conflict(_("Cases already run by a version that begins then or later. Choose a later date."), code="version_in_use")
    planned.delete()
    LimitRule.objects.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), code=code).update(valid_to=valid_from)
    made = LimitRule.objects.create(code=code, valid_from=valid_from, **values)
    transaction.on_commit(rules.forget)
    return made


def change(*, code: str, valid_from: datetime, **figures: Any) -> LimitRule:
    """Change some figures of a limit from a date on; all others stay. Raises ``LimitRule.DoesNotExist``."""
    before = LimitRule.objects.filter(code=code).order_by("-valid_from")[0:1].get()
    values = {name: getattr(before, name) for name in (*WORDING, *FIGURES)}
    return put(code=code, values={**values, **figures}, valid_from=valid_from)


def end(*, code: str, at: datetime) -> None:
    """No new case gets this limit from ``at`` on."""
    LimitRule.objects.filter(code=code, valid_from__gte=at, obligations__isnull=True).delete()
    LimitRule.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), code=code, valid_from__lt=at).update(valid_to=at)
    transaction.on_commit(rules.forget)


def figure(row: Any) -> str:
    """The figure of a version for people: "48 clock_hour"."""
    return f"{rules.number(row.amount)} {row.unit}" if row.unit in Unit.values else ""
