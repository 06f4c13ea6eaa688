"""A whole installation of its own for tests of processes: real files, real processes, the database of the test run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.tables import tables

ROOT = Path(__file__).resolve().parent.parent
TARGET = os.environ.get("KEFU_TEST_DATABASE", "sqlite")


def _title(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:  # it has just ended
        return ""


@dataclass
class Serving:
    """A running ``kefu serve``."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return next(found[0] for line in self.lines if (found := re.findall(r"http://[\d.:]+/", line)))

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def children(self, name: str) -> list[int]:
        """The process ids of the children with this name."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in listed if _title(pid) == f"kefu-{name}"]


@dataclass
class Installation:
    """A state folder and a database with all tables."""

    state: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "PYTEST_"))}
        return {**given, "KEFU_STATE": str(self.state), "KEFU_DATABASE": self.database, "PYTHONPATH": str(ROOT), "KEFU_LANGUAGE": "en"}

    def kefu(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "kefu.entry.cli", *words]
        return subprocess.run(
            command, cwd=ROOT, env={**self.environment, **variables}, capture_output=True, text=True, check=False, timeout=300
        )

    def python(self, code: str, **variables: str):
        """Run code with Django ready; the value of ``result`` in it comes back."""
        head = "import os, json, django\nos.environ['DJANGO_SETTINGS_MODULE'] = 'kefu.entry.settings'\ndjango.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", f"{head}{code}\nprint(json.dumps(result))"],
            cwd=ROOT, env={**self.environment, **variables}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "kefu.entry.cli", *words],
            cwd=ROOT, env={**self.environment, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    @contextmanager
    def serving(self, *words: str, **variables: str) -> Iterator[Serving]:
        """``kefu serve`` on a free port until the block ends."""
        serving = Serving(self.start("serve", *(() if "--port" in words else ("--port", "0")), *words, **variables))
        reader = threading.Thread(target=lambda: serving.lines.extend(iter(serving.process.stdout.readline, "")), daemon=True)
        reader.start()
        try:
            wait_for(lambda: any("Ctrl+C" in line for line in serving.lines) or serving.process.poll() is not None, 60)
            assert serving.process.poll() is None, "".join(serving.lines)
            yield serving
        finally:
            if serving.process.poll() is None:
                serving.process.send_signal(signal.SIGTERM)
            serving.process.wait(40)
            reader.join(5)
            serving.process.stdout.close()


def wait_for(true, seconds: float = 20.0) -> None:
    """Wait for what other processes do. (The clock of the centre is never waited for; processes have no other.)"""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def _administer(statement: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(TARGET)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def _template(tmp_path_factory) -> Iterator[Installation]:
    """Migrated once; copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    if not TARGET.startswith("postgresql://"):
        shutil.copy(tables(), folder / "kefu.sqlite3")
        yield Installation(folder, str(folder / "kefu.sqlite3"))
        return
    name = f"kefu_template_{uuid.uuid4().hex[:10]}"
    _administer(f"CREATE DATABASE {name}")
    try:
        made = Installation(folder, urlunsplit(urlsplit(TARGET)._replace(path=f"/{name}")))
        assert made.kefu("django", "migrate", "-v0").returncode == 0
        yield made
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copy_of(template: Installation, state: Path) -> Iterator[Installation]:
    """An installation with what the template holds, put away at the end of the block."""
    shutil.copytree(template.state, state)
    if not TARGET.startswith("postgresql://"):
        yield Installation(state, str(state / "kefu.sqlite3"))
        return
    name, source = f"kefu_{uuid.uuid4().hex[:10]}", urlsplit(template.database).path.strip("/")
    _administer(f"CREATE DATABASE {name} TEMPLATE {source}")
    try:
        yield Installation(state, urlunsplit(urlsplit(TARGET)._replace(path=f"/{name}")))
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def installation(_template, tmp_path) -> Iterator[Installation]:
    """A fresh installation with empty tables."""
    with copy_of(_template, tmp_path / "state") as made:
        yield made
