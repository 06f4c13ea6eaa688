"""Static files of one folder: precompressed where a sibling ``.br`` or ``.gz`` stands, else compressed once; cached long by name."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass, field
from pathlib import Path

from kefu.entry.front import Scope, Send, answer

PREFIX = "/static/"
HASHED = re.compile(r"[.-][0-9A-Za-z_-]{8,}\.\w+$")
TEXT = re.compile(r"text/|application/(javascript|json|manifest\+json|xml)|image/svg")
CODINGS = (("br", ".br"), ("gzip", ".gz"))
IMMUTABLE, SHORT = "public, max-age=31536000, immutable", "public, max-age=300"


@dataclass
class Asset:
    """One file as it is served. ``mark`` stands behind ``?v=`` in its address; ``bodies`` holds the compressed forms by content coding."""

    path: Path
    stamp: tuple[int, int]
    content_type: str
    etag: str
    mark: str
    bodies: dict[str, bytes] = field(default_factory=dict)

    def body(self, accepted: str) -> tuple[bytes, str]:
        """The smallest form the browser takes, and its content coding ("" for none)."""
        if not TEXT.match(self.content_type):
            return self.path.read_bytes(), ""
        for coding, suffix in CODINGS:
            sibling = self.path.with_name(self.path.name + suffix)
            if coding in accepted and sibling.is_file():
                return sibling.read_bytes(), coding
        if "gzip" not in accepted:
            return self.path.read_bytes(), ""
        if "gzip" not in self.bodies:
            self.bodies["gzip"] = gzip.compress(self.path.read_bytes(), 9, mtime=0)
        return self.bodies["gzip"], "gzip"


class Statics:
    """``await statics(scope, send)`` answers everything under ``/static/``."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.held: dict[str, Asset] = {}

    def find(self, path: str) -> Asset | None:
        """The asset of a request path, or None. Nothing outside the folder is ever read."""
        name = path.removeprefix(PREFIX)
        if "\0" in name or len(name) > 500:
            return None
        file = (self.root / name).resolve()
        if not file.is_relative_to(self.root) or not file.is_file():
            self.held.pop(name, None)
            return None
        status = file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        held = self.held.get(name)
        if held is None or held.stamp != stamp:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            if kind.startswith("text/") or kind.endswith("javascript"):
                kind += "; charset=utf-8"
            content = file.read_bytes()
            etag, mark = hashlib.blake2b(content, digest_size=10).hexdigest(), hashlib.sha256(content).hexdigest()[:12]
            held = self.held[name] = Asset(file, stamp, kind, etag, mark)
        return held

    async def __call__(self, scope: Scope, send: Send) -> None:
        asset = self.find(scope["path"])
        if asset is None:
            await answer(send, 404, b"not found")
            return
        if scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, b"only GET and HEAD", allow="GET, HEAD")
            return
        headers = dict(scope["headers"])
        asked = scope.get("query_string", b"").decode("latin-1")
        body, coding = asset.body(headers.get(b"accept-encoding", b"").decode("latin-1"))
        etag = f'"{asset.etag}{"-" + coding if coding else ""}"'
        common = {
            "etag": etag,
            # Only the very content that the address names stays for ever: while nodes change over, an old one is asked for the new.
            "cache_control": IMMUTABLE if HASHED.search(asset.path.name) or asked == f"v={asset.mark}" else SHORT,
            "vary": "accept-encoding",
            "x_content_type_options": "nosniff",
            **({"content_encoding": coding} if coding else {}),
        }
        if etag.encode() in headers.get(b"if-none-match", b""):
            await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", etag.encode())]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await answer(send, 200, body, asset.content_type, **common)
