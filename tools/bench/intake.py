"""Letters from a folder of a real IMAP server: merely fetched and parsed by Python's own e-mail package, and taken in by Kefu.

Each round has a folder of its own that both sides read, in turns which of them first. Run as a program it is one side.
"""

from __future__ import annotations

import argparse
import email
import imaplib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.email import dovecot
from tools.bench.mail import KINDS
from tools.bench.report import Line, Table
from tools.bench.servers import HERE, backends, cpu

BOUND = 0.6
ROUNDS, BATCH, WARM = 3, 50, 40


def intake(table: Table, where: str, environment: dict[str, str], letters: int) -> None:
    """The rate of taking letters in against that of fetching and parsing them; each side is a process of its own."""
    found: dict[str, list[dict[str, float]]] = {"plain": [], "kefu": []}
    run = f"{time.time_ns():x}"
    with dovecot.running() as server:
        for place in range(ROUNDS):
            user = f"{run}-{place}"
            for number in range(letters):
                server.drop(KINDS[number % len(KINDS)](f"{run}{place}{number:06}"), user)
            _side("plain", server.port, user, environment)  # the server makes its index, and the files are in memory
            for side in ("plain", "kefu") if place % 2 else ("kefu", "plain"):
                found[side].append(_side(side, server.port, user, environment))
    plain, kefu = ({name: median(one[name] for one in rounds) for name in rounds[0]} for rounds in found.values())
    for what, name in (("wall", "letters a second by the clock"), ("cpu", "letters a second of CPU, servers left out")):
        told = f"{kefu[what]:.0f} a second against {plain[what]:.0f}"
        ratios = [mine[what] / theirs[what] for mine, theirs in zip(found["kefu"], found["plain"], strict=True)]
        told += f", rounds {min(ratios):.2f} to {max(ratios):.2f}" + (f", database {kefu['database']:.2f} ms each" if what == "cpu" else "")
        table.add(Line(where, name, median(ratios), BOUND if what == "wall" else None, "x", told, least=True))


def _side(side: str, port: int, user: str, environment: dict[str, str]) -> dict[str, float]:
    words = [sys.executable, "-m", "tools.bench.intake", side, f"--port={port}", f"--user={user}"]
    done = subprocess.run(words, env={**os.environ, **environment}, cwd=HERE, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def plainly(port: int, user: str) -> int:
    """What anybody would write: fetch in batches, parse."""
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login(user, "secret")
    client.select("INBOX", readonly=True)
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    count = 0
    for start in range(0, len(uids), BATCH):
        answered = client.uid("FETCH", b",".join(uids[start : start + BATCH]).decode(), "(BODY.PEEK[])")[1]
        count += len([email.message_from_bytes(one[1]) for one in answered if isinstance(one, tuple)])
    client.logout()
    return count


def _mailbox(port: int, user: str) -> Any:
    """A mailbox of the centre that reads this folder."""
    from kefu.people.models import Unit
    from kefu.touch.channels.email.models import Mailbox
    from kefu.touch.conversations.services import Account

    unit = Unit.objects.order_by("path")[0]
    account = Account.objects.create(channel="email", name=user, address=f"{user}@kefu.example", unit=unit, active=False)
    words = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none", "user": user, "password": "secret"}
    return Mailbox.objects.create(account=account, **words)


def kefu(port: int, user: str) -> tuple[Callable[[], int], Callable[[], float]]:
    """Everything: known already? customer, conversation, limits, search, files, how far the folder was read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.entry.settings")
    import django

    django.setup()
    from kefu.entry import children
    from kefu.touch.channels.email import asking, services
    from tools.bench.prepare import _database

    box = _mailbox(port, user)
    for number in range(WARM):  # a worker has run for days, and began as this one
        services.ingest(KINDS[number % len(KINDS)](f"warm{user}{number:06}"), account=box.account)
    children.settle_down()
    facts = {"database": _database()}
    held = backends(facts) if facts["database"]["vendor"] != "sqlite" else []
    return lambda: asking.round_of(box).results["stored"], lambda: cpu(held)


def _cpu() -> float:
    """Seconds of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=["plain", "kefu"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    asked = parser.parse_args()
    work, database = (lambda: plainly(asked.port, asked.user), float) if asked.side == "plain" else kefu(asked.port, asked.user)
    own, beside, began = _cpu(), database(), time.perf_counter()
    count = work()
    wall, spent, beside = time.perf_counter() - began, _cpu() - own, database() - beside
    print(json.dumps({"count": count, "wall": count / wall, "cpu": count / spent, "database": beside / count * 1000}))


if __name__ == "__main__":
    main()
