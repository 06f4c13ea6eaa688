"""Very many orders with their contacts, events, obligations, callbacks and what search finds them by."""

from __future__ import annotations

import random
from bisect import bisect
from collections import defaultdict
from typing import Any

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.search import store
from kefu.engines.search.models import SearchDocument
from kefu.entry.demo.bulk.customers import Resident
from kefu.entry.demo.bulk.plan import Cutter, Kind, Owed, Plan
from kefu.entry.demo.bulk.writer import Table, Writer, put_pieces
from kefu.timeline.models import Event, Subject
from kefu.touch.contacts.models import Contact

PREFIX = "GB"
OPEN_STATES = (("new", 2), ("dispatched", 8), ("working", 46), ("suspended", 4), ("completed", 20), ("closed", 18), ("void", 2))
CHANNELS = ("phone",) * 7 + ("visit", "portal", "hotline12345")


class Orders:
    """Rows of orders by their running number; ``share`` of the newest are not archived yet."""

    def __init__(self, writer: Writer, plan: Plan, cutter: Cutter, now: int) -> None:
        self.writer, self.plan, self.cutter, self.now = writer, plan, cutter, now
        self.sums: dict[str, int] = {}
        self.tables = {
            "subject": Table(writer, Subject, "id kind number title unit_path owner_id opened_at closed_at"),
            "contact": Table(
                writer, Contact,
                "subject_id channel customer_id agent_id received_at answered_at ended_at name phone address content "
                "wishes confirmed read_back "
                "order_type outcome led_to_id",
            ),
            "order": Table(
                writer, WorkOrder,
                "subject_id type_id state urgency channel contact_id customer_id name phone address content "
                "tracking_code unit_id handler_id "
                "receiver_id accepted_at dispatched_at signed_at contacted_at completed_at closed_at archived_at result satisfaction seal",
            ),
            "event": Table(writer, Event, "subject_id kind actor_id at data audience clauses"),
            "obligation": Table(
                writer, Obligation,
                "subject_id owner_id unit_path started_at due_at state met_at overdue_at next_tick_at warned rule_id "
                "code name name_en clauses "
                "frozen addressed_to",
            ),
            "callback": Table(
                writer, CallbackTask, "subject_id rule state phone name created_at not_before tries verdict done_by_id done_at"
            ),
            "document": Table(writer, SearchDocument, "subject_id kind title body text indexed_at"),
        }  # fmt: skip
        self._json = {
            name: writer.json(value)
            for name, value in {
                "received": {"channel": "phone"}, "cited": ["R-04-1.4"], "none": [], "rule": ["R-02C-2c"], "archive": ["R-03-4.2.7"],
                "accepted": {"from": "dispatched", "to": "working"},
                "completed": {"result": "已处理完毕，客户确认。", "from": "working", "to": "completed"},
                "closed": {"reason": "", "satisfaction": "satisfied", "from": "completed", "to": "closed"},
                "archived": {"seal": "0" * 16, "from": "closed", "to": "archived"},
            }.items()
        }  # fmt: skip

    def make(self, serials: range, times: list[int], live: set[int], residents: list[Resident]) -> None:
        """One batch, inside its transaction: order number ``serials[n]`` was accepted at ``times[n]``; ``live`` ones are not archived."""
        first = self.writer.reserve(len(serials) * 2)
        rows: dict[str, list[Any]] = defaultdict(list)
        found: list[tuple[int, list[str]]] = []
        for place, (serial, at) in enumerate(zip(serials, times, strict=True)):
            dice = random.Random(serial)  # noqa: S311
            kind = self.plan.kinds[bisect(self.plan.weights, dice.random() * self.plan.weights[-1])]
            resident = residents[int(dice.random() ** 2 * len(residents))]
            state = dice.choices([name for name, _w in OPEN_STATES], [w for _n, w in OPEN_STATES])[0] if serial in live else "archived"
            self._one(rows, found, first + place * 2, serial, at, kind, resident, state, dice)
        for name, table in self.tables.items():
            table.write(rows[name])
        put_pieces(self.writer, found, self.sums)

    def _one(
        self, rows: dict[str, list[Any]], found: list[tuple[int, list[str]]], pk: int, serial: int, at: int, kind: Kind, who: Resident,
        state: str, dice: random.Random,
    ) -> None:  # fmt: skip
        writer = self.writer
        stamp, null = writer.stamp, writer.null
        day = stamp(at)[:10].replace("-", "")
        number, content = f"{PREFIX}{day}{serial:07d}", dice.choice(kind.sentences)
        agent, handler, order = dice.choice(self.plan.agents), dice.choice(kind.handlers), pk + 1
        when = _Times(at, state, dice, self.now)
        steps = {name: stamp(value) if value else null for name, value in when.of.items()}
        channel = dice.choice(CHANNELS)
        rows["subject"] += [
            (pk, "contact", f"JB{day}{serial:07d}", content, self.plan.centre_path, agent, steps["accepted"], steps["dispatched"]),
            (order, "workorder", number, content, kind.unit_path if state != "new" else "", handler if when.signed else null,
             steps["accepted"], steps["closed"]),
        ]  # fmt: skip
        rows["contact"].append(
            (pk, channel, who.pk, agent, steps["accepted"], steps["accepted"], steps["dispatched"], who.name, who.phone,
            who.address, content,
             "无", writer.true, writer.true, kind.code, "order", order)
        )  # fmt: skip
        unit: Any = kind.unit_id if state != "new" else null
        result, satisfaction = ("已处理完毕，客户确认。", when.satisfaction) if when.of["completed"] else ("", "")
        rows["order"].append(
            (order, kind.pk, state, kind.urgency, channel, pk, who.pk, who.name, who.phone, who.address, content,
             f"{serial:08x}{dice.getrandbits(32):08x}", unit, handler if when.signed else null, agent, steps["accepted"],
             steps["dispatched"] if state != "new" else null, steps["signed"], steps["contacted"], steps["completed"], steps["closed"],
             steps["archived"], result, satisfaction if when.of["closed"] else "", "b" * 64 if state == "archived" else "")
        )  # fmt: skip
        self._events(rows["event"], pk, order, agent, handler, kind, when, steps)
        for owed in kind.owed:
            self._owe(rows["obligation"], order, kind, owed, when, handler)
        if when.of["completed"] and kind.kind in ("repair", "emergency"):
            self._call_back(rows["callback"], order, who, when, steps)
        self._index(rows["document"], found, order, number, f"{kind.name} {content}", who, steps["accepted"])

    def _events(
        self, out: list[Any], pk: int, order: int, agent: int, handler: int, kind: Kind, when: _Times, steps: dict[str, Any]
    ) -> None:
        told = self._json
        out.append((pk, "contact.received", agent, steps["accepted"], told["received"], "staff", told["cited"]))
        out.append((order, "order.opened", agent, steps["dispatched"], kind.opened, "customer", told["cited"]))
        if when.state != "new":
            out.append((order, "order.dispatched", agent, steps["dispatched"], kind.dispatched, "staff", told["rule"]))
        if when.signed:
            out.append((order, "order.accepted", handler, steps["signed"], told["accepted"], "customer", told["rule"]))
        if when.of["completed"]:
            out.append((order, "order.completed", handler, steps["completed"], told["completed"], "customer", told["none"]))
        if when.of["closed"]:
            out.append((order, "order.closed", self.plan.caller_back, steps["closed"], told["closed"], "customer", told["none"]))
        if when.of["archived"]:
            out.append((order, "order.archived", self.plan.caller_back, steps["archived"], told["archived"], "staff", told["archive"]))

    def _owe(self, out: list[Any], order: int, kind: Kind, owed: Owed, when: _Times, handler: int) -> None:
        stamp, null = self.writer.stamp, self.writer.null
        began = when.of[owed.starts]
        if not began or (owed.starts == "dispatched" and when.state == "new"):
            return
        due = began + owed.span
        met = min((value for name in owed.met_by if (value := when.reached(name))), default=0)
        if when.state == "void":
            state, met, over, tick = "void", 0, 0, 0
        elif met:
            state, over, tick = ("late" if met > due else "met"), (due if met > due else 0), 0
        else:
            state, over, tick = (
                ("paused", 0, 0) if when.state == "suspended" else ("running", due, 0) if due < self.now else ("running", 0, due)
            )
        person: Any = kind.head if owed.addressed == "unit_head" else handler if when.signed else null
        out.append(
            (order, null if person is None else person, kind.unit_path, stamp(began), stamp(due), state, stamp(met) if met else null,
             stamp(over) if over else null, stamp(tick) if tick else null, 2 if over else 0, *owed.columns)
        )  # fmt: skip

    def _call_back(self, out: list[Any], order: int, who: Resident, when: _Times, steps: dict[str, Any]) -> None:
        null, done = self.writer.null, bool(when.of["closed"])
        out.append(
            (order, "repairs", "done" if done else "open", who.phone, who.name, steps["completed"], steps["completed"], int(done),
             when.satisfaction if done else "", self.plan.caller_back if done else null, steps["closed"])
        )  # fmt: skip

    def _index(
        self, out: list[Any], found: list[tuple[int, list[str]]], order: int, number: str, body: str, who: Resident, at: str
    ) -> None:
        normal, low, phone = self.cutter.normal, number.lower(), who.phone[3:]
        text = f"{low} {normal(body)} {normal(who.name)} {phone} {normal(who.address)}"
        out.append((order, "workorder", number, body, text, at))
        found.append((order, self.cutter.pieces(store.kind_piece("workorder"), text, (low, phone))))


class _Times:
    """When each step of one order was; 0 where it was not taken."""

    def __init__(self, at: int, state: str, dice: random.Random, now: int) -> None:
        self.state = state
        signed = at + 180 + dice.randrange(240, 1500 if dice.random() > 0.06 else 5400)
        contacted = signed + dice.randrange(60, 500)
        completed = contacted + int(dice.lognormvariate(9.6, 0.9))
        closed = completed + dice.randrange(20_000, 110_000)
        reached = {"new": 0, "dispatched": 0, "void": 0, "working": 2, "suspended": 2, "completed": 3, "closed": 4, "archived": 5}[state]
        void = at + 900 if state == "void" else 0
        self.of = {
            "accepted": at,
            "dispatched": at + 170,
            "signed": signed if reached >= 2 else 0,
            "contacted": contacted if reached >= 2 else 0,
            "completed": min(completed, now - 120) if reached >= 3 else 0,
            "closed": min(closed, now - 60) if reached >= 4 else void,
            "archived": min(closed, now - 60) if reached >= 5 else 0,
        }
        self.signed = reached >= 2
        self.satisfaction = "satisfied" if dice.random() < 0.87 else "understands" if dice.random() < 0.8 else "not_satisfied"

    def reached(self, name: str) -> int:
        """When a moment that meets limits was."""
        if name in ("arrived",):
            return 0
        if name == "called_back":
            return self.of["closed"] if self.state != "void" else 0
        return self.of.get(name, 0)
