"""Watching something outside for good: one thread for each row, one process a row, told by the lease in it (decision 0020)."""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet

from kefu.engines.jobs.worker import this_host
from kefu.kit import moment

log = logging.getLogger("kefu.watching")
LEASE, RENEW = timedelta(seconds=30), 10.0
MOST_PAUSE = 300.0


class Watching:
    """The rows of a model with ``watched_by`` and ``watched_until``, each watched by ``stay`` in a thread of its own.

    ``rows`` are those to be watched now. ``stay`` works until the row is no longer ours (``goes_on``) or something breaks;
    ``failing`` writes down what broke; ``expected`` are the errors that need no trace in the log.
    """

    what = "row"
    expected: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self.threads: dict[int, threading.Thread] = {}
        self.looked = 0.0
        self.stopping = threading.Event()

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def stay(self, pk: int) -> None:
        raise NotImplementedError

    def failing(self, pk: int, error: Exception) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        return f"{this_host()[:60]} {os.getpid()}"

    def turn(self) -> None:
        """Begin to watch what nobody watches; called every second, it looks every ten."""
        if time.monotonic() - self.looked < RENEW:
            return
        self.looked = time.monotonic()
        self.threads = {pk: thread for pk, thread in self.threads.items() if thread.is_alive()}
        for pk in self.rows().values_list("pk", flat=True):
            if pk not in self.threads and self.begins(pk):
                self.threads[pk] = threading.Thread(target=self._watch, args=(pk,), name=f"{self.what}-{pk}", daemon=True)
                self.threads[pk].start()

    def begins(self, pk: int) -> bool:
        """Whether the row is this process's to watch from now on."""
        free = Q(watched_by__in=("", self.name)) | Q(watched_until=None) | Q(watched_until__lt=moment.now())
        return self._lease(self.rows().filter(free, pk=pk))

    def goes_on(self, pk: int) -> bool:
        """Whether it still is: nobody took it over, switched it off or changed its servers."""
        return not self.stopping.is_set() and self._lease(self.rows().filter(pk=pk, watched_by=self.name))

    def _lease(self, rows: QuerySet[Any]) -> bool:
        return bool(rows.update(watched_by=self.name, watched_until=moment.now() + LEASE))

    def _watch(self, pk: int) -> None:
        pause = RENEW
        try:
            while self.goes_on(pk):
                began = time.monotonic()
                self._guarded(pk)
                pause = RENEW if time.monotonic() - began > MOST_PAUSE else min(pause * 2, MOST_PAUSE)
                end = time.monotonic() + pause
                while time.monotonic() < end and self.goes_on(pk):
                    self.stopping.wait(RENEW)
        except DatabaseError as error:
            log.warning("%s %s is watched no longer: %s", self.what, pk, error)  # the next turn begins anew
        finally:
            connection.close()

    def _guarded(self, pk: int) -> None:
        """Whatever happens at one row, it is written at the row, and watching goes on."""
        try:
            self.stay(pk)
        except DatabaseError:
            connection.close()
            raise
        except Exception as error:
            if not isinstance(error, self.expected):
                log.exception("%s %s could not be watched", self.what, pk)
            self.failing(pk, error)
