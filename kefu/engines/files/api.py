"""Files for other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from kefu.engines.files import pages, queries, services
from kefu.kit.errors import NotFound
from kefu.people.actor import Actor
from kefu.timeline import queries as line

router = Router(tags=["files"])


class FileOut(Schema):
    """A stored file; ``url`` opens it for those who may see it."""

    id: int = Field(examples=[12])
    name: str = Field(examples=["漏水.jpg"])
    size: int = Field(examples=[48213])
    media_type: str = Field(examples=["image/jpeg"])
    sha256: str
    kind: str = Field(examples=["photo"])
    subject_id: int | None
    at: datetime
    voided_at: datetime | None
    url: str


class VoidIn(Schema):
    reason: str = Field(min_length=1, max_length=200, examples=["传错了照片"])


COLUMNS = ("id", "name", "size", "media_type", "sha256", "kind", "subject_id", "at", "voided_at")


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "url": f"/files/{row['id']}/{row['name']}"}


def _one(actor: Actor, file_id: int) -> dict[str, Any]:
    row = queries.visible_to(actor).filter(pk=file_id).values(*COLUMNS).first()
    if row is None:
        raise NotFound()
    return _out(dict(row))


ID_LIMIT = 2**63 - 1


@router.post("/files", response={201: FileOut}, summary="Store a file")
def store(
    request: HttpRequest,
    file: File[UploadedFile],
    subject_id: Form[int | None] = None,
    kind: Form[str] = "file",
) -> dict[str, Any]:
    """Keep an upload, told by its content; with ``subject_id`` it joins that record. Pictures lose place, device and author.

    Refused by `file_lie`, `file_program`, `file_type`, `file_broken`, `file_empty` (422),
    `file_large`, `file_bomb` (413), `disk_full` (503)
    """
    if subject_id is not None and not 0 < subject_id <= ID_LIMIT:
        raise NotFound()
    row = services.add(actor=_actor(request), upload=file, subject_id=subject_id, kind=kind[:20].replace("\x00", "") or "file")
    return _one(_actor(request), row.pk)


@router.get("/files/{int:file_id}", response=FileOut, summary="What is known of a file")
def read(request: HttpRequest, file_id: int) -> dict[str, Any]:
    if file_id > ID_LIMIT:
        raise NotFound()
    return _one(_actor(request), file_id)


@router.get("/files/{int:file_id}/content", summary="The bytes of a file")
def content(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Whole or one range (`Range: bytes=...`); `ETag` is the SHA-256."""
    if file_id > ID_LIMIT:
        raise NotFound()
    return pages.serve(request, _actor(request), file_id)


@router.post("/files/{int:file_id}/void", response=FileOut, summary="Withdraw a file")
def void(request: HttpRequest, file_id: int, body: VoidIn) -> dict[str, Any]:
    """The file is no longer shown, yet kept as evidence."""
    if file_id > ID_LIMIT:
        raise NotFound()
    services.void(actor=_actor(request), file_id=file_id, reason=body.reason)
    return _one(_actor(request), file_id)


@router.get("/subjects/{int:subject_id}/files", response=list[FileOut], summary="The files of a record")
def of_subject(request: HttpRequest, subject_id: int) -> list[dict[str, Any]]:
    actor = _actor(request)
    if subject_id > ID_LIMIT or not line.visible_to(actor).filter(pk=subject_id).exists():
        raise NotFound()
    return [_out(dict(row)) for row in queries.visible_to(actor).filter(subject_id=subject_id).order_by("id").values(*COLUMNS)]
