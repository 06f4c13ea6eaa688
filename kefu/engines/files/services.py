"""Writing files: store, attach to a subject, withdraw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.files import kinds, pictures, queries, refusals
from kefu.engines.files.models import StoredFile
from kefu.engines.files.store import CHUNK, LocalStore
from kefu.engines.files.store import store as the_store
from kefu.kit import moment, prepared
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.timeline import queries as line
from kefu.timeline.services import Happened, record

MAX_PICTURE = 25 * 1024 * 1024
ORPHAN_AGE = 24 * 3600.0


def max_bytes_allowed() -> int:
    """The largest file of this installation, in bytes (50 MB unless set)."""
    return int(getattr(settings, "FILES_MAX_BYTES", 50 * 1024 * 1024))


def store(
    *,
    actor_id: int | None,
    upload: File[Any] | IO[bytes],
    name: str = "",
    subject_id: int | None = None,
    kind: str = "file",
    allow: Iterable[str] = kinds.USUAL,
    max_bytes: int | None = None,
) -> StoredFile:
    """Keep an upload; the caller has judged the person and the subject.

    The type is told by content; pictures lose place, device and author. Raises refusals.* (422, 413) and ``Unavailable`` (disk), and then
    nothing is left behind.
    """
    laid = lay(upload, name or str(getattr(upload, "name", "") or ""), allow=allow, max_bytes=max_bytes)
    with transaction.atomic():
        row = StoredFile.objects.create(**vars(laid), kind=kind, subject_id=subject_id, uploaded_by_id=actor_id)
        if subject_id is not None:
            _record(actor_id, row, "file.added")
    return row


@dataclass(frozen=True)
class Laid:
    """Bytes that lie in the store and have no row yet."""

    sha256: str
    size: int
    media_type: str
    name: str


def lay(upload: File[Any] | IO[bytes], name: str, *, allow: Iterable[str] = kinds.USUAL, max_bytes: int | None = None) -> Laid:
    """Judge an upload and keep its bytes; ``keep_laid`` gives them a row. Raises what ``store`` raises."""
    limit = min(max_bytes or max_bytes_allowed(), max_bytes_allowed())
    source = cast(BinaryIO, upload)
    size = _size(source)
    if size > limit:
        raise refusals.Large(limit=max(1, limit // (1024 * 1024)))
    if not size:
        raise refusals.Empty()
    told = kinds.clean_name(name)
    media_type = kinds.recognise(told, source)
    if media_type not in set(allow):
        raise refusals.WrongType(type=media_type)
    kept = the_store().put(_chunks(source, media_type, size, limit))
    return Laid(kept.sha256, kept.size, media_type, told)


def keep_laid(laid: Sequence[tuple[Laid, int]], *, at: datetime) -> list[StoredFile]:
    """Give many laid files their rows, each with the subject that it belongs to; they came from outside."""
    rows = [prepared.made(StoredFile, **vars(one), subject_id=subject_id, at=at) for one, subject_id in laid]
    prepared.insert(rows)
    record(actor_id=None, happened=[Happened(row.subject_id or 0, "file.added", _said(row)) for row in rows], at=at)
    return rows


def keep_letter(data: bytes, *, name: str, media_type: str = "message/rfc822") -> StoredFile:
    """Keep a letter or a fax as it came, neither judged nor changed; it belongs to no subject, so only what names it shows it."""
    kept = the_store().put(iter([data]))
    return StoredFile.objects.create(sha256=kept.sha256, size=kept.size, media_type=media_type, name=name, kind="letter")


def _size(source: BinaryIO) -> int:
    source.seek(0, 2)
    size = source.tell()
    source.seek(0)
    return size


def _chunks(source: BinaryIO, media_type: str, size: int, limit: int) -> Iterator[bytes]:
    if media_type in pictures.STRIPPED:
        if size > MAX_PICTURE:
            raise refusals.Large(limit=min(limit, MAX_PICTURE) // (1024 * 1024))
        yield pictures.without_traces(media_type, source.read())
        return
    while chunk := source.read(CHUNK):
        yield chunk


def add(
    *, actor: Actor, upload: File[Any] | IO[bytes], name: str = "", subject_id: int | None = None, kind: str = "file",
    allow: Iterable[str] = kinds.USUAL, max_bytes: int | None = None,
) -> StoredFile:  # fmt: skip
    """``store`` for a person: the subject must be one the person sees."""
    if subject_id is not None and not line.visible_to(actor).filter(pk=subject_id).exists():
        raise NotFound()
    return store(actor_id=actor.id, upload=upload, name=name, subject_id=subject_id, kind=kind, allow=allow, max_bytes=max_bytes)


def attach(*, actor: Actor, file_ids: Iterable[int], subject_id: int) -> None:
    """Give uploaded files to a subject (the caller has judged that the person may write there); those already there stay."""
    ids = set(file_ids)
    with transaction.atomic():
        rows = list(queries.visible_to(actor).filter(pk__in=ids, voided_at=None).select_for_update(of=("self",)))
        if {row.pk for row in rows} != ids:
            raise NotFound()
        if any(row.subject_id not in (None, subject_id) for row in rows):
            raise Conflict(_("This file belongs to another record."), code="file_elsewhere")
        fresh = [row for row in rows if row.subject_id is None]
        StoredFile.objects.filter(pk__in=[row.pk for row in fresh]).update(subject_id=subject_id)
        for row in fresh:
            row.subject_id = subject_id
            _record(actor.id, row, "file.added")


def carry(*, actor: Actor, source_id: int, subject_id: int) -> None:
    """Hang the files of one subject, as far as the person sees them, on another, too: their bytes lie in the store once."""
    with transaction.atomic():
        rows = queries.visible_to(actor).filter(subject_id=source_id, voided_at=None).order_by("id")
        made = [
            StoredFile(
                sha256=row.sha256, size=row.size, media_type=row.media_type, name=row.name, kind=row.kind, subject_id=subject_id,
                uploaded_by_id=row.uploaded_by_id, at=row.at,
            )
            for row in rows
        ]  # fmt: skip
        StoredFile.objects.bulk_create(made)
        record(actor_id=actor.id, happened=[Happened(subject_id, "file.added", _said(row)) for row in made])


def void(*, actor: Actor, file_id: int, reason: str) -> StoredFile:
    """Withdraw a file: it is no longer shown, yet kept as evidence. Only the uploader or a head of the audit may."""
    if not reason.strip():
        raise Invalid(fields={"reason": _("Please fill this in.")})
    with transaction.atomic():
        row = queries.visible_to(actor).select_for_update(of=("self",)).filter(pk=file_id).first()
        if row is None:
            raise NotFound()
        if actor.id is not None and row.uploaded_by_id != actor.id and not actor.can("audit.see"):
            raise NotAllowed(_("Only the person who added the file can withdraw it."))
        if row.voided_at is not None:
            raise Conflict(_("The file has been withdrawn already."))
        row.voided_at, row.voided_by_id, row.void_reason = moment.now(), actor.id, reason.strip()[:200]
        row.save(update_fields=["voided_at", "voided_by", "void_reason"])
        if row.subject_id is not None:
            _record(actor.id, row, "file.voided", reason=row.void_reason)
        return row


def erase(file_ids: Iterable[int]) -> int:
    """Forget what these files were; gives how many. That there was one stays; its bytes go with the nightly sweep unless another file
    has the same."""
    rows = StoredFile.objects.filter(pk__in=list(file_ids)).exclude(sha256="")
    return rows.update(name="", sha256="", size=0, voided_at=moment.now(), void_reason="erased")


def erase_of(subject_ids: Iterable[int]) -> int:
    """``erase`` for all files of these subjects."""
    return erase(StoredFile.objects.filter(subject_id__in=list(subject_ids)).values_list("pk", flat=True))


def _record(actor_id: int | None, row: StoredFile, kind: str, **more: str) -> None:
    if row.subject_id is not None:
        record(actor_id=actor_id, happened=[Happened(row.subject_id, kind, _said(row) | more)])


def _said(row: StoredFile) -> dict[str, Any]:
    return {"file": row.pk, "name": row.name, "sha256": row.sha256}


def sweep(*, older_than: float = ORPHAN_AGE) -> int:
    """Remove bytes that no row names (their transaction failed) and drafts of killed processes; gives how many. Safe at any time:
    putting the same bytes again renews their age.
    """
    place = the_store()
    if isinstance(place, LocalStore):
        place.clear_drafts(older_than=older_than)
    removed, batch = 0, []
    for name in place.names(older_than=older_than):
        batch.append(name)
        if len(batch) == 500:
            removed += _sweep(batch)
            batch = []
    return removed + _sweep(batch)


def _sweep(names: list[str]) -> int:
    held = set(StoredFile.objects.filter(sha256__in=names).values_list("sha256", flat=True))
    gone = [name for name in names if name not in held]
    for name in gone:
        the_store().remove(name)
    return len(gone)


def read(file_id: int) -> bytes:
    """The bytes of a standing file, for print and mail; the caller has judged that it may be seen. Raises ``NotFound``."""
    sha256 = StoredFile.objects.filter(pk=file_id, voided_at=None).values_list("sha256", flat=True).first()
    if sha256 is None:
        raise NotFound()
    with the_store().open(sha256) as file:
        return file.read()
