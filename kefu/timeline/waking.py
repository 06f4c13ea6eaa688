"""A word to the web processes at the instant a transaction commits, so that nobody waits for the next reading of the line.

On PostgreSQL the database itself carries it (NOTIFY); SQLite serves one machine, where every web process holds a pipe in the state folder.
A word says only what to look at. One that is lost, because a pooler stands between or a process was just starting, costs the time of the
next reading: what was written stands in the database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import connection, transaction

from kefu.kit import driven

CHANNEL = "kefu_waking"
EVENT, SIGN = "event", "sign"
_MOST = 200  # words at a time: a notification carries 8,000 bytes, a pipe takes 4,096 in one piece


class Word(NamedTuple):
    """What to look at: an event by its id, or what a capability says of a subject (``what`` holds no space). A ``sign`` has a person."""

    what: str
    id: int


def sign(what: str, subject_id: int, staff_id: int, place: int = 0) -> Word:
    """A word for the pages of one person about a subject ("types", "read" up to ``place``): passed on as it is, told once, kept nowhere."""
    return Word(f"{SIGN}:{what}:{subject_id}:{place}", staff_id)


def say(*words: Word) -> None:
    """Wake the web processes once the caller's transaction has committed, at once outside of one. Nothing is kept."""
    carry = _notify if driven.vendor() == "postgresql" else _into_pipes
    for start in range(0, len(words), _MOST):
        text = " ".join(f"{word.what} {word.id}" for word in words[start : start + _MOST])
        transaction.on_commit(partial(carry, text), robust=True)


_NOTIFY = driven.Text("SELECT pg_notify(%s, %s)")


def _notify(text: str) -> None:
    """A transaction of its own that writes nothing: in one that does, PostgreSQL lets no other commit that has something to tell until it
    stands on the disk, and no two share a way there (decision 29)."""
    driven.fetched(_NOTIFY, [CHANNEL, text])


def read(text: str) -> Iterator[Word]:
    """The words of a text; what is none is passed over."""
    parts = text.split()
    for what, number in zip(parts[::2], parts[1::2], strict=False):
        if number.isdecimal() and len(number) < 19:
            yield Word(what, int(number))


def _folder() -> Path:
    return Path(settings.STATE) / "waking"


def _into_pipes(text: str) -> None:
    """To every web process of this machine. The pipe of one that is gone is put away; a full one is being read anyway."""
    try:
        pipes = list(os.scandir(_folder()))
    except FileNotFoundError:
        return
    for pipe in pipes:
        try:
            writing = os.open(pipe.path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            with suppress(OSError):
                os.unlink(pipe.path)
            continue
        try:
            with suppress(OSError):
                os.write(writing, f"{text}\n".encode())
        finally:
            os.close(writing)


class Listening(Protocol):
    """What a web process holds to be woken. ``fileno`` becomes readable when there is something to ``take``."""

    def fileno(self) -> int: ...
    def take(self) -> list[Word]: ...
    def close(self) -> None: ...


class _Pipe:
    def __init__(self) -> None:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / str(os.getpid())
        self.path.unlink(missing_ok=True)
        os.mkfifo(self.path, 0o600)
        # Open for writing too: a pipe that nobody writes to would else be at its end.
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def fileno(self) -> int:
        return self.descriptor

    def take(self) -> list[Word]:
        found: list[Word] = []
        with suppress(BlockingIOError):
            while chunk := os.read(self.descriptor, 65_536):
                found += [word for line in chunk.decode("ascii", "replace").split("\n") for word in read(line)]
        return found

    def close(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


class _Notifications:
    """A connection of its own: those of requests come and go."""

    def __init__(self) -> None:
        import psycopg

        given: dict[str, Any] = connection.get_connection_params()
        known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
        also = {name: value for name, value in given.items() if name.startswith("ssl")}
        self.connection = psycopg.connect(**known, **also, autocommit=True, connect_timeout=10)
        self.connection.execute(f"LISTEN {CHANNEL}")

    def fileno(self) -> int:
        return self.connection.fileno()

    def take(self) -> list[Word]:
        return [word for note in self.connection.notifies(timeout=0) for word in read(note.payload)]

    def close(self) -> None:
        self.connection.close()


def listening() -> Listening:
    """Be woken from now on. Raises an error of the operating system or of the database."""
    return _Notifications() if connection.vendor == "postgresql" else _Pipe()
