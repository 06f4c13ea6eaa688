"""The list of conversations and one conversation, with few messages and with many: the CPU time of a request, the database's included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

from tools.bench.cases import Ask, measure
from tools.bench.report import Line, Table
from tools.bench.servers import HERE, Server, kefu

SMALL = 10_000
BOUND = 1.5
PART = {"HX-Request": "true"}


def ready(environment: dict[str, str], messages: int) -> dict[str, Any]:
    began = time.monotonic()
    words = [sys.executable, "-m", "tools.bench.talks", f"--messages={messages}"]
    done = subprocess.run(words, env={**os.environ, **environment}, cwd=HERE, stdout=subprocess.PIPE, check=True)
    print(f"  {messages:,} messages ready after {time.monotonic() - began:.0f} s", flush=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _asked(facts: dict[str, Any], who: str, path: str, *, part: bool = False) -> Ask:
    headers = {"Cookie": facts[who], **(PART if part else {})}

    def ask(server: Server) -> None:
        server.must("GET", path.format(**facts), headers=headers)

    return ask


WAYS = (
    ("inbox, own conversations", "agent", "/inbox?tab=mine", False),
    ("inbox, waiting", "agent", "/inbox?tab=waiting", False),
    ("inbox, all that runs, a lead", "lead", "/inbox?tab=running", False),
    ("inbox, closed, an agent", "agent", "/inbox?tab=closed", False),
    ("inbox, closed, a lead", "lead", "/inbox?tab=closed", False),
    ("conversation page, 10 turns", "agent", "/inbox/{plain}", False),
    ("conversation page, 5,000 turns", "agent", "/inbox/{long}", False),
    ("conversation part, 5,000 turns", "agent", "/inbox/{long}", True),
    ("the newest turn", "agent", "/inbox/{plain}/turns?after={after}", True),
)


def inbox(
    table: Table,
    where: str,
    small: tuple[dict[str, str], dict[str, Any]],
    large: tuple[dict[str, str], dict[str, Any]],
    messages: int,
    *,
    rounds: int,
    requests: int,
) -> None:
    """The cost with ``messages`` against that with ``SMALL``; each side is an environment and the facts of its centre."""
    few, many = ready(small[0], SMALL), ready(large[0], messages)
    with kefu(small[0], small[1]) as first, kefu(large[0], large[1]) as second:
        for what, who, path, part in WAYS:
            sides = [(first, small[1], _asked(few, who, path, part=part)), (second, large[1], _asked(many, who, path, part=part))]
            before, after = measure(sides, rounds=rounds, requests=max(3, requests // 2))
            told = f"{before.both:.2f} ms to {after.both:.2f} ms, {few['messages']:,} to {many['messages']:,} messages"
            table.add(Line(where, f"growth: {what}", after.both / before.both, BOUND, "x", told))
