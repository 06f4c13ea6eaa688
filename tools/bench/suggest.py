"""The articles that stand beside what is written: over real HTTP on loopback, by the clock, at the addresses that the screens ask.

One request follows the other on a kept connection. The desk and the inbox ask while the agent types, the turns of a conversation when the
customer has written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from tools.bench.articles import typed
from tools.bench.report import Line, Table
from tools.bench.servers import HERE, Server, backends, cpu, kefu

BOUND, MOST_CPU = 30.0, 25.0
WARM = 40
FORM = {"HX-Request": "true", "X-CSRFToken": "c" * 32, "Content-Type": "application/x-www-form-urlencoded"}
Ask = Callable[[Server], bytes]


def ready(environment: dict[str, str], articles: int) -> dict[str, Any]:
    words = [sys.executable, "-m", "tools.bench.articles", f"--articles={articles}"]
    done = subprocess.run(words, env={**os.environ, **environment}, cwd=HERE, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _posted(path: str, **body: str) -> Ask:
    return lambda server: server.must("POST", path, urlencode(body).encode(), FORM)


def _asked(path: str) -> Ask:
    return lambda server: server.must("GET", path, headers={"HX-Request": "true", "HX-Target": "turns-tail"})


def suggest(table: Table, where: str, environment: dict[str, str], facts: dict[str, Any], articles: int) -> None:
    """The time until the answer is there, p50 and p95, and the CPU time that it took."""
    told = ready(environment, articles)
    talks, beginnings = told["talks"], typed()
    ways: dict[str, list[Ask]] = {
        "the desk, while typing": [_posted("/desk/hints", content=text) for text in beginnings],
        "the inbox, while typing": [
            _posted(f"/inbox/{talks[place % len(talks)]['talk']}/hits", text=text) for place, text in enumerate(beginnings)
        ],
        "the customer wrote": [_asked(f"/inbox/{one['talk']}/turns?after={one['after']}") for one in talks * 5],
    }
    with kefu(environment, {"cookie": told["cookie"]}) as served:
        for what, asks in ways.items():
            _line(table, where, f"{articles:,} articles, {what}", served, facts, asks)


def _line(table: Table, where: str, what: str, served: Server, facts: dict[str, Any], asks: list[Ask]) -> None:
    found = 0
    for ask in asks[:WARM]:
        ask(served)
    behind = backends(facts)
    used, times = cpu([served.pid]) + cpu(behind), []
    for ask in asks:
        began = time.perf_counter()
        answer = ask(served)
        times.append((time.perf_counter() - began) * 1000)
        found += answer.count(b"<details")
    each = (cpu([served.pid]) + cpu(behind) - used) / len(asks) * 1000
    if not found:
        raise SystemExit(f"{what}: no article was found")
    more = f"p50 {_part(times, 0.5):.1f} ms, {found / len(asks):.1f} found each, {len(asks)} asked"
    table.add(Line(where, f"{what}, p95", _part(times, 0.95), BOUND, "ms", more))
    table.add(Line(where, f"{what}, CPU", each, MOST_CPU, "ms", "mean, the database included"))


def _part(times: Iterable[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
