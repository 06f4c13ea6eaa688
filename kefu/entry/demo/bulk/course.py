"""The course of one made-up order, told in seconds after it was accepted: steps, events, limits and the sealed copy of it all.

Settled orders share a few hundred courses a type, so that what does not differ is worked out once.
"""

from __future__ import annotations

import json
import random
from typing import Any, NamedTuple

from kefu.entry.demo.bulk.plan import Kind, Owed, Plan
from kefu.entry.demo.bulk.writer import Writer
from kefu.timeline.services import canonical

STEPS = ("accepted", "dispatched", "signed", "contacted", "completed", "closed", "archived")
_REACHED = {"new": 0, "dispatched": 0, "void": 0, "working": 2, "suspended": 2, "completed": 3, "closed": 4, "archived": 5}
RESULT = "已处理完毕，客户确认。"


class Told(NamedTuple):
    """One event: ``actor`` 0 is the agent who took the call; ``step`` says when."""

    kind: str
    actor: int
    step: str
    data: str
    audience: str
    clauses: str


class Limit(NamedTuple):
    """One limit: runs from ``starts`` for ``span`` seconds; ``met`` is the step that met it ("": none), ``tick``: the due time rings."""

    starts: str
    span: int
    state: str
    met: str
    over: bool
    tick: bool
    owner: Any
    columns: tuple[Any, ...]


class Course:
    """What happened to an order of ``kind`` that stands in ``state``; ``age`` seconds ago it was accepted (None: long ago)."""

    def __init__(self, writer: Writer, plan: Plan, kind: Kind, state: str, dice: random.Random, *, age: int | None = None) -> None:
        self.kind, self.state, self.plan = kind, state, plan
        self.handler = dice.choice(kind.handlers)
        self.reached = _REACHED[state]
        self.signed = self.reached >= 2
        self.after = self._steps(dice, age)
        self.satisfaction = "satisfied" if dice.random() < 0.87 else "understands" if dice.random() < 0.8 else "not_satisfied"
        self.events = list(self._events(writer))
        self.limits = [found for owed in kind.owed if (found := self._limit(writer, owed, age))]
        self.seal = self._seal() if state == "archived" else ""

    def _steps(self, dice: random.Random, age: int | None) -> dict[str, int]:
        """Seconds after the acceptance; a step that was not taken is left out."""
        signed = 180 + dice.randrange(240, 1500 if dice.random() > 0.06 else 5400)
        contacted = signed + dice.randrange(60, 500)
        completed = contacted + int(dice.lognormvariate(9.6, 0.9))
        closed = completed + dice.randrange(20_000, 110_000)
        if age is not None:
            completed, closed = min(completed, age - 120), min(closed, age - 60)
        found = {"accepted": 0, "dispatched": 170}
        for name, value, least in (("signed", signed, 2), ("contacted", contacted, 2), ("completed", completed, 3), ("closed", closed, 4)):
            if self.reached >= least:
                found[name] = value
        if self.state == "void":
            found["closed"] = 900
        if self.state == "archived":
            found["archived"] = closed
        return found

    def _events(self, writer: Writer) -> Any:
        """What stands in the history of the order; the event of the seal comes with it."""
        told, kind, rule, none = writer.json, self.kind, writer.json(["R-02C-2c"]), "[]"
        yield Told("order.opened", 0, "dispatched", kind.opened, "customer", told(["R-04-1.4"]))
        if self.state != "new":
            yield Told("order.dispatched", 0, "dispatched", kind.dispatched, "staff", rule)
        if self.signed:
            yield Told("order.accepted", self.handler, "signed", told({"from": "dispatched", "to": "working"}), "customer", rule)
        if "completed" in self.after:
            data = {"result": RESULT, "from": "working", "to": "completed"}
            yield Told("order.completed", self.handler, "completed", told(data), "customer", none)
        if "closed" in self.after:
            data = {"reason": "", "satisfaction": "satisfied", "from": "completed", "to": "closed"}
            yield Told("order.closed", self.plan.caller_back, "closed", told(data), "customer", none)

    def _limit(self, writer: Writer, owed: Owed, age: int | None) -> Limit | None:
        began = self.after.get(owed.starts)
        if began is None or (owed.starts == "dispatched" and self.state == "new"):
            return None
        due = began + owed.span
        met = min((name for name in owed.met_by if self._meets(name)), key=lambda name: self.after[_STEP.get(name, name)], default="")
        met = _STEP.get(met, met)
        over = tick = False
        if self.state == "void":
            state, met = "void", ""
        elif met:
            over = self.after[met] > due
            state = "late" if over else "met"
        elif self.state == "suspended":
            state = "paused"
        else:
            state = "running"
            over = age is None or due < age
            tick = not over
        person: Any = self.kind.head if owed.addressed == "unit_head" else self.handler if self.signed else None
        columns = owed.columns if state in ("running", "paused") else owed.lean
        return Limit(owed.starts, owed.span, state, met, over, tick, writer.null if person is None else person, columns)

    def _meets(self, name: str) -> bool:
        return _STEP.get(name, name) in self.after and not (name == "called_back" and self.state == "void")

    def _seal(self) -> str:
        """The sealed copy as a template with %(...)s for what differs from order to order; its keys are those of ``flows.archive``."""
        people, kind = self.plan.numbers, self.kind
        events = [
            {"kind": one.kind, "at": f"@{one.step}@", "data": _plain(one.data), "audience": one.audience, "clauses": _plain(one.clauses),
             "actor__number": people[one.actor] if one.actor else "@agent@"}
            for one in self.events
        ]  # fmt: skip
        limits = [
            {"code": one.columns[1], "name": one.columns[2], "name_en": one.columns[3], "state": one.state,
             "clauses": _plain(one.columns[4]), "started_at": f"@{one.starts}@", "due_at": f"@due{place}@",
             "settled_at": f"@{one.met}@" if one.met else None}
            for place, one in enumerate(self.limits)
        ]  # fmt: skip
        record: dict[str, Any] = {name: f"@{name}@" for name in ("name", "phone", "address", "content", "channel", "tracking_code")}
        record |= {f"{name}_at": f"@{name}@" for name in self.after if name != "archived"}
        record |= {"type": kind.pk, "unit": kind.unit_id, "handler": self.handler, "urgency": kind.urgency, "state": "closed"}
        record |= {"result": RESULT, "satisfaction": self.satisfaction}
        subject = {"kind": "workorder", "number": "@number@", "title": "@content@", "opened_at": "@accepted@"}
        body = {"subject": subject, "record": record, "events": events, "notes": [], "limits": limits, "forms": [], "files": []}
        text = canonical(body).replace("%", "%%")
        for name in (*STEPS, *(f"due{place}" for place in range(len(limits)))):
            text = text.replace(f'"@{name}@"', f'"%({name})s+00:00"')
        for name in ("agent", "number", "name", "phone", "address", "content", "channel", "tracking_code"):
            text = text.replace(f'"@{name}@"', f'"%({name})s"')
        return text


# Moments that meet a limit and are one of the steps under another name.
_STEP = {"called_back": "closed"}


def _plain(text: str) -> Any:
    """What a JSON column of a prepared row holds (COPY doubles its backslashes)."""
    return json.loads(text.replace("\\\\", "\\"))
