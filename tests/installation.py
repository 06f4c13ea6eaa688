"""A whole installation of its own for tests of processes: real files, real processes, the database of the test run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.tables import administer, tables

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


RESIDENT = """
import json, os, signal, sys, traceback, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kefu.entry.settings"
django.setup()
from django.db import connections
for line in sys.stdin:
    code, place = json.loads(line)
    if not (child := os.fork()):
        signal.alarm(300)
        with open(place, "w") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        failed = 1
        try:
            room = {"os": os, "json": json, "django": django}
            exec(code, room)
            connections.close_all()
            with open(place + ".result", "w") as answer:
                json.dump(room["result"], answer)
            failed = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(failed)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Resident:
    """A process with Django ready that holds no connection and runs each piece of code in a fork of its own: ready once, not each time."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="kefu-resident-")
        self.errors = (Path(self.folder.name) / "errors").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", RESIDENT],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )  # fmt: skip

    def run(self, code: str):
        said = Path(self.folder.name) / uuid.uuid4().hex
        try:
            self.process.stdin.write(json.dumps([code, str(said)]) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        status = self.process.stdout.readline().strip()
        assert status, Path(self.errors.name).read_text()
        assert status == "0", said.read_text()
        return json.loads(Path(f"{said}.result").read_text())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.errors.close()
        self.folder.cleanup()

    def __enter__(self) -> Resident:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()


@dataclass
class Installation:
    """A state folder and a database with all tables."""

    state: Path
    database: str
    _resident: Resident | None = None

    @property
    def environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith(("KEFU_", "PYTEST_"))}
        # Some tests ask by one key as fast as they can.
        own = {"KEFU_STATE": str(self.state), "KEFU_DATABASE": self.database, "KEFU_LANGUAGE": "en", "KEFU_API_PER_MINUTE": "1000000"}
        return {**given, **own, "PYTHONPATH": str(ROOT)}

    def kefu(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        if "restore" in words:
            self.rest()  # it may bring other secrets
        command = [sys.executable, "-m", "kefu.entry.cli", *words]
        return subprocess.run(
            command, cwd=ROOT, env={**self.environment, **variables}, capture_output=True, text=True, check=False, timeout=300
        )

    def python(self, code: str, **variables: str):
        """Run code with Django ready; the value of ``result`` in it comes back."""
        if variables:
            with Resident({**self.environment, **variables}) as once:
                return once.run(code)
        if self._resident is None:
            self._resident = Resident(self.environment)
        return self._resident.run(code)

    def rest(self) -> None:
        """End what stands ready for ``python``."""
        if self._resident is not None:
            self._resident.close()
            self._resident = None

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


@pytest.fixture(scope="session")
def _template(tmp_path_factory) -> Iterator[Installation]:
    """Empty tables; copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    if TARGET.startswith("postgresql://"):
        with _copied(tables()) as database:
            yield from _at_rest(Installation(folder, database))
    else:
        shutil.copy(tables(), folder / "kefu.sqlite3")
        yield from _at_rest(Installation(folder, str(folder / "kefu.sqlite3")))


def _at_rest(made: Installation) -> Iterator[Installation]:
    try:
        yield made
    finally:
        made.rest()


@contextmanager
def _copied(source: str) -> Iterator[str]:
    """The address of a copy of a database on the server of the tests, gone at the end of the block."""
    name = f"kefu_{uuid.uuid4().hex[:10]}"
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        yield urlunsplit(urlsplit(TARGET)._replace(path=f"/{name}"))
    finally:
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def copy_of(template: Installation, state: Path) -> Iterator[Installation]:
    """An installation with what the template holds, put away at the end of the block."""
    shutil.copytree(template.state, state)
    if TARGET.startswith("postgresql://"):
        with _copied(urlsplit(template.database).path.strip("/")) as database:
            yield from _at_rest(Installation(state, database))
    else:
        yield from _at_rest(Installation(state, str(state / "kefu.sqlite3")))


@pytest.fixture
def installation(_template, tmp_path) -> Iterator[Installation]:
    """A fresh installation with empty tables."""
    with copy_of(_template, tmp_path / "state") as made:
        yield made
