"""Servers under measurement: started on a free port, asked over one kept connection, their CPU time and memory read from /proc."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent.parent.parent


def cpu(pids: list[int]) -> float:
    """Seconds of CPU time that these processes have used, all threads, to the nanosecond."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


class Pace:
    """How fast the processors are meanwhile: a neighbour on the same host may halve them without a trace in ``/proc/stat``.

    ``look`` times a fixed piece of work by the CPU time of its thread, so nothing of what runs beside it counts.
    """

    def __init__(self) -> None:
        self.seen: list[float] = []

    def look(self) -> None:
        began = time.thread_time()
        total = 0
        for each in range(20_000):
            total += each
        self.seen.append((time.thread_time() - began) * 1000)

    def text(self) -> str:
        """The middle and the least of all looks, in milliseconds."""
        return f"a fixed loop took {median(self.seen):.1f} ms, at best {min(self.seen):.1f}" if self.seen else "pace unknown"


def memory(pids: list[int], *, own: bool = False) -> int:
    """Bytes of memory that these processes hold together; what they share counts once (PSS).

    ``own`` leaves out pages of files, those of the database above all: the system lends them and takes them back, and it maps two
    megabytes of a file where one page was read, so they say nothing of what a thing costs.
    """
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:" if own else "Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def children(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


def backends(facts: dict[str, Any]) -> list[int]:
    """The processes of a PostgreSQL on this machine that serve the measured database (none where they cannot be seen)."""
    if facts["database"]["vendor"] == "sqlite":
        return []
    import psycopg

    with psycopg.connect(**facts["database"]["connect"]) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ).fetchall()
    return [pid for (pid,) in rows if Path(f"/proc/{pid}/task").exists()]


class Server:
    """One started server of ``count`` processes on one socket. ``ask`` and ``must`` give status and body."""

    def __init__(self, words: list[str], environment: dict[str, str], port: int, *, fds: tuple[int, ...] = (), count: int = 1) -> None:
        self.port = port
        told = {**os.environ, **environment}
        self.processes = [subprocess.Popen(words, env=told, cwd=HERE, pass_fds=fds, stdout=subprocess.DEVNULL) for _each in range(count)]
        self.headers: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    @property
    def pids(self) -> list[int]:
        return [one.pid for one in self.processes]

    @property
    def pid(self) -> int:
        return self.pids[0]

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        told = {**self.headers, **({"Content-Type": "application/json"} if data else {}), **(headers or {})}
        for last in (False, True):
            try:
                self._connection.request(method, path, data, told)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError):
                # The server may close a connection that was idle while another case was measured.
                self._connection.close()
                if last or method != "GET":
                    raise
        raise AssertionError

    def must(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> bytes:
        status, answer = self.ask(method, path, body, headers)
        if status not in (200, 201):
            raise SystemExit(f"{method} {path} answered {status}: {answer[:300]!r}")
        return answer

    def wait(self, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                if any(one.poll() is not None for one in self.processes):
                    break
                time.sleep(0.1)
        raise SystemExit("a server did not start")

    def stop(self) -> None:
        self._connection.close()
        for one in self.processes:
            one.send_signal(signal.SIGTERM)
        for one in self.processes:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()


def _listen() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(1024)
    return made


@contextmanager
def started(words: list[str], environment: dict[str, str], count: int = 1) -> Iterator[Server]:
    """A server that takes its listening socket by ``--socket``."""
    with _listen() as sock:
        fd = sock.fileno()
        server = Server([sys.executable, *words, f"--socket={fd}"], environment, sock.getsockname()[1], fds=(fd,), count=count)
    try:
        time.sleep(0.5)
        server.wait()
        yield server
    finally:
        server.stop()


@contextmanager
def kefu(environment: dict[str, str], facts: dict[str, Any], count: int = 1) -> Iterator[Server]:
    """Kefu's own web processes, as ``kefu serve --workers COUNT`` starts them."""
    with started(["-m", "kefu.entry.children", "web"], environment, count) as server:
        server.headers = {"Cookie": facts["cookie"]}
        _patient(server, "/-/alive")
        yield server


def _patient(server: Server, path: str) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            if server.ask("GET", path)[0] == 200:
                return
        except OSError:
            server._connection.close()
        time.sleep(0.2)
    raise SystemExit("Kefu did not start")


@contextmanager
def floor(environment: dict[str, str], facts: dict[str, Any], folder: Path) -> Iterator[Server]:
    """The floor on the same database."""
    told = folder / "facts.json"
    told.write_text(json.dumps(facts))
    with started(["-m", "tools.bench.floor", f"--facts={told}"], environment) as server:
        _patient(server, "/list")
        yield server
