"""Forms on paper: a page that any browser prints, and the same page as PDF."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from kefu.engines.files import services as files
from kefu.engines.forms.drawing import View
from kefu.kit.errors import KefuError, Unavailable

MAX_PICTURES = 24
MAX_PICTURE_BYTES = 8 * 1024 * 1024
PRINTABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"})


class NoPdf(Unavailable):
    code = "no_pdf"
    text = _(
        "PDF files cannot be made on this server: the text layout libraries are missing (Debian and Ubuntu: apt install libpango-1.0-0 "
        "libpangoft2-1.0-0 fonts-noto-cjk). Printing from the browser works all the same."
    )


def sheet(view: View, *, head: Mapping[str, Any] | None = None, embed: bool = False) -> str:
    """The paper as HTML. ``head`` stands above the table (number, printed by, at). ``embed`` puts the pictures into the page, for PDF."""
    source = embedded() if embed else (lambda file: f"/files/{file['id']}/{file['name']}")
    printed: dict[str, Any] = {"view": view, "head": dict(head or {}), "picture": source, "printable": PRINTABLE}
    return render_to_string("forms/print.html", {**printed, "landscape": view.definition.print.orientation == "landscape", "embed": embed})


def embedded() -> Callable[[Mapping[str, Any]], str]:
    """Pictures as data addresses, a bounded number of them; "" for the rest."""
    left = MAX_PICTURES

    def source(file: Mapping[str, Any]) -> str:
        nonlocal left
        if left <= 0 or file["size"] > MAX_PICTURE_BYTES or file["media_type"] not in PRINTABLE:
            return ""
        left -= 1
        try:
            raw = files.read(file["id"])
        except KefuError:
            return ""
        return f"data:{file['media_type']};base64,{base64.b64encode(raw).decode()}"

    return source


def pdf(html: str) -> bytes:
    """``html`` as PDF. Nothing is fetched: only data addresses are read. Raises ``NoPdf`` where the libraries are missing."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise NoPdf() from error
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    made: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf()
    return made
