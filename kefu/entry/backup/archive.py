"""The archive: a gzip-packed tar whose last member is the manifest. Nothing read from it is trusted before its hash fits."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
PARTS = ("database", "files", "secrets")


class Damaged(Exception):
    """The archive is not whole, not ours, or was changed. The text says where."""


class _Counting(io.RawIOBase):
    """Hashes and counts what flows into the tar."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.digest, self.size = source, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.read(size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk


class Writer:
    """Adds members one after the other; ``close`` seals with the manifest."""

    def __init__(self, tar: tarfile.TarFile, facts: dict[str, Any]) -> None:
        self.tar = tar
        self.manifest: dict[str, Any] = {"format": FORMAT, **facts, "members": {}}

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """A member of exactly ``size`` bytes."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        counting = _Counting(source)
        self.tar.addfile(info, counting)
        self.manifest["members"][name] = {"size": size, "sha256": counting.digest.hexdigest()}

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as source:
            self.add(name, source, os.fstat(source.fileno()).st_size)

    def add_stream(self, name: str, chunks: Iterator[bytes]) -> None:
        """A member whose size is known only at the end: spooled first."""
        with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as spool:
            size = sum(spool.write(chunk) for chunk in chunks)
            spool.seek(0)
            self.add(name, spool, size)

    def close(self) -> None:
        body = json.dumps(self.manifest, ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(body), 0o600
        self.tar.addfile(info, io.BytesIO(body))


@contextmanager
def writing(target: Path, facts: dict[str, Any]) -> Iterator[Writer]:
    """Write beside ``target`` and put it in place, synced, only when all went well. Only the owner can read it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as tar:
                writer = Writer(tar, facts)
                yield writer
                writer.close()
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def _place(name: str, folder: Path) -> Path:
    """Where a member belongs. Raises ``Damaged`` for a name that leads elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[0] not in PARTS:
        raise Damaged(f"a member with a strange name: {name!r}")
    return folder / path


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into ``folder`` and give the manifest. Raises ``Damaged`` unless every member is there with the hash it had."""
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, "r|gz") as tar:
            for info in tar:
                stream = tar.extractfile(info)
                if stream is None:
                    raise Damaged(f"not a plain file: {info.name!r}")
                if info.name == MANIFEST:
                    manifest = json.load(stream)
                else:
                    found[info.name] = _write(stream, _place(info.name, folder))
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise Damaged(f"it cannot be read: {error}") from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise Damaged("it has no manifest of a known format")
    for name in sorted({*manifest["members"], *found}):
        if manifest["members"].get(name) != found.get(name):
            raise Damaged(f"{name} is missing or is not what was saved")
    return manifest


def _write(stream: IO[bytes], target: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := stream.read(1024 * 1024):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}
