"""Empty tables on SQLite, migrated once for a state of the code: every worker of a run and every installation of a test copies them.

Migrating takes 10 s of CPU, and a run with two workers did it four times.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3.creation import DatabaseCreation

ROOT = Path(__file__).resolve().parent.parent


def _state_of_code() -> str:
    found = hashlib.sha256(f"{version('django')} {version('django-tasks-db')}".encode())
    for file in sorted((ROOT / "kefu").rglob("migrations/*.py")):
        found.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def tables() -> Path:
    """The file; made if there is none for this code. Others wait meanwhile."""
    folder = Path(os.environ["KEFU_STATE"]) / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{_state_of_code()}.sqlite3"
    with (folder / "making.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(folder, made)
    return made


def _make(folder: Path, made: Path) -> None:
    for old in folder.glob("*.sqlite3*"):
        old.unlink()
    draft = folder / "draft.sqlite3"
    given = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "PYTEST_"))}
    variables = {"KEFU_STATE": str(folder / "state"), "KEFU_DATABASE": str(draft), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "kefu.entry.cli", "django", "migrate", "-v0"]
    subprocess.run(words, cwd=ROOT, env={**given, **variables}, check=True, timeout=600)
    with closing(sqlite3.connect(draft)) as whole:
        whole.execute("PRAGMA journal_mode=DELETE")
    draft.rename(made)


def _create(self: Any, verbosity: int = 1, autoclobber: bool = False, serialize: bool = True, keepdb: bool = False) -> str:
    """Django's own step with the copy in the place of the migration."""
    name: str = self._get_test_db_name()
    self._create_test_db(verbosity, autoclobber, keepdb)
    self.connection.close()
    self.connection.settings_dict["NAME"] = name
    self.connection.ensure_connection()
    with closing(sqlite3.connect(tables())) as source:
        source.backup(self.connection.connection)
    return name


def copy_instead_of_migrating() -> None:
    """From here on a test database on SQLite is a copy."""
    DatabaseCreation.create_test_db = _create  # type: ignore[method-assign]
