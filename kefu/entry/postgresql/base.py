"""The name and the class that Django looks for in a database backend."""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base

_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class DatabaseWrapper(base.DatabaseWrapper):
    """Before the first statement of a request Django asks ``SELECT 1``, a tenth of what a short request costs.

    A server that ends a connection says so, and what it says lies waiting at the socket. Where nothing waits, nothing was said; where
    something does (an end, a notice), ``SELECT 1`` decides as ever. A server that vanishes without a word is noticed by neither way
    before the operating system gives the connection up.
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        watch = select.poll()
        try:
            watch.register(self.connection.fileno(), select.POLLIN | select.POLLPRI)
            waiting = watch.poll(0)
        except (OSError, ValueError, psycopg.Error):
            return False
        if not waiting:
            return True
        return not waiting[0][1] & _GONE and super().is_usable()
