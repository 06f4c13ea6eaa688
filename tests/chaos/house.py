"""A running house that can be struck, callers that report and open orders, and the count."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.installation import Installation, wait_for

TOKEN = "token-of-the-callers"
FILL = """
from kefu.engines.rulebook import loader
from kefu.entry import demo
from kefu.entry.demo import house
from kefu.people.actor import SYSTEM, load
from kefu.people.models import Staff
from kefu.people.services import make_token
units = house.build_units()
loader.load("property", actor=SYSTEM)
demo.forget()
house.hire(units)
actor = load(Staff.objects.get(number="021").pk)
result = make_token(actor=actor, name="load", rights=["contacts.take", "orders.open", "orders.see"])[1]
"""
COUNT = """
from django.db import connection
from django.db.models import Count
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.timeline.models import Event, Subject
from kefu.touch.contacts.models import Contact
connection.check_constraints()
if connection.vendor == "sqlite":
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone()[0] == "ok"
events = Event.objects.filter(kind="order.opened").values("subject_id").annotate(n=Count("pk"))
result = {
    "contacts": list(Contact.objects.exclude(foreign_id=None).values_list("foreign_id", "subject_id")),
    "orders": list(WorkOrder.objects.values_list("contact_id", "subject__number")),
    "limits": [row["n"] for row in Obligation.objects.values("subject_id").annotate(n=Count("pk"))],
    "events": [row["n"] for row in events],
    "leads": Contact.objects.filter(outcome="order").count(),
}
"""
RECORD = {
    "name": "张三", "phone": "13900001234", "address": "3号楼501", "content": "厨房漏水", "wishes": "无", "appointment_at_missing": "随时",
    "read_back": True, "confirmed": True,
}  # fmt: skip


@dataclass
class House:
    """``kefu serve`` with its own supervisor, and the key of another system that reports to it."""

    installation: Installation
    token: str
    webs: int
    stack: ExitStack
    port: int = 0

    def open(self) -> None:
        words = ["--workers", str(self.webs), "--port", str(self.port)]
        self.serving = self.stack.enter_context(self.installation.serving(*words, KEFU_HOSTS="*", KEFU_LOCK_WAIT="1"))
        self.port = self.serving.port

    def web(self) -> int:
        """The process id of a web process."""
        return self.serving.children("web")[0]

    def strike(self, dice: random.Random) -> str:
        """Kill a process without a word; who starts it again is the supervisor."""
        found = [(name, pid) for name in ("web", "worker") for pid in self.serving.children(name)]
        if not found:
            return ""
        name, pid = dice.choice(found)
        os.kill(pid, signal.SIGKILL)
        return name

    def strike_supervisor(self) -> str:
        """Kill the one who looks after the others: they end too, and the house is opened again."""
        pids = [pid for name in ("web", "worker") for pid in self.serving.children(name)]
        self.serving.process.kill()
        wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids), 40)
        self.open()
        return "supervisor"

    def ask(self, path: str, body: dict[str, Any], key: str = "", language: str = "en") -> tuple[int, dict[str, Any]]:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept-Language": language}
            connection.request("POST", path, json.dumps(body), headers | ({"Idempotency-Key": key} if key else {}))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def patiently(self, path: str, body: dict[str, Any], key: str, over: threading.Event) -> dict[str, Any] | None:
        """Ask until it is acknowledged, always with the same key, as a good client does; None when the time is over."""
        while not over.is_set():
            try:
                status, answer = self.ask(path, body, key)
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                time.sleep(0.1)
                continue
            if status in (200, 201):
                return answer
            assert status in (502, 503), (status, answer)
            time.sleep(0.1)
        return None


@dataclass
class Caller:
    """Reports contacts and opens an order from every one; keeps what was acknowledged."""

    house: House
    name: str
    over: threading.Event
    contacts: dict[str, int] = field(default_factory=dict)
    orders: dict[int, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    fault: BaseException | None = None

    def run(self) -> None:
        try:
            for turn in range(100_000):
                if self.over.is_set():
                    return
                self._one(f"{self.name}-{turn}")
        except BaseException as fault:
            self.fault = fault

    def _one(self, foreign: str) -> None:
        self.sent.add(foreign)
        body = {"channel": "api", "foreign_id": foreign, "content": f"漏水 {foreign}"}
        contact = self.house.patiently("/api/v1/contacts", body, foreign, self.over)
        if contact is None:
            return
        self.contacts[foreign] = contact["id"]
        asked = {"contact_id": contact["id"], "order_type": "repair.public.light", "record": RECORD}
        order = self.house.patiently("/api/v1/orders", asked, "", self.over)
        if order is not None:
            self.orders[contact["id"]] = order["number"]


def until_more_is_written(callers: list[Caller], count: int = 3) -> None:
    """Until the callers have ``count`` more acknowledgements: a fault tells only where work is under way."""
    before, end = written(callers), time.monotonic() + 60
    while written(callers) < before + count and time.monotonic() < end:
        assert not any(caller.fault for caller in callers), [caller.fault for caller in callers]
        time.sleep(0.02)


def written(callers: list[Caller]) -> int:
    return sum(len(caller.contacts) + len(caller.orders) for caller in callers)


@contextmanager
def running(installation: Installation, *, webs: int = 1) -> Iterator[House]:
    """The house, up and answering."""
    token = (installation.state / TOKEN).read_text()
    with ExitStack() as stack:
        house = House(installation, token, webs, stack)
        house.open()
        yield house
