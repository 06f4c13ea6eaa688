"""Make a backup; put one back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from kefu import __version__
from kefu.entry.backup import archive, database
from kefu.kit import moment

Progress = Callable[[str], None]


def make(target: Path, *, secrets: bool) -> dict[str, Any]:
    """Write the archive; gives its manifest. Raises ``OSError`` (disk full), ``archive.Damaged`` (the database itself is damaged)."""
    with archive.writing(target, {"kefu": __version__, "made_at": moment.now().isoformat(), "secrets": secrets}) as writer:
        database.save(writer)
        folders = [("files", Path(settings.FILES_ROOT))] + ([("secrets", settings.STATE / "secrets")] if secrets else [])
        for name, folder in folders:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    _add(writer, f"{name}/{file.relative_to(folder).as_posix()}", file)
        return writer.manifest


def _add(writer: archive.Writer, name: str, file: Path) -> None:
    try:
        writer.add_file(name, file)
    except FileNotFoundError:
        return  # erased since the list was read; the database saved before may still name it


def verify(source: Path) -> dict[str, Any]:
    """Read the whole archive without changing anything; gives its manifest. Raises ``archive.Damaged``."""
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=settings.STATE) as folder:
        manifest = archive.unpack(source, Path(folder))
        database.check(manifest, Path(folder))
        return manifest


def restore(source: Path, progress: Progress) -> Path:
    """Put the archive in place of what is here; gives the folder that keeps what was here before.

    Everything is unpacked and verified first: with ``archive.Damaged`` nothing has changed.
    """
    state: Path = settings.STATE
    if connection.vendor == "postgresql":
        call_command("migrate", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as name:
        folder = Path(name)
        manifest = archive.unpack(source, folder)
        database.check(manifest, folder)
        progress("verified")
        before = state / f"before-restore-{moment.now():%Y%m%d-%H%M%S}"
        before.mkdir(mode=0o700)
        if connection.vendor == "postgresql":
            make(before / "database.kefu", secrets=False)
            database.load_postgresql(manifest, folder)
        else:
            _swap_sqlite(folder, before)
        _swap(folder / "files", Path(settings.FILES_ROOT), before / "files")
        if manifest["secrets"]:
            _swap(folder / "secrets", state / "secrets", before / "secrets")
    call_command("migrate", interactive=False, verbosity=0)
    return before


def _swap_sqlite(folder: Path, before: Path) -> None:
    connection.close()
    here = Path(connection.settings_dict["NAME"])
    for suffix in ("", "-wal", "-shm"):
        old = here.with_name(here.name + suffix)
        if old.exists():
            shutil.move(old, before / old.name)
    shutil.move(folder / database.SQLITE_MEMBER, here)


def _swap(fresh: Path, here: Path, before: Path) -> None:
    if here.exists():
        shutil.move(here, before)
    if fresh.exists():
        shutil.move(fresh, here)
        os.chmod(here, 0o700)
