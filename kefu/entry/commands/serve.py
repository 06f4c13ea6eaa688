"""Everything in one command: web process, worker, and somebody who looks after both."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import socket
from typing import Any

HELP = "start Kefu: the web pages and the worker"
READY = False


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=os.environ.get("KEFU_HOST", "127.0.0.1"), help="address to listen on (0.0.0.0: all)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("KEFU_PORT", "8000")), help="port to listen on (0: any free one)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="number of web processes (more than 1 wants PostgreSQL)")
    parser.add_argument("--demo", action="store_true", help="fill an empty centre with a property firm and people to sign in as")
    parser.add_argument("--debug", action="store_true", help="show faults and the page of components; never on a network")
    parser.add_argument("--no-worker", action="store_true", help="only the web pages; run `kefu worker` elsewhere")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


def own_names(host: str) -> list[str]:
    """Under which names this machine may be addressed when it listens on ``host``."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - a comparison
        return [*names, f"[{host}]" if ":" in host else host]
    names.append(socket.gethostname())
    for family, probe in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((probe, 9))  # a datagram socket sends nothing here; it only learns its own address
                found = asking.getsockname()[0]
            except OSError:
                continue
        names.append(f"[{found}]" if ipaddress.ip_address(found).version == 6 else found)
    return names


def run(options: argparse.Namespace) -> int:
    from kefu.entry import processes
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    os.environ.setdefault("KEFU_HOSTS", ",".join(own_names(options.host)))
    if options.debug:
        os.environ["KEFU_DEBUG"] = "1"
    try:
        with processes.hold(alone=False):
            return _serve(options)
    except processes.Busy:
        say(_("A restore is running on this state folder; wait for its end."))
        return 1


def _serve(options: argparse.Namespace) -> int:
    from kefu.entry import children, processes
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say

    try:
        sock = processes.listener(options.host, options.port)
    except OSError as error:
        named = {"host": options.host, "port": options.port, "error": error.strerror or str(error)}
        say(_("Cannot listen on %(host)s port %(port)s (%(error)s). Choose another one with --port.") % named)
        return 1
    children.load()
    report = json.loads(processes.prepare(lambda writer: children.prepare(writer, demo=options.demo)) or b"{}")

    def worker() -> int:
        sock.close()
        return children.worker()

    staff = [processes.Child("web", lambda: children.web(sock)) for _each in range(max(1, options.workers))]
    if not options.no_worker:
        staff.append(processes.Child("worker", worker))
    supervisor = processes.Supervisor(staff)
    supervisor.start()
    shown = "127.0.0.1" if options.host in ("0.0.0.0", "") else "::1" if options.host == "::" else options.host  # noqa: S104
    if processes.wait_until_up((shown.strip("[]"), sock.getsockname()[1]), supervisor):
        _greet(report, f"http://{f'[{shown}]' if ':' in shown else shown}:{sock.getsockname()[1]}/", browser=options.open)
    elif not supervisor.stopping:
        say(_("The web process does not answer: see above, and ask `kefu doctor`."))
    return supervisor.watch()


def _greet(report: dict[str, Any], url: str, *, browser: bool) -> None:
    from kefu.entry.speech import gettext as _
    from kefu.entry.speech import say
    from kefu.kit import assets

    say()
    say(_("Kefu is ready: %(url)s") % {"url": url})
    if report.get("people"):
        say(_("Sign in as one of these (user name, password, post):"))
        for username, password, post in report["people"]:
            say(f"    {username:<12} {password:<16} {post}")
    elif report.get("empty"):
        say(_("Nobody can sign in yet: make the first person with `kefu user add`, or look around with `kefu serve --demo`."))
    if not assets.manifest():
        say(_("screens: styles and scripts are not bundled; pages stay bare") + " " + _("Run bin/run, or `python tools/web.py build`."))
    say(_("Stop it with Ctrl+C."))
    if browser:
        import webbrowser

        webbrowser.open(url)
