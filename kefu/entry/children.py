"""What the processes of ``kefu serve`` do: ``prepare``, ``web``, ``worker``. Alone: ``python -m kefu.entry.children NAME``."""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from importlib.util import find_spec
from types import FrameType

SERVER = ("uvicorn", "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.httptools_impl")


def main(argv: list[str]) -> int:
    """One child alone, without a supervisor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["web", "worker"])
    parser.add_argument("--socket", type=int)
    options = parser.parse_args(argv)
    if options.name == "web":
        load()
        return web(socket.socket(fileno=options.socket))
    import django

    lean()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    django.setup()
    settle_down()
    return worker()


def load() -> None:
    """Everything that any child needs, before they part: they start at once, and hold one copy of the code together."""
    lean()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    for name in (*SERVER, "kefu.entry.asgi", "kefu.entry.wsgi", "kefu.entry.jinja", "kefu.engines.jobs.worker"):
        import_module(name)
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    settle_down()


def lean() -> None:
    """Fewer arenas and an early trim keep many small threads from holding memory that nobody uses (glibc; others need no word)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        for setting, value in ((-8, 2), (-1, 131_072)):  # M_ARENA_MAX, M_TRIM_THRESHOLD
            mallopt(setting, value)


def settle_down() -> None:
    """What was loaded at the start stays for ever: the collector need not look at it again, and its pages stay shared and quiet."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def prepare(report: int, *, demo: bool) -> int:
    """Bring the tables up to date, with progress; with ``demo``, fill an empty centre. Reports people as JSON on the descriptor."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        say(_("The database cannot be reached: %(error)s") % {"error": str(error).strip()})
        return 1
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say(_("Preparing the database (%(count)s steps) ...") % {"count": len(plan)})
        call_command("migrate", interactive=False, verbosity=0)
    people: list[tuple[str, str, str]] = []
    if demo and find_spec("kefu.entry.demo"):
        people = import_module("kefu.entry.demo").ensure(say)
    from kefu.people.models import Staff

    with os.fdopen(report, "w") as stream:
        json.dump({"people": people, "empty": not Staff.objects.exists()}, stream)
    return 0


def web(listening: socket.socket) -> int:
    """Serve until SIGTERM; open requests end first, live streams are told to come again."""
    import uvicorn

    from kefu.entry.asgi import front

    _raise_file_limit()
    served = front()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            served.live.close()
            super().handle_exit(sig, frame)

    proxies = os.environ.get("KEFU_PROXIES", "")
    config = uvicorn.Config(
        served,
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
    )
    Server(config).run(sockets=[listening])
    return 0


def _raise_file_limit() -> None:
    """Each live stream is an open file: allow as many as the machine permits."""
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def worker() -> int:
    """Work until SIGTERM."""
    from django.conf import settings

    from kefu.engines.jobs.worker import Work

    work = Work(threads=settings.WORKER_THREADS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: work.stop())
    work.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
