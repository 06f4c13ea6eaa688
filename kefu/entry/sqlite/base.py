"""The name and the class that Django looks for in a database backend."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base

_PAUSE, _PAUSE_BEHIND = 0.001, 0.005
_WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE", "REPLACE")
LOCKED = "database is locked"


class Turnstile:
    """Who wants to write waits here for his turn, and only he then waits for SQLite's own lock.

    SQLite has no queue: who finds it locked looks again every tenth of a second, and a neighbour that writes one transaction after the
    other (the clock after a standstill, a roll-up, an import) has it again by then, each time, until the time is over: "database is
    locked". With the turnstile the neighbour stands behind the one who waits. The lock is the operating system's: it ends with its process.
    """

    def __init__(self, database: str, seconds: float) -> None:
        self.seconds = seconds
        # What lies in memory has no neighbours in other processes.
        self._path = "" if ":memory:" in database or "mode=memory" in database else f"{database}-turn"
        self._file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Gives the monotonic time until which may be waited. Raises ``sqlite3.OperationalError`` if no turn comes by then, as SQLite."""
        end = time.monotonic() + self.seconds
        held = self._opened()
        if held is None:
            yield end
            return
        while not _taken(held):
            if time.monotonic() >= end:
                raise sqlite3.OperationalError(LOCKED)
            time.sleep(_PAUSE_BEHIND)
        try:
            yield end
        finally:
            fcntl.flock(held, fcntl.LOCK_UN)

    def _opened(self) -> int | None:
        if self._file is None and self._path:
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:  # a folder that nobody may write to has no writers
                self._path = ""
        return self._file

    def __del__(self) -> None:
        self.close()  # a thread that ends closes no connection

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _taken(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Cursor(base.SQLiteCursorWrapper):
    """What begins a transaction, or is one by itself, waits for its turn."""

    turnstile: Turnstile

    def execute(self, query: Any, params: Any = None) -> Any:
        if self.connection.in_transaction or not query.startswith(_WRITES):
            return super().execute(query, params)
        with self.turnstile.turn() as end:
            # One who stands first looks every millisecond: SQLite's own pauses grow to a hundred, in which nobody would write.
            self.connection.execute("PRAGMA busy_timeout=0")
            try:
                return self._first(query, params, end)
            finally:
                self.connection.execute(f"PRAGMA busy_timeout={int(self.turnstile.seconds * 1000)}")

    def _first(self, query: Any, params: Any, end: float) -> Any:
        while True:
            try:
                return super().execute(query, params)
            except sqlite3.OperationalError as error:
                if LOCKED not in str(error) or time.monotonic() >= end:
                    raise
                time.sleep(_PAUSE)

    def executemany(self, query: Any, param_list: Sequence[Any]) -> Any:  # type: ignore[override]
        if self.connection.in_transaction:
            return super().executemany(query, param_list)
        with self.turnstile.turn():
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """Writers take turns; the turnstile is passed on as soon as SQLite's lock is held."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.turnstile = Turnstile(str(conn_params["database"]), float(conn_params.get("timeout", 5)))
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        made = self.connection.cursor(factory=Cursor)
        made.turnstile = self.turnstile
        return made

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]
        self.turnstile.close()
