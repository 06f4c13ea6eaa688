"""The supervisor behind ``kefu serve``: starts the children, starts again what falls, ends all in order. Small: no Django in it."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from kefu.entry.environment import state_folder
from kefu.entry.speech import gettext as _
from kefu.entry.speech import say

GRACE = 25.0
# Fewer arenas and an early trim keep many small threads from holding memory that nobody uses.
LEAN = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072", "PYTHONUNBUFFERED": "1"}


class Busy(Exception):
    """The state folder is in use by a process that excludes this one."""


@contextmanager
def hold(*, alone: bool) -> Iterator[None]:
    """Mark the state folder as in use; ``alone`` shuts everybody else out. Raises ``Busy``."""
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use.lock").open("a") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy from error
        yield


def listener(host: str, port: int) -> socket.socket:
    """The listening socket that all web processes share. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host.strip("[]"), port))
    except OSError:
        made.close()
        raise
    made.listen(2048)
    return made


@dataclass
class Child:
    """One process that must run. ``falls`` counts quick deaths, which are answered with growing pauses."""

    name: str
    words: list[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    falls: int = 0
    again_at: float = 0.0

    def start(self, lifeline: int) -> None:
        words = [sys.executable, "-m", "kefu.entry.children", self.name, f"--lifeline={lifeline}", *self.words]
        self.began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            words, env={**LEAN, **os.environ}, pass_fds=(lifeline, *self.descriptors), start_new_session=True
        )

    def look(self, lifeline: int) -> None:
        """Start the child again if it fell."""
        now = time.monotonic()
        if self.process is not None:
            status = self.process.poll()
            if status is None:
                return
            self.falls = self.falls + 1 if now - self.began < 30 else 0
            self.again_at = now + (min(2.0**self.falls, 30.0) if self.falls else 0.0)
            say(_("%(name)s ended unexpectedly (%(status)s); it is started again.") % {"name": self.name, "status": status})
            self.process = None
        if now >= self.again_at:
            self.start(lifeline)

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)


@dataclass
class Supervisor:
    """Runs children until SIGTERM or SIGINT. A child whose supervisor dies sees its lifeline close and ends too."""

    children: list[Child]
    stopping: bool = False
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for child in self.children:
            child.start(self._lifeline[0])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def watch(self) -> int:
        """Look after the children until told to stop; the answer is the exit status."""
        while not self.stopping:
            for child in self.children:
                child.look(self._lifeline[0])
            time.sleep(0.2)
        return self.end()

    def end(self) -> int:
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = time.monotonic() + GRACE
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                say(_("%(name)s did not end in time and is killed.") % {"name": child.name})
                child.process.kill()
        return 0


def prepare(words: list[str]) -> bytes:
    """Run the child that migrates and fills; gives what it reports. Raises ``SystemExit`` if it fails."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "kefu.entry.children", "prepare", f"--report={writer}", *words]
    child = subprocess.Popen(command, env={**LEAN, **os.environ}, pass_fds=(writer,))  # noqa: S603 - our own program
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        report = stream.read()
    if child.wait():
        raise SystemExit(_("The database could not be prepared: see above."))
    return report


def wait_until_up(address: tuple[str, int], supervisor: Supervisor, seconds: float = 60.0) -> bool:
    """Whether the web process answers within ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not supervisor.stopping:
        try:
            with socket.create_connection(address, 2) as asking:
                asking.settimeout(2)
                asking.sendall(b"GET /-/alive HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if asking.recv(12).endswith(b"200"):
                    return True
        except OSError:
            pass
        for child in supervisor.children:
            child.look(supervisor._lifeline[0])
        time.sleep(0.1)
    return False
