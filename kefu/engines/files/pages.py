"""Files over HTTP: opened through the judge, in ranges; added to a record; withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.files import kinds, queries, services
from kefu.engines.files.store import CHUNK, store
from kefu.kit import flash, http
from kefu.kit.errors import Invalid, NotFound
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.timeline import queries as line

SHUT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"


@staff_page()
def opened(request: Request, file_id: int, name: str = "") -> HttpResponseBase:
    """The bytes of a file the person may see; ``name`` is only for the eye and for saving."""
    return serve(request, request.actor, file_id)


def serve(request: HttpRequest, actor: Actor, file_id: int) -> HttpResponseBase:
    """The answer with the file: whole, one range (206), nothing new (304), or out of range (416). Raises ``NotFound``."""
    row = queries.visible_to(actor).filter(pk=file_id).values("sha256", "size", "media_type", "name", "voided_at").first()
    if row is None or (row["voided_at"] is not None and not actor.can("audit.see")):
        raise NotFound()
    tag = f'"{row["sha256"]}"'
    headers = _headers(row, tag, download="download" in request.GET)
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    size = row["size"]
    span = _range(request, tag, size)
    if span == (0, -1):
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = span or (0, size - 1)
    file = store().open(row["sha256"])
    response = StreamingHttpResponse(_Span(file, start, end - start + 1), status=206 if span else 200, headers=headers)
    response.headers["Content-Length"] = str(end - start + 1)
    if span:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _headers(row: Mapping[str, Any], tag: str, *, download: bool) -> dict[str, str]:
    inline = row["media_type"] in kinds.INLINE and not download
    plain = row["media_type"] in ("text/plain", "text/csv")
    headers = {
        "Content-Type": f"{row['media_type']}; charset=utf-8" if plain else row["media_type"],
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(row['name'])}",
        "X-Content-Type-Options": "nosniff",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, no-cache",
    }
    if row["media_type"] != "application/pdf":
        headers["Content-Security-Policy"] = SHUT
    return headers


def _range(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | None:
    """The one range asked for (inclusive), None for the whole, (0, -1) for one that cannot be met."""
    asked = request.headers.get("Range", "")
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked)
    if match is None or request.headers.get("If-Range", tag) != tag or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (0, -1)
    start, end = int(first), min(int(last or size - 1), size - 1)
    return (start, end) if start <= end else (0, -1)


class _Span:
    """A part of a file in pieces; closed with the response, also when nobody read it."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.file, self.left = file, length
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.left)) if self.left > 0 else b""
        if not chunk:
            self.close()
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()


def may_void(actor: Actor, rows: list[dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    """Which rows of a list this person may withdraw."""
    return lambda row: row["uploaded_by_id"] == actor.id or actor.can("audit.see")


@staff_page()
def of_subject(request: Request, subject_id: int) -> HttpResponseBase:
    """The files of a record as a fragment; POST adds some."""
    actor = request.actor
    if not line.visible_to(actor).filter(pk=subject_id).exists():
        raise NotFound()
    if request.method == "POST":
        uploads = request.FILES.getlist("file")
        if not uploads:
            raise Invalid(fields={"file": _("Choose a file.")})
        for upload in uploads:
            services.add(actor=actor, upload=upload, subject_id=subject_id)
        if not http.wants_fragment(request):
            return flash.tell(http.go(request, http.own_path(request.POST.get("next", "/"))), _("Saved"))
    rows = queries.of_subject(subject_id)
    return http.page(request, "files/of_subject.html", {"rows": rows, "subject_id": subject_id, "may_void": may_void(actor, rows)})


@staff_page()
def withdraw(request: Request, file_id: int) -> HttpResponseBase:
    if request.method != "POST":
        raise NotFound()
    row = services.void(actor=request.actor, file_id=file_id, reason=request.POST.get("reason", ""))
    back = http.own_path(request.POST.get("next", "")) if request.POST.get("next") else "/"
    if http.wants_fragment(request) and row.subject_id is not None:
        request.method = "GET"
        return of_subject(request, row.subject_id)  # type: ignore[no-any-return]
    return flash.tell(http.go(request, back), _("The file is withdrawn"))


urlpatterns = [
    path("files/subjects/<int:subject_id>", of_subject, name="files.of_subject"),
    path("files/<int:file_id>/void", withdraw, name="files.void"),
    path("files/<int:file_id>/<path:name>", opened, name="files.open"),
]
