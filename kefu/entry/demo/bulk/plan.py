"""What every made-up order is made from: types, units, people, limits and sentences of the centre as it stands, read once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

from django.utils import timezone

from kefu.cases.workorders import routing
from kefu.engines.clock import rules
from kefu.engines.privacy.retention import months_before
from kefu.engines.search import cut
from kefu.entry.demo import residents, words
from kefu.entry.demo.bulk import texts
from kefu.entry.demo.bulk.writer import Writer
from kefu.flows import archive
from kefu.kit import moment
from kefu.people.models import Staff

SECONDS = {
    "minute": 60,
    "clock_hour": 3600,
    "business_hour": 4 * 3600,
    "calendar_day": 86400,
    "working_day": 2 * 86400,
    "month": 30 * 86400,
}
SENTENCES = 220


@dataclass(frozen=True)
class Owed:
    """One limit as it stands on every order of a type. ``columns`` end an obligation's row: rule, code, name, clauses, copy.

    ``lean`` are the same for limits that are settled: their copy keeps amount, unit and the name of the calendar alone.
    """

    code: str
    span: int
    starts: str
    met_by: frozenset[str]
    addressed: str
    columns: tuple[Any, ...]
    lean: tuple[Any, ...]


@dataclass(frozen=True)
class Kind:
    """One order type with all that hangs on it."""

    pk: int
    code: str
    name: str
    kind: str
    unit_id: int
    unit_path: str
    unit_name: str
    head: int | None
    handlers: tuple[int, ...]
    urgency: str
    owed: tuple[Owed, ...]
    sentences: tuple[str, ...]
    dispatched: str
    opened: str
    told: dict[str, tuple[str, str, Any]]

    def spoken(self, content: str, cutter: Cutter) -> tuple[str, str, Any]:
        """What search keeps of an order with this content: the text shown, its normal form, its pieces."""
        found = self.told.get(content)
        if found is None:
            body = f"{self.name} {content}"
            text = cut.normal(body)
            found = self.told[content] = (body, text, cutter.keyed(text))
        return found


class Plan:
    """All that the rows need; nothing in it changes while they are made."""

    def __init__(self, writer: Writer) -> None:
        dice = random.Random(7)  # noqa: S311
        staff = {person.number: person for person in Staff.objects.select_related("unit")}
        self.agents = [staff[number].pk for number in ("021", "022", "023") if number in staff]
        self.caller_back = staff["025"].pk
        self.numbers = {person.pk: person.number for person in staff.values()}
        self.months_kept = archive.months_kept("workorder")
        self.complaint_months = archive.months_kept("complaint")
        self.desk = staff["022"].pk
        self.manager = staff["010"].pk
        self.centre_path = staff["021"].unit.path
        repair, others = ("101", "102", "103", "104"), {"cleaning": ("301", "300"), "guard": ("200",), "centre": ("023",)}
        self.handlers = {"repair": tuple(staff[one].pk for one in repair)}
        self.handlers |= {unit: tuple(staff[one].pk for one in numbers) for unit, numbers in others.items()}
        self.kinds = [self._kind(writer, code, dice) for code in words.SHARES]
        self.weights = list(accumulate(words.SHARES.values()))
        self.complaint_limits = {code: self._owed(writer, code) for code in COMPLAINT_LIMITS}

    def _kind(self, writer: Writer, code: str, dice: random.Random) -> Kind:
        found = routing.types()[code]
        facts = {
            "type": code,
            "type_kind": found.kind,
            "category": found.path,
            "urgency": found.urgency,
            "channel": "phone",
            "paid": found.paid,
        }
        choice = routing.unit_for(facts)
        assert choice is not None
        unit = choice.unit
        started = rules.current().started_by("workorder", frozenset(("accepted", "dispatched", "completed")), moment.now())
        owed = tuple(self._read(writer, rule) for rule in started if rule.holds(facts, at=moment.now(), actor_id=None))
        return Kind(
            found.pk, code, found.name, found.kind, unit.pk, unit.path, unit.name, unit.head_id, self.handlers[unit.code],
            found.urgency, owed,
            tuple(texts.sentences(code, SENTENCES, dice)),
            writer.json({"unit": unit.name, "remark": "", "rule": choice.rule}), writer.json({"type": found.name}), {},
        )  # fmt: skip

    def _owed(self, writer: Writer, code: str) -> Owed:
        rule = next(rule for rule in rules.current().by_id.values() if rule.code == code and rule.in_force(moment.now()))
        return self._read(writer, rule)

    @staticmethod
    def _read(writer: Writer, rule: rules.Rule) -> Owed:
        _calendar, frozen = rules.current().frozen(rule)
        span = int(float(rule.limit.amount) * SECONDS[rule.limit.unit])
        head = (rule.id, rule.code, rule.name, rule.name_en, writer.json(list(rule.clauses)))
        lean = {name: frozen[name] for name in ("amount", "unit", "start", "end", "rest", "pausable", "calendar")}
        columns, short = ((*head, writer.json(copy), rule.addressed_to) for copy in (frozen, lean))
        return Owed(rule.code, span, rule.starts_on, rule.met_by, rule.addressed_to, columns, short)


COMPLAINT_LIMITS = ("complaint.first_contact", "complaint.verdict", "complaint.result", "complaint.severe_result")


def kept_until(sealed: datetime, months: int) -> str:
    """The day until which a case sealed then is kept, as ``flows.archive`` reckons it."""
    return timezone.localtime(months_before(sealed, -months)).date().isoformat()


class Cutter:
    """Text to pieces for search, remembering what comes again: residents, days, numbers."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._residents: dict[int, tuple[str, Any]] = {}
        self._days: dict[str, tuple[str, Any]] = {}

    def keyed(self, text: str) -> Any:
        """The pieces of a text in normal form, as ``Writer.pack_pieces`` takes them."""
        return self._writer.keyed(cut.pieces(text))

    def number(self, number: str) -> tuple[str, tuple[Any, Any]]:
        """A number (two letters, eight digits of the day, the running number) in normal form, and its pieces."""
        day, low = self._days.get(number[:10]), number.lower()
        if day is None:
            day = self._days[number[:10]] = (low[:10], self.keyed(low[:10]))
        return low, (day[1], self._writer.keyed([low[place : place + 3] for place in range(8, len(low) - 2)]))

    def resident(self, who: Resident) -> tuple[str, Any]:
        """Name, phone and address in normal form, and their pieces."""
        found = self._residents.get(who.pk)
        if found is None:
            text = f"{cut.normal(who.name)} {who.phone[3:]} {cut.normal(who.address)}"
            found = self._residents[who.pk] = (text, self.keyed(text))
        return found


class Resident(NamedTuple):
    pk: int
    name: str
    phone: str
    area: str
    address: str


def person(dice: random.Random) -> str:
    return residents.invented(dice)
