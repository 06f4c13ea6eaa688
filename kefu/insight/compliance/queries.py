"""Per clause: how it is carried out, proven, kept and broken. A few statements for a whole regulation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from kefu.engines.clock.choices import State
from kefu.engines.clock.models import LimitRule, Obligation, Recurrence
from kefu.engines.filters.spans import shift_months
from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import Reading
from kefu.engines.measures.registry import measures
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.models import Clause
from kefu.insight.compliance import proofs
from kefu.insight.compliance.measures import CITED, DUE
from kefu.insight.reports.measures.making import limit_names
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.timeline.queries import visible
from kefu.timeline.registry import event_kinds

SIZE = 50
OUTCOMES = ("met", "late", "open")


@dataclass(frozen=True)
class Kept:
    """How often what cites a clause was done in time. ``events`` is None for who sees only a part of the centre."""

    met: int = 0
    late: int = 0
    open: int = 0
    events: int | None = None

    @property
    def due(self) -> int:
        return self.met + self.late + self.open

    @property
    def broken(self) -> int:
        return self.late + self.open

    @property
    def rate(self) -> float | None:
        return self.met / self.due if self.due else None


@dataclass(frozen=True)
class Row:
    """One clause on the compliance page."""

    clause: Mapping[str, Any]
    carried: list[dict[str, str]]
    proven: list[str]
    month: Kept
    year: Kept
    codes: list[str] = field(default_factory=list)

    @property
    def not_yet(self) -> str:
        """Why it cannot be called carried out: the capability that will do it, or that nothing does; "" if it is."""
        return str(self.clause["later"]) if self.clause["later"] else "" if self.carried else "nothing"


def this_month() -> Period:
    return Period.now()


def last_year() -> Period:
    """The twelve months up to the present one."""
    now = Period.now()
    return Period(shift_months(now.first, -11), now.last, "span")


def codes_by_clause() -> dict[str, list[str]]:
    """Clause id to the codes of limits and recurring duties that cite it, in any version."""
    found: dict[str, set[str]] = defaultdict(set)
    for model in (LimitRule, Recurrence):
        for code, clauses in model.objects.values_list("code", "clauses"):
            for clause in clauses:
                found[clause].add(code)
    return {clause: sorted(codes) for clause, codes in found.items()}


@dataclass(frozen=True)
class Standing:
    """By code of limit how it was kept, and by clause how many events cite it (None for who sees a part): this month, twelve months."""

    month: Mapping[str, Kept]
    year: Mapping[str, Kept]
    month_events: Mapping[str, int] | None
    year_events: Mapping[str, int] | None
    as_of: datetime | None


def standing(actor: Actor | None) -> Standing:
    """How everything was kept, read once. Without ``actor`` the whole centre is counted (the command line)."""
    reading = Reading((DUE, CITED), last_year(), actor=actor)
    now = this_month().first
    whole = actor is None or actor.sees_all
    month_events, year_events = (_events(reading, since) if whole else None for since in (now, None))
    return Standing(_kept(reading, now), _kept(reading, None), month_events, year_events, reading.as_of)


def _kept(reading: Reading, since: date | None) -> dict[str, Kept]:
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for one in reading.figure(DUE, ("code", "outcome"), since=since):
        held[str(one.dims[0])][str(one.dims[1])] = int(one.numerator)
    return {code: Kept(**{name: counts.get(name, 0) for name in OUTCOMES}) for code, counts in held.items()}


def _events(reading: Reading, since: date | None) -> dict[str, int]:
    return {str(one.dims[0]): int(one.numerator) for one in reading.figure(CITED, ("clause",), since=since)}


def _sum(codes: Sequence[str], kept: Mapping[str, Kept], events: int | None) -> Kept:
    rows = [kept[code] for code in codes if code in kept]
    return Kept(sum(row.met for row in rows), sum(row.late for row in rows), sum(row.open for row in rows), events)


def rows(clauses: Sequence[Mapping[str, Any]], held: Standing) -> list[Row]:
    """The clauses with all that is known of each."""
    ids = [str(one["code"]) for one in clauses]
    limits = codes_by_clause()
    carried, proven = carried_by(ids), proofs.proven()
    made = []
    for one in clauses:
        clause = str(one["code"])
        codes = limits.get(clause, [])
        in_month = _sum(codes, held.month, None if held.month_events is None else held.month_events.get(clause, 0))
        in_year = _sum(codes, held.year, None if held.year_events is None else held.year_events.get(clause, 0))
        made.append(Row(one, carried.get(clause, []), proven.get(clause, []), in_month, in_year, codes))
    return made


def carried_by(ids: list[str]) -> dict[str, list[dict[str, str]]]:
    """What carries out each clause: rows of packs, declared code, measures, and the events that cite it."""
    found = rulebook.enforcement(ids)
    wanted = set(ids)
    for measure in measures:
        for clause in wanted.intersection(measure.clauses):
            held = found.setdefault(clause, [])
            if all(one["ref"] != measure.code for one in held):
                held.append({"how": "measure", "section": "", "ref": measure.code, "name": str(measure.name)})
    for clause, kinds in proofs.written().items():
        for code in kinds if clause in wanted else ():
            kind = event_kinds.get(code)
            name = str(kind.text).split("%")[0].strip(" （(:：，,") if kind else code
            found.setdefault(clause, []).append({"how": "event", "section": "", "ref": code, "name": name or code})
    return found


def every_clause() -> list[dict[str, Any]]:
    """All clauses of all regulations, in their order."""
    columns = ("code", "number", "summary", "summary_en", "figure", "figure_en", "truncated", "later", "regulation__code")
    return [dict(row) for row in Clause.objects.order_by("regulation__code", "position").values(*columns)]


def overview() -> list[dict[str, Any]]:
    """The regulations: how many clauses each has, how many are carried out, proven, not yet."""
    clauses = every_clause()
    carried = carried_by([row["code"] for row in clauses])
    proven = proofs.proven()
    counts: dict[str, dict[str, int]] = {}
    for row in clauses:
        held = counts.setdefault(row["regulation__code"], {"clauses": 0, "carried": 0, "proven": 0, "not_yet": 0})
        held["clauses"] += 1
        held["carried"] += row["code"] in carried
        held["proven"] += row["code"] in proven
        held["not_yet"] += bool(row["later"]) or row["code"] not in carried
    return [{**row, **counts.get(row["code"], {"clauses": 0, "carried": 0, "proven": 0, "not_yet": 0})} for row in rulebook.regulations()]


def chosen(code: str, regulations: list[dict[str, Any]]) -> str:
    """The regulation to show: the one asked for, else the centre's own (of the pack that was loaded on top). Raises ``NotFound``."""
    known = {row["code"]: row for row in regulations}
    if code and code not in known:
        raise NotFound()
    own = [row["code"] for row in regulations if row["pack"] not in ("", "general")]
    return code or (own or list(known) or [""])[-1]


def one(clause_id: str, held: Standing) -> Row:
    """One clause. Raises ``NotFound``."""
    return rows([rulebook.clause(clause_id)], held)[0]


def by_limit(codes: list[str], held: Standing) -> list[dict[str, Any]]:
    """Each limit of a clause: how it was kept this month and in twelve months."""
    names = limit_names(codes)
    return [
        {"code": code, "name": names.get(code, code), "month": held.month.get(code, Kept()), "year": held.year.get(code, Kept())}
        for code in codes
    ]


_CASE = (
    "id", "subject_id", "subject__number", "subject__kind", "subject__title", "code", "name", "name_en", "due_at", "met_at", "unit_path",
    "owner__name",
)  # fmt: skip


def _cases(actor: Actor, codes: list[str]) -> QuerySet[Obligation]:
    return Obligation.objects.filter(visible(actor, "subject__"), code__in=codes)


def open_overdue(actor: Actor, codes: list[str]) -> list[dict[str, Any]]:
    """The cases where the clause is broken right now, oldest due first."""
    found = _cases(actor, codes).filter(state=State.RUNNING, due_at__lte=moment.now()).order_by("due_at", "id")
    return [dict(row) for row in found.values(*_CASE)[:SIZE]]


def late(actor: Actor, codes: list[str], cursor: str | None = None) -> Page[dict[str, Any]]:
    """The cases where it was kept too late, newest first."""
    found = list(after(_cases(actor, codes).filter(state=State.LATE), keys=("-id",), cursor=cursor).values(*_CASE)[: SIZE + 1])
    return cut([dict(row) for row in found], size=SIZE, key=lambda row: [row["id"]])


def lateness(row: Mapping[str, Any]) -> timedelta:
    """How long after its due time a limit was, or still is, open."""
    end = row["met_at"] or moment.now()
    late: timedelta = end - row["due_at"]
    return late
