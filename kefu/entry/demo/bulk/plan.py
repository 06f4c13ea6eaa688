"""What every made-up order is made from: types, units, people, limits and sentences of the centre as it stands, read once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from kefu.cases.workorders import routing
from kefu.engines.clock import rules
from kefu.engines.search import cut
from kefu.entry.demo import residents, words
from kefu.entry.demo.bulk import texts
from kefu.entry.demo.bulk.writer import Writer
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
    """One limit as it stands on every order of a type. ``columns`` end an obligation's row: rule, code, name, clauses, copy."""

    code: str
    span: int
    starts: str
    met_by: frozenset[str]
    addressed: str
    columns: tuple[Any, ...]


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


class Plan:
    """All that the rows need; nothing in it changes while they are made."""

    def __init__(self, writer: Writer) -> None:
        dice = random.Random(7)  # noqa: S311
        staff = {person.number: person for person in Staff.objects.select_related("unit")}
        self.agents = [staff[number].pk for number in ("021", "022", "023") if number in staff]
        self.caller_back = staff["025"].pk
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
            writer.json({"unit": unit.name, "remark": "", "rule": choice.rule}), writer.json({"type": found.name}),
        )  # fmt: skip

    def _owed(self, writer: Writer, code: str) -> Owed:
        rule = next(rule for rule in rules.current().by_id.values() if rule.code == code and rule.in_force(moment.now()))
        return self._read(writer, rule)

    @staticmethod
    def _read(writer: Writer, rule: rules.Rule) -> Owed:
        _calendar, frozen = rules.current().frozen(rule)
        span = int(float(rule.limit.amount) * SECONDS[rule.limit.unit])
        columns = (rule.id, rule.code, rule.name, rule.name_en, writer.json(list(rule.clauses)), writer.json(frozen), rule.addressed_to)
        return Owed(rule.code, span, rule.starts_on, rule.met_by, rule.addressed_to, columns)


COMPLAINT_LIMITS = ("complaint.first_contact", "complaint.verdict", "complaint.result", "complaint.severe_result")


class Cutter:
    """Text to pieces, remembering every word but the numbers: most words come again and again."""

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}

    def normal(self, text: str) -> str:
        found = self._texts.get(text)
        if found is None:
            if len(self._texts) > 300_000:
                self._texts.clear()
            found = self._texts[text] = cut.normal(text)
        return found

    def pieces(self, kind: str, text: str, single: tuple[str, ...]) -> list[str]:
        """The pieces of a text in normal form as ``search.services`` stores them; words in ``single`` come only once and are not kept."""
        found: dict[str, None] = {kind: None}
        words_ = self._words
        for word in text.split():
            known = words_.get(word)
            if known is None:
                known = cut.pieces(word)
                if word not in single:
                    if len(words_) > 300_000:
                        words_.clear()
                    words_[word] = known
            found.update(dict.fromkeys(known))
        return list(found)


def person(dice: random.Random) -> str:
    return residents.invented(dice)
