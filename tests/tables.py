"""Empty tables, migrated once for a state of the code: every worker of a run and every installation of a test copies them.

Migrating takes 10 s of CPU, and a run with two workers did it four times. On SQLite they are a file, on PostgreSQL a database of the same
server; both are kept for the next run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection
from django.db.backends.postgresql.creation import DatabaseCreation as OnPostgresql
from django.db.backends.sqlite3.creation import DatabaseCreation as OnSqlite

ROOT = Path(__file__).resolve().parent.parent
TARGET = os.environ.get("KEFU_TEST_DATABASE", "sqlite")


def _state_of_code() -> str:
    found = hashlib.sha256(f"{version('django')} {version('django-tasks-db')}".encode())
    for file in sorted((ROOT / "kefu").rglob("migrations/*.py")):
        found.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def tables(target: str = TARGET) -> str:
    """The file, on PostgreSQL the name of the database; made if there is none for this code. Others wait meanwhile."""
    folder = Path(os.environ["KEFU_STATE"]) / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "making.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _on_server(folder) if target.startswith("postgresql://") else _in_file(folder)


def _in_file(folder: Path) -> str:
    made = folder / f"{_state_of_code()}.sqlite3"
    if not made.exists():
        for old in folder.glob("*.sqlite3*"):
            old.unlink()
        draft = folder / "draft.sqlite3"
        _migrate(str(draft), folder)
        with closing(sqlite3.connect(draft)) as whole:
            whole.execute("PRAGMA journal_mode=DELETE")
        draft.rename(made)
    return str(made)


def administer(statement: str) -> list[tuple[Any, ...]]:
    """One statement to the server of the tests, outside of any of its databases that are in use."""
    with psycopg.connect(urlunsplit(urlsplit(TARGET)._replace(path="/postgres")), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def _on_server(folder: Path) -> str:
    own = f"{urlsplit(TARGET).path.strip('/')}_tables_"
    made, draft = f"{own}{_state_of_code()}", f"{own}draft"
    there = {name for (name,) in administer("SELECT datname FROM pg_database") if name.startswith(own)}
    if made not in there:
        for old in there:
            administer(f'DROP DATABASE "{old}" WITH (FORCE)')
        administer(f'CREATE DATABASE "{draft}"')
        _migrate(urlunsplit(urlsplit(TARGET)._replace(path=f"/{draft}")), folder)
        administer(f'ALTER DATABASE "{draft}" RENAME TO "{made}"')
    return made


def _migrate(database: str, folder: Path) -> None:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "PYTEST_"))}
    variables = {"KEFU_STATE": str(folder / "state"), "KEFU_DATABASE": database, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "kefu.entry.cli", "django", "migrate", "-v0"]
    subprocess.run(words, cwd=ROOT, env={**given, **variables}, check=True, timeout=600)


def _create_on_sqlite(self: Any, verbosity: int = 1, autoclobber: bool = False, serialize: bool = True, keepdb: bool = False) -> str:
    """Django's own step with the copy in the place of the migration."""
    name: str = self._get_test_db_name()
    self._create_test_db(verbosity, autoclobber, keepdb)
    self.connection.close()
    self.connection.settings_dict["NAME"] = name
    self.connection.ensure_connection()
    with closing(sqlite3.connect(tables())) as source:
        source.backup(self.connection.connection)
    return name


def _create_on_postgresql(self: Any, verbosity: int = 1, autoclobber: bool = False, serialize: bool = True, keepdb: bool = False) -> str:
    """Likewise: the new database begins as a copy."""
    self.connection.settings_dict["TEST"]["TEMPLATE"] = tables()
    name: str = self._create_test_db(verbosity, autoclobber, keepdb)
    self.connection.close()
    self.connection.settings_dict["NAME"] = name
    self.connection.ensure_connection()
    return name


def copy_instead_of_migrating() -> None:
    """From here on a test database is a copy."""
    OnSqlite.create_test_db = _create_on_sqlite  # type: ignore[method-assign]
    OnPostgresql.create_test_db = _create_on_postgresql  # type: ignore[method-assign]


Kept = sqlite3.Connection | str


@contextmanager
def kept() -> Iterator[Kept]:
    """What the database of the test holds now, for ``bring_back``."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(":memory:")) as held:
            connection.connection.backup(held)
            yield held
        return
    name = f"{connection.settings_dict['NAME']}_kept_{uuid.uuid4().hex[:6]}"
    connection.close()
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
    try:
        yield name
    finally:
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def bring_back(held: Kept) -> None:
    """Everything in the database of the test is as it was; sequences and indexes too."""
    if isinstance(held, str):
        name = connection.settings_dict["NAME"]
        connection.close()
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')
        administer(f'CREATE DATABASE "{name}" TEMPLATE "{held}"')
    else:
        connection.ensure_connection()
        held.backup(connection.connection)
