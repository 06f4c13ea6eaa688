"""Very many orders with their contacts, events, obligations, callbacks, sealed copies and what search finds them by."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.search import store
from kefu.engines.search.models import SearchDocument
from kefu.entry.demo.bulk.course import RESULT, Course
from kefu.entry.demo.bulk.plan import Cutter, Kind, Plan, Resident, kept_until
from kefu.entry.demo.bulk.writer import Packed, Table, Writer
from kefu.timeline.models import Event, SealedCopy, Subject
from kefu.touch.contacts.models import Contact

PREFIX = "GB"
OPEN_STATES = (("new", 2), ("dispatched", 8), ("working", 46), ("suspended", 4), ("completed", 20), ("closed", 18), ("void", 2))
CHANNELS = ("phone",) * 7 + ("visit", "portal", "hotline12345")
COURSES = 120
_STATES, _STATE_WEIGHTS = [name for name, _weight in OPEN_STATES], [weight for _name, weight in OPEN_STATES]
_COLUMNS: dict[type[Any], str] = {
    Subject: "id kind number title unit_path owner_id opened_at closed_at",
    Contact: "subject_id channel customer_id agent_id received_at answered_at ended_at name phone address content "
    "wishes confirmed read_back order_type outcome led_to_id",
    WorkOrder: "subject_id type_id state urgency channel contact_id customer_id name phone address content tracking_code "
    "unit_id handler_id receiver_id accepted_at dispatched_at signed_at contacted_at completed_at closed_at archived_at "
    "result satisfaction seal",
    Event: "subject_id kind actor_id at data audience clauses",
    Obligation: "subject_id owner_id unit_path started_at due_at state met_at overdue_at next_tick_at warned rule_id "
    "code name name_en clauses frozen addressed_to",
    CallbackTask: "subject_id rule state phone name created_at not_before tries verdict done_by_id done_at",
    SealedCopy: "subject_id body sha256 sealed_at keep_until",
    SearchDocument: "subject_id kind title body text indexed_at",
}


class Orders:
    """Rows of orders by their running number."""

    def __init__(self, writer: Writer, plan: Plan, cutter: Cutter, now: int) -> None:
        self.writer, self.plan, self.cutter, self.now = writer, plan, cutter, now
        self.tables = {model: Table(writer, model, columns) for model, columns in _COLUMNS.items()}
        self.kind_piece = writer.keyed([store.kind_piece("workorder")])
        self.received, self.cited = writer.json({"channel": "phone"}), writer.json(["R-04-1.4"])
        self.sealed_by = writer.json(["R-03-4.2.7"])
        self._courses: dict[int, list[Course]] = {}
        self._ends: dict[str, str] = {}

    def make(self, serials: range, times: list[int], live: set[int], residents: list[Resident], first: int) -> list[tuple[str, Packed]]:
        """One batch, packed by table: order number ``serials[n]`` was accepted at ``times[n]``; ``live`` ones are not archived.

        ``first`` is the first of two ids an order. Needs no connection.
        """
        rows: dict[Any, list[Any]] = defaultdict(list)
        found: list[tuple[int, tuple[Any, ...]]] = []
        dice = random.Random(serials.start)  # noqa: S311
        kinds, weights, count = self.plan.kinds, self.plan.weights, len(residents)
        for place, (serial, at) in enumerate(zip(serials, times, strict=True)):
            kind = kinds[bisect(weights, dice.random() * weights[-1])]
            who = residents[int(dice.random() ** 2 * count)]
            course = self._course(kind, at, serial in live, dice)
            self._one(rows, found, first + place * 2, serial, at, course, who, dice)
        packed = [(model.__name__, table.pack(rows[model])) for model, table in self.tables.items()]
        return [*packed, ("", self.writer.pack_pieces(found))]

    def write(self, packed: list[tuple[str, Packed]]) -> None:
        """What ``make`` gave, inside the batch's transaction."""
        tables = {model.__name__: table for model, table in self.tables.items()}
        for name, rows in packed:
            if name:
                tables[name].write(rows)
            else:
                self.writer.write_pieces(rows)

    def _course(self, kind: Kind, at: int, live: bool, dice: random.Random) -> Course:
        if live:
            state = dice.choices(_STATES, _STATE_WEIGHTS)[0]
            return Course(self.writer, self.plan, kind, state, dice, age=self.now - at)
        known = self._courses.get(kind.pk)
        if known is None:
            known = self._courses[kind.pk] = [Course(self.writer, self.plan, kind, "archived", dice) for _course in range(COURSES)]
        found = known[int(dice.random() * COURSES)]
        if at + found.after["archived"] > self.now - 60:
            return Course(self.writer, self.plan, kind, "archived", dice, age=self.now - at)
        return found

    def _one(
        self, rows: dict[Any, list[Any]], found: list[tuple[int, tuple[Any, ...]]], pk: int, serial: int, at: int, course: Course,
        who: Resident, dice: random.Random,
    ) -> None:  # fmt: skip
        null, kind, state, stamp = self.writer.null, course.kind, course.state, self.writer.stamp
        when = {name: stamp(at + seconds) for name, seconds in course.after.items()}
        accepted, dispatched, closed = when["accepted"], when["dispatched"], when.get("closed", null)
        day = accepted[:10].replace("-", "")
        number, content = f"{PREFIX}{day}{serial:07d}", kind.sentences[int(dice.random() * len(kind.sentences))]
        agent, handler, order = self.plan.agents[int(dice.random() * len(self.plan.agents))], course.handler, pk + 1
        channel, code = CHANNELS[int(dice.random() * len(CHANNELS))], f"{serial:08x}{dice.getrandbits(32):08x}"
        owner: Any = handler if course.signed else null
        rows[Subject] += (
            (pk, "contact", f"JB{day}{serial:07d}", content, self.plan.centre_path, agent, accepted, dispatched),
            (order, "workorder", number, content, kind.unit_path if state != "new" else "", owner, accepted, closed),
        )
        rows[Contact].append(
            (pk, channel, who.pk, agent, accepted, accepted, dispatched, who.name, who.phone, who.address, content, "无",
             self.writer.true, self.writer.true, kind.code, "order", order)
        )  # fmt: skip
        self._owe(rows[Obligation], order, at, course, when)
        seal = self._seal(rows, order, course, when, number, agent, who, content, channel, code) if course.seal else ""
        completed = when.get("completed", null)
        rows[WorkOrder].append(
            (order, kind.pk, state, kind.urgency, channel, pk, who.pk, who.name, who.phone, who.address, content, code,
             kind.unit_id if state != "new" else null, owner, agent, accepted, dispatched if state != "new" else null,
             when.get("signed", null), when.get("contacted", null), completed, closed, when.get("archived", null),
             RESULT if "completed" in when else "", course.satisfaction if "completed" in when and "closed" in when else "", seal)
        )  # fmt: skip
        self._tell(rows[Event], pk, order, agent, course, when, seal)
        if "completed" in when and kind.kind in ("repair", "emergency"):
            self._call_back(rows[CallbackTask], order, who, course, completed, closed)
        text, pieces = self.cutter.number(number)
        body, shown, cut = kind.spoken(content, self.cutter)
        own, known = self.cutter.resident(who)
        rows[SearchDocument].append((order, "workorder", number, body, f"{text} {shown} {own}", accepted))
        found.append((order, (self.kind_piece, *pieces, cut, known)))

    def _tell(self, out: list[Any], pk: int, order: int, agent: int, course: Course, when: dict[str, str], seal: str) -> None:
        out.append((pk, "contact.received", agent, when["accepted"], self.received, "staff", self.cited))
        out += [(order, one.kind, one.actor or agent, when[one.step], one.data, one.audience, one.clauses) for one in course.events]
        if seal:
            told = f'{{"seal": "{seal[:16]}", "from": "closed", "to": "archived"}}'
            out.append((order, "order.archived", self.plan.caller_back, when["archived"], told, "staff", self.sealed_by))

    def _owe(self, out: list[Any], order: int, at: int, course: Course, when: dict[str, str]) -> None:
        """The limits; adds their due times to ``when`` as due0, due1 ..."""
        null, path, after, stamp = self.writer.null, course.kind.unit_path, course.after, self.writer.stamp
        for place, one in enumerate(course.limits):
            due = when[f"due{place}"] = stamp(at + after[one.starts] + one.span)
            out.append(
                (order, one.owner, path, when[one.starts], due, one.state, when[one.met] if one.met else null, due if one.over else null,
                 due if one.tick else null, 2 if one.over else 0, *one.columns)
            )  # fmt: skip

    def _seal(
        self, rows: dict[Any, list[Any]], order: int, course: Course, when: dict[str, str], number: str, agent: int, who: Resident,
        content: str, channel: str, code: str,
    ) -> str:  # fmt: skip
        """Write the sealed copy; its hash."""
        body = course.seal % {
            **when, "agent": self.plan.numbers[agent], "number": number, "name": who.name, "phone": who.phone, "address": who.address,
            "content": content, "channel": channel, "tracking_code": code,
        }  # fmt: skip
        digest = hashlib.sha256(body.encode()).hexdigest()
        at = when["archived"]
        rows[SealedCopy].append((order, body, digest, at, self._kept(at[:13])))
        return digest

    def _kept(self, hour: str) -> str:
        """Until when a case that was sealed in this ``hour`` is kept."""
        found = self._ends.get(hour)
        if found is None:
            sealed = datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC)
            found = self._ends[hour] = kept_until(sealed, self.plan.months_kept)
        return found

    def _call_back(self, out: list[Any], order: int, who: Resident, course: Course, completed: str, closed: Any) -> None:
        null, done = self.writer.null, "closed" in course.after
        out.append(
            (order, "repairs", "done" if done else "open", who.phone, who.name, completed, completed, int(done),
             course.satisfaction if done else "", self.plan.caller_back if done else null, closed)
        )  # fmt: skip
