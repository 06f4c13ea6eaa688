"""What is measured: CPU time of the server processes per request, medians of interleaved rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from tools.bench.report import Line, Table
from tools.bench.servers import Server, backends, cpu

FRAGMENT = {"HX-Request": "true"}
# What the browser sends when a tab, a filter or the next page is asked for, and when an order on screen has changed.
LIST_PART = {**FRAGMENT, "HX-Target": "orders-found"}
ORDER_PART = {**FRAGMENT, "HX-Target": "order-body", "HX-Trigger": "order-body"}
Ask = Callable[[Server], object]


@dataclass(frozen=True)
class Cost:
    """Milliseconds of CPU a request: of the web process, and of the database beside it (0 for SQLite, which lives in the web process)."""

    web: float
    database: float

    @property
    def both(self) -> float:
        return self.web + self.database


def measure(sides: list[tuple[Server, dict[str, Any], Ask]], *, rounds: int, requests: int) -> list[Cost]:
    """The median cost of each side; one round of each after the other, so that a busy machine is unfair to nobody."""
    found: list[list[Cost]] = [[] for _side in sides]
    for server, _facts, ask in sides:
        for _warm in range(min(10, requests)):
            ask(server)
    for _round in range(rounds):
        for place, (server, facts, ask) in enumerate(sides):
            held = backends(facts)  # anew each round: a connection is closed when it is old
            web, database = cpu([server.pid]), cpu(held)
            for _request in range(requests):
                ask(server)
            found[place].append(Cost((cpu([server.pid]) - web) / requests * 1000, (cpu(held) - database) / requests * 1000))
    return [Cost(median(one.web for one in costs), median(one.database for one in costs)) for costs in found]


def get(path: str, headers: dict[str, str] | None = None) -> Ask:
    return lambda server: server.must("GET", path, headers=headers)


def _told(mine: Cost, floor: Cost) -> str:
    database = f", database {mine.database:.2f} / {floor.database:.2f}" if mine.database or floor.database else ""
    return f"{mine.web:.2f} ms against {floor.web:.2f} ms{database}"


def against_floor(table: Table, where: str, kefu: Server, floor: Server, facts: dict[str, Any], *, rounds: int, requests: int) -> None:
    """The cases that are judged by how many times the floor they cost."""
    order = facts["order"]
    pairs = (
        ("order list, JSON, 50 rows", 3.0, get("/api/v1/orders?limit=50"), get("/list")),
        ("order with 20 events, JSON", 4.0, get(f"/api/v1/orders/{order}"), get(f"/one?id={order}")),
        ("order list, HTML fragment", 6.0, get("/orders?tab=all", LIST_PART), get("/list")),
        ("order with 20 events, HTML fragment", 6.0, get(f"/orders/{order}", ORDER_PART), get(f"/one?id={order}")),
    )
    for what, bound, mine, theirs in pairs:
        own, least = measure([(kefu, facts, mine), (floor, facts, theirs)], rounds=rounds, requests=requests)
        table.add(Line(where, what, own.web / least.web, bound, "x", _told(own, least)))
    waiting = iter(facts["contacts"])
    each = len(facts["contacts"]) // (rounds + 1) // 2
    if each:
        record, token = facts["record"], {"Authorization": f"Bearer {facts['token']}"}
        own, least = measure(
            [(kefu, facts, _opener(waiting, "/api/v1/orders", record, token)), (floor, facts, _opener(waiting, "/open", record, {}))],
            rounds=rounds,
            requests=min(each, requests) - 10 // (rounds + 1),
        )
        table.add(Line(where, "open an order from a contact", own.web / least.web, 3.0, "x", _told(own, least)))


def _opener(waiting: Iterator[int], path: str, record: dict[str, Any], headers: dict[str, str]) -> Ask:
    def ask(server: Server) -> None:
        body = {"contact_id": next(waiting), "order_type": "repair.public.light", "record": record}
        server.must("POST", path, body, headers)

    return ask


def growth(
    table: Table, where: str, small: tuple[Server, dict[str, Any]], large: tuple[Server, dict[str, Any]], *, rounds: int, requests: int
) -> None:
    """The cost in a large centre against that in a small one, the database's included."""
    paths: dict[str, Callable[[dict[str, Any]], Ask]] = {
        "order list": lambda _facts: get("/api/v1/orders?limit=50"),
        "order page": lambda facts: get(f"/orders/{facts['order']}", FRAGMENT),
        "search for a two-character word": lambda _facts: get("/search?q=%E6%BC%8F%E6%B0%B4", FRAGMENT),
        "search for a rarer word": lambda _facts: get("/search?q=%E9%97%A8%E7%A6%81", FRAGMENT),
        "month statistics": lambda _facts: get("/reports/month"),
    }
    for what, path in paths.items():
        few = 1 if what == "month statistics" else 3
        first, last = measure([(*small, path(small[1])), (*large, path(large[1]))], rounds=rounds, requests=max(3, requests // few // 2))
        table.add(Line(where, f"growth: {what}", last.both / first.both, 1.5, "x", f"{first.both:.2f} ms to {last.both:.2f} ms"))
