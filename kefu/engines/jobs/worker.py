"""The worker process: ticks the clock, keeps the timetable, works off the queue, and takes over from workers that died."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from kefu.engines.jobs import queue, timetable
from kefu.engines.jobs.models import Worker
from kefu.engines.jobs.registry import tickers
from kefu.kit import moment

BEAT_SECONDS, DEAD_AFTER = 5.0, timedelta(seconds=30)
IDLE_SECONDS, GRACE_SECONDS = 0.5, 20.0
log = logging.getLogger("kefu.jobs")


def this_host() -> str:
    """The machine and its process table: two processes with equal answers can look after each other by process id."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()[:120]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def alive() -> set[str]:
    """The ids of the workers that live: they beat lately, and those of this machine still have their process."""
    here = this_host()
    rows = Worker.objects.filter(beat_at__gt=moment.now() - DEAD_AFTER)
    return {row.id for row in rows if row.host != here or _runs(row.pid)}


class Work:
    """One worker process. ``run`` blocks until ``stop``."""

    def __init__(self, threads: int = 2) -> None:
        self.id = uuid.uuid4().hex
        self.threads = threads
        self.stopping = threading.Event()

    def stop(self) -> None:
        """Finish what is at hand and come to an end."""
        self.stopping.set()

    def run(self) -> None:
        """Serve until stopped; then wait a little for running tasks and hand back what is not done."""
        self._beat()
        timetable.prepare()
        running = [self._thread(f"task-{number}", self._next_task, IDLE_SECONDS) for number in range(self.threads)]
        running += [self._thread(f"tick-{one.code}", one.run, 1.0) for one in tickers]
        running.append(self._thread("timetable", timetable.turn, 1.0))
        while not self.stopping.wait(BEAT_SECONDS):
            self._guarded(self._beat)
        end = time.monotonic() + GRACE_SECONDS
        for thread in running:
            thread.join(max(0.0, end - time.monotonic()))
        self._guarded(self._leave)

    def _thread(self, name: str, step: Callable[[], object], pause: float) -> threading.Thread:
        thread = threading.Thread(target=self._loop, args=(step, pause), name=name, daemon=True)
        thread.start()
        return thread

    def _loop(self, step: Callable[[], object], pause: float) -> None:
        """Repeat ``step`` every ``pause`` seconds; without a pause while it answers True."""
        try:
            while not self.stopping.is_set():
                began = time.monotonic()
                if self._guarded(step) is not True:
                    self.stopping.wait(max(0.05, pause - (time.monotonic() - began)))
        finally:
            connection.close()

    def _guarded(self, step: Callable[[], object]) -> object:
        """Whatever happens in a step, the worker lives on."""
        close_old_connections()
        try:
            return step()
        except (DatabaseError, InterfaceError) as error:
            log.error("the database refused: %s", error)
            connection.close()
            self.stopping.wait(1.0)
        except Exception:
            log.exception("a step of the worker failed")
            self.stopping.wait(1.0)
        return None

    def _next_task(self) -> bool:
        row = queue.claim(self.id)
        if row is None:
            return False
        queue.run(row)
        return True

    def _beat(self) -> None:
        """Show that this worker lives; take over from those that do not."""
        Worker.objects.update_or_create(
            pk=self.id, defaults={"beat_at": moment.now()}, create_defaults={"host": this_host(), "pid": os.getpid()}
        )
        living = alive() | {self.id, "inline"}
        taken = queue.reclaim(living)
        gone, _each = Worker.objects.exclude(pk__in=living).delete()
        if taken or gone:
            log.warning("%d dead workers, %d of their tasks run again", gone, taken)

    def _leave(self) -> None:
        queue.release(self.id)
        Worker.objects.filter(pk=self.id).delete()
