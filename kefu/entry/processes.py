"""The supervisor behind ``kefu serve``: loads the code once, forks the children, starts again what falls, ends all in order."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from kefu.entry.environment import state_folder
from kefu.entry.speech import gettext as _
from kefu.entry.speech import say

GRACE = 25.0
# A child that ends this soon could not start: it is tried again after a pause that grows to half a minute.
STARTING = 2.0
HANDLED = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


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


def fork(work: Callable[[], int]) -> int:
    """Run ``work`` in a copy of this process, which has everything loaded already; gives the process id. Its answer is the exit status.

    Signals wait until the copy has put away the handlers of its parent.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in HANDLED - {signal.SIGINT}:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        status = work()
    except KeyboardInterrupt:
        status = 130
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


@dataclass
class Child:
    """One process that must run. ``falls`` counts deaths right after the start, which are answered with growing pauses."""

    name: str
    work: Callable[[], int]
    pid: int = 0
    began: float = 0.0
    falls: int = 0
    again_at: float = 0.0

    def start(self, lifeline: tuple[int, int]) -> None:
        self.began = time.monotonic()
        self.pid = fork(lambda: self._live(lifeline))

    def _live(self, lifeline: tuple[int, int]) -> int:
        os.setsid()
        os.close(lifeline[1])
        with suppress(OSError):
            Path("/proc/self/comm").write_text(f"kefu-{self.name}")
        threading.Thread(target=follow, args=(lifeline[0],), daemon=True).start()
        return self.work()

    def look(self, lifeline: tuple[int, int]) -> None:
        """Start the child again if it fell."""
        now = time.monotonic()
        if self.pid:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if not pid:
                return
            self.pid = 0
            self.falls = self.falls + 1 if now - self.began < STARTING else 0
            self.again_at = now + (min(0.1 * 2.0**self.falls, 30.0) if self.falls else 0.0)
            told = {"name": self.name, "status": os.waitstatus_to_exitcode(status)}
            say(_("%(name)s ended unexpectedly (%(status)s); it is started again.") % told)
        if now >= self.again_at:
            self.start(lifeline)

    def signal(self, number: int) -> None:
        if self.pid:
            os.kill(self.pid, number)  # not waited for yet, so the number is still its own


def follow(lifeline: int) -> None:
    """End when the supervisor is gone: its end of the pipe closes with it."""
    while os.read(lifeline, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Supervisor:
    """Runs children until SIGTERM or SIGINT. A child whose supervisor dies sees its lifeline close and ends too."""

    children: list[Child]
    stopping: bool = False
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)
    _bell: tuple[int, int] = field(default_factory=os.pipe)

    def start(self) -> None:
        for end in self._bell:
            os.set_blocking(end, False)
        for number in HANDLED:
            signal.signal(number, self._hear)
        signal.set_wakeup_fd(self._bell[1], warn_on_full_buffer=False)
        for child in self.children:
            child.start(self._lifeline)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.stopping = self.stopping or number != signal.SIGCHLD

    def look(self) -> None:
        for child in self.children:
            child.look(self._lifeline)

    def watch(self) -> int:
        """Look after the children until told to stop; the answer is the exit status."""
        while not self.stopping:
            self.look()
            self._sleep(0.1 if any(not child.pid for child in self.children) else 30.0)
        return self.end()

    def _sleep(self, seconds: float) -> None:
        """Until a signal comes: a child that ends sends one."""
        if select.select([self._bell[0]], [], [], seconds)[0]:
            os.read(self._bell[0], 1000)

    def end(self) -> int:
        """Ask all children to end, and kill those that do not in time."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        end = time.monotonic() + GRACE
        for child in self.children:
            while child.pid and not os.waitpid(child.pid, os.WNOHANG)[0]:
                if time.monotonic() < end:
                    self._sleep(0.2)
                    continue
                say(_("%(name)s did not end in time and is killed.") % {"name": child.name})
                child.signal(signal.SIGKILL)
                os.waitpid(child.pid, 0)
                break
            child.pid = 0
        return 0


def prepare(work: Callable[[int], int]) -> bytes:
    """Run ``work`` (migrate, fill) in a process of its own, so that its memory is given back; gives what it wrote to the descriptor.

    Raises ``SystemExit`` if it fails.
    """
    reader, writer = os.pipe()
    pid = fork(lambda: work(writer))
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        report = stream.read()
    if os.waitpid(pid, 0)[1]:
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
        supervisor.look()
        time.sleep(0.05)
    return False
