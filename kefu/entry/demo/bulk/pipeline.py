"""One process makes while another writes: what ``make`` gives is handed over a pipe, in order, at most two pieces ahead."""

from __future__ import annotations

import marshal
import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any


def made(make: Callable[[Any], Any], jobs: Iterable[Any], *, apart: bool) -> Iterator[Any]:
    """``make(job)`` for each job, in a process of its own if ``apart``. ``make`` gives plain values and touches no database then."""
    if not apart:
        yield from map(make, jobs)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    maker = context.Process(target=_serve, args=(make, ours, theirs), daemon=True)
    maker.start()
    theirs.close()
    try:
        waiting = 0
        for job in jobs:
            ours.send(job)
            waiting += 1
            if waiting == 2:
                yield _received(ours)
                waiting -= 1
        for _left in range(waiting):
            yield _received(ours)
    finally:
        ours.close()
        maker.join(10)
        if maker.is_alive():
            maker.terminate()


def _received(pipe: Connection) -> Any:
    return marshal.loads(pipe.recv_bytes())  # noqa: S302 - from our own process


def _serve(make: Callable[[Any], Any], parent: Connection, pipe: Connection) -> None:
    """The maker; ends when the other side is gone, however that came about."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent.close()
    try:
        while True:
            pipe.send_bytes(marshal.dumps(make(pipe.recv())))
    except (EOFError, OSError):
        return
