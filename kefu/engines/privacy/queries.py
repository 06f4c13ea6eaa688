"""Reads for the people who watch over personal data."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from kefu.engines.privacy.models import ErasureProof, ExportRequest, RetentionRule, RevealLog
from kefu.engines.privacy.registry import erasures, veils
from kefu.kit import paging
from kefu.people.actor import Actor


def exports_visible_to(actor: Actor) -> QuerySet[ExportRequest]:
    """All for those who approve or audit; else one's own."""
    if actor.can("privacy.approve") or actor.can("audit.see"):
        return ExportRequest.objects.all()
    return ExportRequest.objects.filter(requested_by_id=actor.id or 0)


def exports(actor: Actor, *, cursor: str | None = None, size: int = 50) -> paging.Page[ExportRequest]:
    rows = list(
        paging.after(exports_visible_to(actor).select_related("requested_by", "approved_by"), keys=("-id",), cursor=cursor)[: size + 1]
    )
    return paging.cut(rows, size=size, key=lambda row: [row.pk])


def reveals_visible_to(actor: Actor) -> Q:
    """All for the audit; else one's own looks."""
    return Q() if actor.can("audit.see") else Q(staff_id=actor.id or 0)


def reveals(actor: Actor, *, cursor: str | None = None, size: int = 50) -> paging.Page[dict[str, Any]]:
    query = RevealLog.objects.filter(reveals_visible_to(actor))
    fields = (
        "id",
        "at",
        "field",
        "field_class",
        "reason",
        "staff__number",
        "staff__name",
        "subject_id",
        "subject__number",
        "subject__kind",
    )
    rows = list(paging.after(query, keys=("-id",), cursor=cursor).values(*fields)[: size + 1])
    return paging.cut(rows, size=size, key=lambda row: [row["id"]])


def retention() -> list[dict[str, Any]]:
    """Every declared kind of data with its rule, if one is set."""
    rules = {rule.data_kind: rule for rule in RetentionRule.objects.all()}
    return [{"code": erasure.code, "name": erasure.name, "rule": rules.get(erasure.code)} for erasure in erasures]


def kinds() -> dict[str, Any]:
    """What the declared kinds of data are called."""
    return {erasure.code: erasure.name for erasure in erasures}


def proofs(*, cursor: str | None = None, size: int = 50) -> paging.Page[ErasureProof]:
    rows = list(paging.after(ErasureProof.objects.select_related("staff"), keys=("-id",), cursor=cursor)[: size + 1])
    return paging.cut(rows, size=size, key=lambda row: [row.pk])


def months_kept(data_kind: str) -> int | None:
    """How many months a kind of data stays after its end; None where no active rule is set."""
    return RetentionRule.objects.filter(data_kind=data_kind, active=True).values_list("months", flat=True).first()


def is_lifted(actor: Actor, kind: str, subject_id: int) -> bool:
    """Whether no other capability keeps the personal values of a subject from a person who sees it."""
    return all(veil.lifted(actor, subject_id) for veil in veils if veil.kind == kind)


def reveal_url(actor: Actor, kind: str, subject_id: int) -> str:
    """Where the values of a subject are shown in full (the name of the field follows); "" for who may not: what is refused is no button."""
    return f"/privacy/reveal/{subject_id}/" if actor.can("privacy.reveal") and is_lifted(actor, kind, subject_id) else ""
