"""A complaint beside every fiftieth order, most of them kept in time."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from kefu.cases.complaints.models import Complaint
from kefu.engines.clock.models import Obligation
from kefu.engines.search import cut, store
from kefu.engines.search.models import SearchDocument
from kefu.entry.demo.bulk.plan import Cutter, Plan, Resident, kept_until
from kefu.entry.demo.bulk.writer import Packed, Row, Table, Writer
from kefu.timeline.models import Event, SealedCopy, Subject
from kefu.timeline.services import canonical

PREFIX = "TB"
EVERY = 50
HOUR = 3600
SUBJECTS = ("quality", "quality", "attitude", "process", "price", "other")
CAUSES = {"valid": ("conduct", "skill", "upkeep", "material", "area"), "invalid": ("ignorance", "groundless", "others_duty")}
COLUMNS = (
    "subject_id state channel customer_id name phone address content receiver_id heard_at accepted_at unit_id subject_type severity "
    "classed_at contacted_at validity reason basis judged_by_id judged_at confirmed_by_id confirmed_at closing_way result "
    "decided_by_id decided_at told_at satisfaction closed_at archived_at seal"
)
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
        self.kind_piece = writer.keyed([store.kind_piece("complaint")])
        self.said = {text: (cut.normal(text), cutter.keyed(cut.normal(text))) for text in SAID}
        self.tables = {
            "subject": Table(writer, Subject, "id kind number title unit_path opened_at closed_at"),
            "complaint": Table(writer, Complaint, COLUMNS),
            "event": Table(writer, Event, "subject_id kind actor_id at data audience clauses"),
            "obligation": Table(
                writer, Obligation,
                "subject_id owner_id unit_path started_at due_at state met_at overdue_at rule_id code name name_en "
                "clauses frozen addressed_to",
            ),
            "sealed": Table(writer, SealedCopy, "subject_id body sha256 sealed_at keep_until"),
            "document": Table(writer, SearchDocument, "subject_id kind title body text indexed_at"),
        }  # fmt: skip

    def make(self, serials: list[tuple[int, int]], residents: list[Resident], first: int) -> list[tuple[str, Packed]]:
        """Those beside the orders ``serials`` (running number, time), packed by table; ``first`` is the first of their ids."""
        rows: dict[str, list[Any]] = defaultdict(list)
        found: list[tuple[int, tuple[Any, ...]]] = []
        for place, (serial, at) in enumerate(serials):
            dice = random.Random(-serial)  # noqa: S311
            self._one(rows, found, first + place, serial, at, dice.choice(residents), dice)
        return [*((name, table.pack(rows[name])) for name, table in self.tables.items()), ("", self.writer.pack_pieces(found))]

    def write(self, packed: list[tuple[str, Packed]]) -> None:
        """What ``make`` gave, inside the batch's transaction."""
        for name, rows in packed:
            if name:
                self.tables[name].write(rows)
            else:
                self.writer.write_pieces(rows)

    def _undecided(self) -> tuple[Any, ...]:
        """The columns of a complaint that nobody has judged yet."""
        null = self.writer.null
        return (null, "", "", "", null, null, null, null, "", "", null, null, null, "", null, null)

    def _verdict(self, valid: str, contacted: int, judged: int, decided: int, closed: int, dice: random.Random) -> tuple[Any, ...]:
        """The columns of one that is over, from the first contact to the seal."""
        stamp, plan = self.writer.stamp, self.plan
        return (
            stamp(contacted), valid, dice.choice(CAUSES[valid]), "查对记录", plan.desk, stamp(judged), plan.manager, stamp(judged + HOUR),
            "rework" if valid == "valid" else "explanation", "已处理并回复", plan.manager, stamp(decided), stamp(decided + HOUR),
            "satisfied" if dice.random() < 0.85 else "understands", stamp(closed), stamp(closed),
        )  # fmt: skip

    def _one(
        self,
        rows: dict[str, list[Any]],
        found: list[tuple[int, tuple[Any, ...]]],
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
        told += self._verdict(valid, contacted, judged, decided, closed, dice) if over else self._undecided()
        heard = (pk, "complaint.received", plan.agents[0], stamp(at), self.writer.json({"channel": "phone"}), "customer", "[]")
        rows["event"].append(heard)
        moments = {"complaint.first_contact": contacted, "complaint.verdict": judged}
        moments["complaint.severe_result" if severe else "complaint.result"] = decided
        limits = [self._owed(pk, path, code, at, met if over else 0) for code, met in moments.items()]
        rows["obligation"] += limits
        rows["complaint"].append((*told, self._seal(rows, number, told, heard, limits, closed) if over else ""))
        low, counted = self.cutter.number(number)
        shown, pieces = self.said[said]
        own, known = self.cutter.resident(who)
        rows["document"].append((pk, "complaint", number, said, f"{low} {shown} {own}", stamp(at)))
        found.append((pk, (self.kind_piece, *counted, pieces, known)))

    def _seal(self, rows: dict[str, list[Any]], number: str, told: tuple[Any, ...], heard: Row, limits: list[Row], closed: int) -> str:
        """Write the sealed copy and the event that says so; the hash."""
        null, at, pk = self.writer.null, self.writer.stamp(closed), told[0]
        record = {name: None if value == null else value for name, value in zip(COLUMNS.split(), told, strict=False)}
        names = ("started_at", "due_at", "state", "met_at")
        owed = [{"code": one[9], **{name: value for name, value in zip(names, one[3:7], strict=True) if value != null}} for one in limits]
        event = {"kind": heard[1], "at": heard[3], "data": {"channel": "phone"}, "audience": heard[5], "clauses": []}
        subject = {"kind": "complaint", "number": number, "title": record["content"], "opened_at": record["accepted_at"]}
        body = {"subject": subject, "record": {**record, "state": "closed", "archived_at": None}, "events": [event], "limits": owed}
        text = canonical({**body, "notes": [], "forms": [], "files": []})
        digest = hashlib.sha256(text.encode()).hexdigest()
        kept = kept_until(datetime.fromtimestamp(closed, UTC), self.plan.complaint_months)
        rows["sealed"].append((pk, text, digest, at, kept))
        told_of = self.writer.json({"seal": digest[:16]})
        rows["event"].append((pk, "complaint.archived", self.plan.desk, at, told_of, "staff", "[]"))
        return digest

    def _owed(self, pk: int, path: str, code: str, at: int, met: int) -> Row:
        stamp, null, owed = self.writer.stamp, self.writer.null, self.plan.complaint_limits[code]
        due = at + owed.span
        late = due < (met or self.now)
        state = ("late" if late else "met") if met else "running"
        columns = owed.lean if met else owed.columns
        return (pk, null, path, stamp(at), stamp(due), state, stamp(met) if met else null, stamp(due) if late else null, *columns)
