"""Short requests of one process run one after the other, long ones beside them.

Threads that all want the interpreter hinder each other: each statement gives its lock back and stands in line for it anew, a transaction
that holds the database's lock among them, and the others then wait for that (decision 28).
"""

from __future__ import annotations

import threading

PATIENCE = 0.1


class Lane:
    """``with lane:`` around what a request does, at most ``width`` at a time. Who waits longer than ``PATIENCE`` seconds takes the place of
    the one who has been inside longest: that one runs on beside the lane and counts no more."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._inside: dict[int, None] = {}
        self._free = threading.Condition(threading.Lock())

    def __enter__(self) -> None:
        with self._free:
            if not self._free.wait_for(lambda: len(self._inside) < self.width, PATIENCE):
                del self._inside[next(iter(self._inside))]
            self._inside[threading.get_ident()] = None

    def __exit__(self, *_error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Make room for the next; a second time does nothing."""
        with self._free:
            if threading.get_ident() in self._inside:
                del self._inside[threading.get_ident()]
                self._free.notify()
