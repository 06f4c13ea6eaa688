"""``bin/bench``: fills two centres a database, a small and a large one, measures, prints the table; 1 if a bound is broken."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tools.bench import cases, chat, inbox, intake, servers, size, suggest
from tools.bench.report import Table

SMALL = 10_000
CASES = ("floor", "growth", "size", "chat", "mail", "knowledge", "messages", "lighthouse")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=40_000, help="orders of the large centre (default 40000; the bounds mean 1000000)")
    parser.add_argument(
        "--postgresql", default=os.environ.get("KEFU_TEST_DATABASE", ""), help="address of a database to make others beside"
    )
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database alone")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES[:7]))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=40, help="requests a round")
    parser.add_argument("--visitors", type=int, default=1000, help="who chat at once, with a fifth as many agents")
    parser.add_argument("--letters", type=int, default=10_000, help="letters in the folder of the mailbox")
    parser.add_argument("--articles", type=int, default=20_000, help="articles that suggestions are looked for in")
    parser.add_argument("--messages", type=int, default=1_000_000, help="messages of the large inbox (the bound means 10000000)")
    parser.add_argument("--seconds", type=int, default=30, help="how long they chat")
    parser.add_argument(
        "--folder", type=Path, default=servers.HERE / ".state" / "bench", help="where the centres are kept for the next time"
    )
    return parser.parse_args()


def prepare(environment: dict[str, str], *, orders: int, contacts: int) -> dict[str, Any]:
    """Bring a centre to ``orders``; facts for the cases."""
    began = time.monotonic()
    words = [sys.executable, "-m", "tools.bench.prepare", f"--orders={orders}", f"--contacts={contacts}"]
    done = subprocess.run(words, env={**os.environ, **environment}, cwd=servers.HERE, stdout=subprocess.PIPE, check=True)
    print(f"  {orders:,} orders ready after {time.monotonic() - began:.0f} s", flush=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def centre(asked: argparse.Namespace, kind: str, name: str) -> dict[str, str]:
    """The environment of one centre."""
    state = asked.folder / f"{kind}-{name}"
    state.mkdir(parents=True, exist_ok=True)
    found = {"KEFU_STATE": str(state), "KEFU_HOSTS": "127.0.0.1,localhost", "KEFU_LANGUAGE": "en", "KEFU_DATABASE": ""}
    found["KEFU_API_PER_MINUTE"] = "1000000"
    found["KEFU_CHAT_PER_MINUTE"] = "100000"  # all visitors of the bench come from one address
    if kind == "postgresql":
        found["KEFU_DATABASE"] = _database(asked.postgresql, name)
    return found


def _database(address: str, name: str) -> str:
    import psycopg

    parts = urlsplit(address)
    own = f"{parts.path.lstrip('/')}_bench_{name}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [own]).fetchone():
            connection.execute(f'CREATE DATABASE "{own}"')
    return urlunsplit(parts._replace(path=f"/{own}"))


def run(asked: argparse.Namespace, kind: str, table: Table) -> None:
    """The cases, each in its centre; that of 10,000 orders serves all but two."""
    wanted = set(asked.cases)
    if wanted - {"knowledge", "messages"}:
        _small(asked, kind, table, wanted)
    if "knowledge" in wanted:
        known = centre(asked, kind, "knowledge")
        suggest.suggest(table, kind, known, prepare(known, orders=0, contacts=0), asked.articles)
    if "messages" in wanted:
        few, many = (
            (one, prepare(one, orders=0, contacts=0)) for one in (centre(asked, kind, f"talks_{name}") for name in ("few", "many"))
        )
        inbox.inbox(table, kind, few, many, asked.messages, rounds=asked.rounds, requests=asked.requests)


def _small(asked: argparse.Namespace, kind: str, table: Table, wanted: set[str]) -> None:
    contacts = 2 * ((asked.rounds + 1) * asked.requests + 10) if "floor" in wanted else 0
    small = centre(asked, kind, "small")
    facts = prepare(small, orders=SMALL, contacts=contacts)
    with ExitStack() as stack:
        kefu = stack.enter_context(servers.kefu(small, facts))
        if "floor" in wanted:
            least = stack.enter_context(servers.floor(small, facts, Path(small["KEFU_STATE"])))
            cases.against_floor(table, kind, kefu, least, facts, rounds=asked.rounds, requests=asked.requests)
        if "growth" in wanted:
            large = centre(asked, kind, "large")
            told = prepare(large, orders=asked.orders, contacts=0)
            big = stack.enter_context(servers.kefu(large, told))
            cases.growth(table, f"{kind}", (kefu, facts), (big, told), rounds=asked.rounds, requests=asked.requests)
        if "size" in wanted:
            size.streams(table, kind, kefu, facts)
            if kind == "sqlite":
                size.weights(table, "pages", kefu)
        if "chat" in wanted:
            chat.chat(table, kind, small, facts, asked.visitors, asked.seconds)
        if "mail" in wanted:
            intake.intake(table, kind, small, asked.letters)
        if "lighthouse" in wanted and kind == "sqlite":
            size.lighthouse(table, "pages", kefu, facts)
    if "size" in wanted:
        size.rest(table, kind, small)


def main() -> int:
    asked = options()
    kinds = [asked.only] if asked.only else ["sqlite", *(["postgresql"] if asked.postgresql else [])]
    if "postgresql" in kinds and not asked.postgresql:
        print("PostgreSQL needs --postgresql or KEFU_TEST_DATABASE.")
        return 2
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}; growth from {SMALL:,} to {asked.orders:,} orders")  # fmt: skip
    table = Table()
    for kind in kinds:
        run(asked, kind, table)
    if len(kinds) == 1:
        print(f"Only {kinds[0]} was measured.")
    broken = table.broken
    print(f"{len(table.lines)} lines, {len(broken)} bounds broken." + "".join(f"\n  {line.text()}" for line in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
