"""Where the bytes lie. ``Store`` is all that a place for bytes must do; the one that ships is a folder outside the web root."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import NotFound, Unavailable

CHUNK = 256 * 1024


class DiskFull(Unavailable):
    code = "disk_full"
    text = _("There is no room to store the file. Nothing was kept; tell the administrator.")


@dataclass(frozen=True)
class Kept:
    """What was put: name by content, and size in bytes."""

    sha256: str
    size: int


class Store(Protocol):
    """A place for bytes, named by their SHA-256. Putting the same bytes twice keeps them once."""

    def put(self, chunks: Iterator[bytes]) -> Kept:
        """Keep durably before returning; raises ``Unavailable`` and leaves nothing behind if that fails."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """A seekable reader; raises ``NotFound``."""
        ...

    def remove(self, sha256: str) -> None: ...

    def names(self, *, older_than: float) -> Iterator[str]:
        """Everything kept whose last putting is more than ``older_than`` seconds ago."""
        ...


class LocalStore:
    """``root/ab/cd/<sha>``: written to a draft, synced, renamed, and the folder synced."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise NotFound()
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def put(self, chunks: Iterator[bytes]) -> Kept:
        drafts = f"{self.root}/drafts"
        draft, drawn = f"{drafts}/{uuid.uuid4().hex}", True
        try:
            os.makedirs(drafts, mode=0o700, exist_ok=True)
            kept = _write(draft, chunks)
            folder = f"{self.root}/{kept.sha256[:2]}/{kept.sha256[2:4]}"
            os.makedirs(folder, mode=0o700, exist_ok=True)
            os.replace(draft, f"{folder}/{kept.sha256}")
            drawn = False
            _sync_folder(folder)
            return kept
        except OSError as error:
            raise (DiskFull() if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else Unavailable()) from error
        finally:
            if drawn:
                _drop(Path(draft))

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound() from None
        except OSError as error:
            raise Unavailable() from error

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def names(self, *, older_than: float) -> Iterator[str]:
        edge = time.time() - older_than
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if path.stat().st_mtime < edge:
                yield path.name

    def clear_drafts(self, *, older_than: float) -> None:
        """Remove what a killed process left half written."""
        edge = time.time() - older_than
        for path in (self.root / "drafts").glob("*"):
            if path.stat().st_mtime < edge:
                path.unlink(missing_ok=True)


def _write(draft: str, chunks: Iterator[bytes]) -> Kept:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Kept(digest.hexdigest(), size)


def _drop(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:  # the refusal that is on its way says enough
        return


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store() -> Store:
    """The place this installation keeps its files."""
    return LocalStore(Path(settings.FILES_ROOT))
