"""Reads: which files a person may open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kefu.engines.files.models import StoredFile
from kefu.kit import hot
from kefu.people.actor import Actor
from kefu.timeline import queries as line


def visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """Files of subjects a person may see, and those the person uploaded that belong to no subject yet."""
    if actor.id is None:
        return StoredFile.objects.all()
    return StoredFile.objects.filter(
        Q(subject=None, uploaded_by_id=actor.id) | (Q(subject__isnull=False) & line.visible(actor, "subject__"))
    )


def usable(ids: Iterable[int], actor: Actor | None) -> set[int]:
    """Those of ``ids`` that stand (not withdrawn) and that ``actor`` may name; without an actor only what belongs to nothing yet."""
    rows = StoredFile.objects.filter(subject=None) if actor is None else visible_to(actor)
    return set(rows.filter(pk__in=list(ids), voided_at=None).values_list("pk", flat=True))


LISTED = (
    *("id", "name", "size", "media_type", "kind", "at"),
    *("uploaded_by_id", "uploaded_by__name", "uploaded_by__number", "voided_at", "void_reason"),
)


def of_subject(subject_id: int) -> list[dict[str, Any]]:
    """The files of a subject that the caller has judged visible, oldest first, withdrawn ones too."""
    return _files(id=subject_id)


_files = hot.Read(lambda: StoredFile.objects.filter(subject_id=hot.Slot("id")).order_by("id").values(*LISTED))


def any_file() -> Exists:
    """For a query of cases: whether files hang on the case."""
    return Exists(StoredFile.objects.filter(subject_id=OuterRef("pk")))


def briefs(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Name, size and type by id."""
    rows = StoredFile.objects.filter(pk__in=list(ids)).values("id", "name", "size", "media_type", "voided_at")
    return {row["id"]: dict(row) for row in rows}
