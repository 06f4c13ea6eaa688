"""A complaint beside every fiftieth order, most of them kept in time."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from kefu.cases.complaints.models import Complaint
from kefu.engines.clock.models import Obligation
from kefu.engines.search import store
from kefu.engines.search.models import SearchDocument
from kefu.entry.demo.bulk.customers import Resident
from kefu.entry.demo.bulk.plan import Cutter, Plan
from kefu.entry.demo.bulk.writer import Table, Writer, put_pieces
from kefu.timeline.models import Event, Subject

PREFIX = "TB"
EVERY = 50
HOUR = 3600
SUBJECTS = ("quality", "quality", "attitude", "process", "price", "other")
CAUSES = {"valid": ("conduct", "skill", "upkeep", "material", "area"), "invalid": ("ignorance", "groundless", "others_duty")}
SAID = (
    "维修约好时间没有来人，等了一整天",
    "师傅态度生硬，说话难听",
    "同一个地方修了三次还是坏",
    "收费没有提前告知",
    "楼道卫生一直没人打扫",
    "停车被占没人管",
)


class Complaints:
    """Rows of complaints by the running number of the order beside them."""

    def __init__(self, writer: Writer, plan: Plan, cutter: Cutter, now: int) -> None:
        self.writer, self.plan, self.cutter, self.now = writer, plan, cutter, now
        self.units = sorted({(kind.unit_id, kind.unit_path) for kind in plan.kinds})
        self.tables = {
            "subject": Table(writer, Subject, "id kind number title unit_path opened_at closed_at"),
            "complaint": Table(
                writer, Complaint,
                "subject_id state channel customer_id name phone address content receiver_id heard_at accepted_at "
                "unit_id subject_type severity "
                "classed_at contacted_at validity reason basis judged_by_id judged_at confirmed_by_id confirmed_at closing_way result "
                "decided_by_id decided_at told_at satisfaction closed_at archived_at seal",
            ),
            "event": Table(writer, Event, "subject_id kind actor_id at data audience clauses"),
            "obligation": Table(
                writer, Obligation,
                "subject_id owner_id unit_path started_at due_at state met_at overdue_at rule_id code name name_en "
                "clauses frozen addressed_to",
            ),
            "document": Table(writer, SearchDocument, "subject_id kind title body text indexed_at"),
        }  # fmt: skip

    def make(self, serials: list[tuple[int, int]], residents: list[Resident]) -> None:
        """Those beside the orders ``serials`` (running number, time), inside the batch's transaction."""
        if not serials:
            return
        first = self.writer.reserve(len(serials))
        rows: dict[str, list[Any]] = defaultdict(list)
        found: list[tuple[int, list[str]]] = []
        for place, (serial, at) in enumerate(serials):
            dice = random.Random(-serial)  # noqa: S311
            self._one(rows, found, first + place, serial, at, dice.choice(residents), dice)
        for name, table in self.tables.items():
            table.write(rows[name])
        put_pieces(self.writer, found, {})

    def _undecided(self) -> tuple[Any, ...]:
        """The columns of a complaint that nobody has judged yet."""
        null = self.writer.null
        return (null, "", "", "", null, null, null, null, "", "", null, null, null, "", null, null, "")

    def _verdict(self, valid: str, contacted: int, judged: int, decided: int, closed: int, dice: random.Random) -> tuple[Any, ...]:
        """The columns of one that is over, from the first contact to the seal."""
        stamp, plan = self.writer.stamp, self.plan
        return (
            stamp(contacted), valid, dice.choice(CAUSES[valid]), "查对记录", plan.desk, stamp(judged), plan.manager, stamp(judged + HOUR),
            "rework" if valid == "valid" else "explanation", "已处理并回复", plan.manager, stamp(decided), stamp(decided + HOUR),
            "satisfied" if dice.random() < 0.85 else "understands", stamp(closed), stamp(closed), "b" * 64,
        )  # fmt: skip

    def _one(
        self,
        rows: dict[str, list[Any]],
        found: list[tuple[int, list[str]]],
        pk: int,
        serial: int,
        at: int,
        who: Resident,
        dice: random.Random,
    ) -> None:
        stamp, null, plan = self.writer.stamp, self.writer.null, self.plan
        number = f"{PREFIX}{stamp(at)[:10].replace('-', '')}{serial:07d}"
        severe, valid = dice.random() < 0.15, "valid" if dice.random() < 0.75 else "invalid"
        contacted, judged = at + dice.randrange(1, 30) * HOUR, at + dice.randrange(2, 26) * HOUR
        decided = judged + dice.randrange(4, 60 if dice.random() < 0.1 else 24) * HOUR
        closed = decided + dice.randrange(20, 60) * HOUR
        over = closed < self.now
        (unit, path), said = dice.choice(self.units), dice.choice(SAID)
        rows["subject"].append((pk, "complaint", number, said, path, stamp(at), stamp(closed) if over else null))
        told = (
            pk, "archived" if over else "classed", "phone", who.pk, who.name, who.phone, who.address, said,
            dice.choice(plan.agents), stamp(at),
            stamp(at), unit, dice.choice(SUBJECTS), "severe" if severe else "ordinary", stamp(at + HOUR),
        )  # fmt: skip
        rows["complaint"].append(told + (self._verdict(valid, contacted, judged, decided, closed, dice) if over else self._undecided()))
        rows["event"].append(
            (pk, "complaint.received", plan.agents[0], stamp(at), self.writer.json({"channel": "phone"}), "customer", "[]")
        )
        if over:
            sealed = self.writer.json({"seal": "b" * 16})
            rows["event"].append((pk, "complaint.archived", plan.desk, stamp(closed), sealed, "staff", "[]"))
        moments = {"complaint.first_contact": contacted, "complaint.verdict": judged}
        moments["complaint.severe_result" if severe else "complaint.result"] = decided
        for code, met in moments.items():
            self._owe(rows["obligation"], pk, path, code, at, met if over else 0)
        text = (
            f"{number.lower()} {self.cutter.normal(said)} {self.cutter.normal(who.name)} {who.phone[3:]} {self.cutter.normal(who.address)}"
        )
        rows["document"].append((pk, "complaint", number, said, text, stamp(at)))
        found.append((pk, self.cutter.pieces(store.kind_piece("complaint"), text, (number.lower(), who.phone[3:]))))

    def _owe(self, out: list[Any], pk: int, path: str, code: str, at: int, met: int) -> None:
        stamp, null, owed = self.writer.stamp, self.writer.null, self.plan.complaint_limits[code]
        due = at + owed.span
        late = due < (met or self.now)
        state = ("late" if late else "met") if met else "running"
        out.append((pk, null, path, stamp(at), stamp(due), state, stamp(met) if met else null, stamp(due) if late else null, *owed.columns))
