"""The processes that ``kefu serve`` starts: ``prepare``, ``web``, ``worker``. ``python -m kefu.entry.children NAME``."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import socket
import sys
import threading
from importlib.util import find_spec
from types import FrameType


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["prepare", "web", "worker"])
    parser.add_argument("--lifeline", type=int)
    parser.add_argument("--report", type=int)
    parser.add_argument("--socket", type=int)
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    if options.lifeline is not None:
        threading.Thread(target=_follow, args=(options.lifeline,), daemon=True).start()
    import django

    django.setup()
    if options.name == "prepare":
        return prepare(options.report, demo=options.demo)
    return web(options.socket) if options.name == "web" else worker()


def _follow(lifeline: int) -> None:
    """End when the supervisor is gone: its end of the pipe closes with it."""
    while os.read(lifeline, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def settle_down() -> None:
    """What was loaded at the start stays for ever: the collector need not look at it again, and its pages stay shared and quiet."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def prepare(report: int | None, *, demo: bool) -> int:
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
        from importlib import import_module

        people = import_module("kefu.entry.demo").ensure(say)
    if report is not None:
        from kefu.people.models import Staff

        with os.fdopen(report, "w") as stream:
            json.dump({"people": people, "empty": not Staff.objects.exists()}, stream)
    return 0


def web(descriptor: int) -> int:
    """Serve until SIGTERM; open requests end first, live streams are told to come again."""
    import uvicorn
    from django.urls import get_resolver

    from kefu.entry.asgi import front

    _raise_file_limit()
    served = front()
    _ = get_resolver().url_patterns
    settle_down()

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            served.live.close()
            super().handle_exit(sig, frame)

    proxies = os.environ.get("KEFU_PROXIES", "")
    config = uvicorn.Config(
        served,
        http="httptools",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
    )
    Server(config).run(sockets=[socket.socket(fileno=descriptor)])
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
    settle_down()
    work.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
