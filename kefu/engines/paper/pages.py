"""The pages of a file as pictures. What draws them runs apart, with bounds of time and memory: a broken file breaks nothing else."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

MOST_BYTES, MOST_PAGES, SECONDS = 30 * 1024 * 1024, 60, 60.0
PDF, TIFF = "application/pdf", "image/tiff"


class Unreadable(Exception):
    """No pages can be made of the file; ``code`` is one of kind, size, pages, broken, slow."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


def kind_of(data: bytes) -> str:
    """The media type by content: PDF, TIFF, or "" for anything else."""
    if b"%PDF-" in data[:1024]:
        return PDF
    return TIFF if data[:4] in (b"II*\0", b"MM\0*") else ""


def drawn(data: bytes, *, seconds: float = SECONDS) -> list[bytes]:
    """The pages as PNG, at most ``MOST_PAGES``. Raises ``Unreadable``."""
    if not kind_of(data):
        raise Unreadable("kind")
    if len(data) > MOST_BYTES:
        raise Unreadable("size")
    with tempfile.TemporaryDirectory(prefix="kefu-paper-") as name:
        folder = Path(name)
        (folder / "in").write_bytes(data)
        words = [sys.executable, "-m", "kefu.engines.paper.drawing", str(folder), str(MOST_PAGES)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise Unreadable("slow") from error
        if done.returncode == 3:
            raise Unreadable("pages", done.stdout.strip()[:20])
        if done.returncode:
            raise Unreadable("broken", (done.stderr.strip().splitlines() or [""])[-1][:200])
        found = [one.read_bytes() for one in sorted(folder.glob("page-*.png"))]
    if not found:
        raise Unreadable("broken", "no page")
    return found
