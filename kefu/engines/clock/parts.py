"""A limit for one part of a subject: what one helping unit owes, one corrective measure. Several of one code run side by side,
each answered for by its own person; each is met or ended by its part, never by what the subject reaches as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from kefu.engines.clock import rules, running
from kefu.engines.clock.arithmetic import due_at, whole
from kefu.engines.clock.choices import OPEN, State
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.services import settle
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.timeline.services import record


@dataclass(frozen=True)
class Part:
    """``key`` is unique within the subject ("help:12"), ``label`` says on the page which one it is.

    A limit addressed to the owner reaches ``owner_id``, one addressed to the head of the unit the head of ``unit_path``.
    """

    key: str
    label: str
    unit_path: str
    owner_id: int | None = None


@transaction.atomic(savepoint=False)
def begin(
    *,
    subject: Subject,
    part: Part,
    moment_reached: str,
    at: datetime | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
) -> list[Obligation]:
    """Start every limit of the subject's kind that ``moment_reached`` starts and whose condition holds, for this part alone.

    It counts from ``since`` (usually ``at``); ``until`` is a due time that a person set and that goes before the limit's own.
    """
    at = whole(at or moment.now())
    since = whole(since or at)
    known = rules.current()
    starting: dict[str, rules.Rule] = {}
    for rule in known.started_by(subject.kind, frozenset({moment_reached}), at):
        if rule.code not in starting and rule.holds(facts or {}, at=at):
            starting[rule.code] = rule
    made = []
    for rule in starting.values():
        calendar, frozen = known.frozen(rule)
        due = whole(until) if until else due_at(calendar, rule.limit, since)
        made.append(_obligation(rule, subject, part, at, max(due, at), {**frozen, **({"set": "part"} if until else {})}))
    return Obligation.objects.bulk_create(made)


def _obligation(rule: rules.Rule, subject: Subject, part: Part, at: datetime, due: datetime, frozen: Mapping[str, Any]) -> Obligation:
    # Without a rule of its own it is neither unique for its code nor met by a moment of the subject; so it carries its steps along.
    own = {"part": part.key, "met_by": [], "warn": list(rule.warn_points), "steps": [dict(step) for step in rule.steps]}
    owners = {running.OWNER: part.owner_id, running.UNIT_HEAD: running.head_of(part.unit_path)}
    row = Obligation(
        subject=subject,
        code=rule.code,
        name=f"{rule.name} · {part.label}"[:80],
        name_en=f"{rule.name_en or rule.name} · {part.label}"[:80],
        clauses=list(rule.clauses),
        owner_id=owners.get(rule.addressed_to),
        addressed_to=rule.addressed_to,
        unit_path=part.unit_path,
        started_at=at,
        due_at=due,
        frozen={**frozen, **own},
    )
    running.set_next(row)
    return row


@transaction.atomic
def meet(
    *, subject: Subject, key: str, codes: Iterable[str] | None = None, at: datetime | None = None, actor_id: int | None = None
) -> None:
    """This part has done what it owes (all of it, or the limits of ``codes``)."""
    settle(_open(subject, key, codes), at=whole(at or moment.now()), actor_id=actor_id)


@transaction.atomic
def void(*, subject: Subject, key: str, reason: str, at: datetime | None = None, actor_id: int | None = None) -> None:
    """Nothing is owed of this part any more; nobody is judged."""
    rows = _open(subject, key, None)
    for row in rows:
        row.state, row.next_tick_at = State.VOID, None
    Obligation.objects.bulk_update(rows, ["state", "next_tick_at"])
    happened = [running.happened(row, "clock.void", reason=reason) for row in rows]
    record(actor_id=actor_id, happened=happened, at=whole(at or moment.now()))


def _open(subject: Subject, key: str, codes: Iterable[str] | None) -> list[Obligation]:
    rows = Obligation.objects.select_for_update(of=("self",)).filter(subject=subject, rule=None, state__in=OPEN)
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    return [row for row in rows if row.frozen.get("part") == key]
