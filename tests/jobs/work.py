"""Background work that the tests queue."""

from __future__ import annotations

import time
from pathlib import Path

from kefu.engines.jobs.services import job
from kefu.kit.errors import Invalid


@job()
def note(path: str, text: str) -> int:
    with Path(path).open("a") as file:
        file.write(text + "\n")
    return len(text)


@job(tries=3)
def fails_until(path: str, times: int) -> None:
    """Fails ``times`` times, then succeeds."""
    note.func(path, "try")
    if len(Path(path).read_text().splitlines()) <= times:
        raise RuntimeError("not yet")


@job()
def refused() -> None:
    raise Invalid()


@job()
def slow(path: str, name: str) -> None:
    """Runs until the file ``path``.go is there."""
    note.func(path, f"begin {name}")
    while not Path(path + ".go").exists():
        time.sleep(0.02)
    note.func(path, f"end {name}")
