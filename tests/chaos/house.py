"""A running house that can be struck: web processes and a worker on one port, callers that report and open orders, and the count."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kefu.entry import processes
from tests.installation import ROOT, Installation

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
    """Two web processes and a worker, started again at once when one falls."""

    installation: Installation
    token: str
    webs: int = 2
    limit: Callable[[], None] | None = None
    children: list[processes.Child] = field(default_factory=list)
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def __post_init__(self) -> None:
        self.sock = processes.listener("127.0.0.1", 0)
        self.port = self.sock.getsockname()[1]
        web = ["--socket", str(self.sock.fileno())]
        self.children = [processes.Child("web", web, (self.sock.fileno(),)) for _web in range(self.webs)]
        self.children.append(processes.Child("worker", []))

    def start(self, child: processes.Child) -> None:
        environment = {**processes.LEAN, **self.installation.environment, "KEFU_HOSTS": "*", "KEFU_LOCK_WAIT": "1"}
        words = [sys.executable, "-m", "kefu.entry.children", child.name, f"--lifeline={self.lifeline[0]}", *child.words]
        child.process = subprocess.Popen(
            words,
            env=environment,
            cwd=ROOT,
            pass_fds=(self.lifeline[0], *child.descriptors),
            preexec_fn=self.limit,
            stderr=subprocess.DEVNULL,
        )

    def strike(self, dice: random.Random) -> str:
        """Kill a process without a word, and start it again."""
        child = dice.choice(self.children)
        assert child.process is not None
        child.process.send_signal(signal.SIGKILL)
        child.process.wait()
        self.start(child)
        return child.name

    def ask(self, path: str, body: dict[str, Any], key: str = "") -> tuple[int, dict[str, Any]]:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Host": "localhost"}
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


@contextmanager
def running(installation: Installation, *, webs: int = 2, limit: Callable[[], None] | None = None, token: str = "") -> Iterator[House]:
    """The house, up and answering."""
    house = House(installation, token or installation.python(FILL), webs, limit)
    try:
        for child in house.children:
            house.start(child)
        until_up(house)
        yield house
    finally:
        for child in house.children:
            if child.process is not None and child.process.poll() is None:
                child.process.kill()
                child.process.wait()
        house.sock.close()
        for end in house.lifeline:
            os.close(end)


def until_up(house: House, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=5)
        try:
            connection.request("GET", "/-/alive", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise AssertionError("the house does not answer")
