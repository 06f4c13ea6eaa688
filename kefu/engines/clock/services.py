"""Writing obligations. Each call joins the caller's transaction; the caller has judged that the person may do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import rules, running
from kefu.engines.clock.arithmetic import due_at as reckon
from kefu.engines.clock.arithmetic import whole
from kefu.engines.clock.choices import OPEN, State, Unit
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.moments import first as first_step
from kefu.kit import hot, moment, prepared
from kefu.kit.errors import Conflict, NotFound
from kefu.timeline.models import Subject
from kefu.timeline.services import record


@transaction.atomic(savepoint=False)
def reach(
    *,
    subject: Subject,
    moments: Sequence[str],
    at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    actor_id: int | None = None,
    fresh: bool = False,
    once: bool = False,
) -> list[Obligation]:
    """The subject has reached these moments: meet what they meet, then start what they start.

    Meets (or meets late) every open obligation whose rule is met by one of ``moments``. Starts every limit that is in force at ``at`` for
    the subject's kind, is started by one of ``moments``, and whose condition holds for ``facts``; one that already runs is left alone.
    ``fresh`` says that the subject was made just now, so that nothing can be open. ``once`` starts only limits that the subject never had
    (void ones do not count): for a class that becomes known later but whose limits run from an earlier moment, given as ``at``.
    Returns what was started. Raises ``Impossible`` if a limit counts on a calendar that is missing.
    """
    at = whole(at or moment.now())
    reached = frozenset(moments)
    known = rules.current()
    open_codes: set[str] = set()
    if not fresh:
        rows: list[Obligation] = _open_rows(id=subject.pk)
        met = [row for row in rows if reached & _met_by(row, known)]
        settle(met, at=at, actor_id=actor_id)
        open_codes = {row.code for row in rows if row.state in OPEN}
    if once:
        open_codes |= set(Obligation.objects.filter(subject=subject).exclude(state=State.VOID).values_list("code", flat=True))
    starting: dict[str, rules.Rule] = {}
    for rule in known.started_by(subject.kind, reached, at):
        if rule.code not in open_codes and rule.code not in starting and rule.holds(facts or {}, at=at, actor_id=actor_id):
            starting[rule.code] = rule
    if not starting:
        return []
    started = [_start(rule, subject, at, known) for rule in starting.values()]
    prepared.insert(started)
    return started


@transaction.atomic(savepoint=False)
def reach_all(*, subjects: Sequence[Subject], moments: Sequence[str], at: datetime, facts: Mapping[str, Any]) -> None:
    """``reach`` for many that were made just now and are alike: of one kind, unit and owner, with the same facts."""
    at, known = whole(at), rules.current()
    rows: list[Obligation] = []
    starting = {rule.code: rule for rule in reversed(known.started_by(subjects[0].kind, frozenset(moments), at))}
    for rule in starting.values():
        if rule.holds(facts, at=at, actor_id=None):
            first = _start(rule, subjects[0], at, known)
            shared = {name: getattr(first, name) for name in first._state.told}  # type: ignore[attr-defined]
            rows += [prepared.made(Obligation, **{**shared, "subject_id": one.pk}) for one in subjects]
    prepared.insert(rows, keyed=False)


def _met_by(row: Obligation, known: rules.RuleSet) -> frozenset[str]:
    rule = known.by_id.get(row.rule_id or 0)
    return rule.met_by if rule else frozenset(row.frozen.get("met_by", ()))


def _start(rule: rules.Rule, subject: Subject, at: datetime, known: rules.RuleSet) -> Obligation:
    calendar, frozen = known.frozen(rule)
    due = reckon(calendar, rule.limit, at)
    return prepared.made(
        Obligation,
        subject_id=subject.pk,
        rule_id=rule.id,
        code=rule.code,
        name=rule.name,
        name_en=rule.name_en,
        clauses=list(rule.clauses),
        owner_id=running.person_for(rule.addressed_to, subject),
        addressed_to=rule.addressed_to,
        unit_path=subject.unit_path,
        started_at=at,
        due_at=due,
        frozen=frozen,
        next_tick_at=first_step(calendar, rule.limit.unit, at, due, rule.warn_points, rule.steps),
    )


def settle(rows: list[Obligation], *, at: datetime, actor_id: int | None) -> None:
    """Met, or met late. One that stands still cannot be late."""
    if not rows:
        return
    for row in rows:
        row.state = State.LATE if row.state == State.RUNNING and at > row.due_at else State.MET
        row.met_at = max(at, row.started_at)
        row.next_tick_at = None
        prepared.save(row, "state", "met_at", "next_tick_at")
    record(actor_id=actor_id, happened=[running.happened(row, f"clock.{row.state}") for row in rows], at=at)


@transaction.atomic
def meet(*, obligation_id: int, at: datetime | None = None, actor_id: int | None = None) -> Obligation:
    """One obligation is met by hand (a recurring duty, a promise). Raises ``NotFound``, ``Conflict`` if it is closed."""
    row = _open_one(obligation_id)
    settle([row], at=whole(at or moment.now()), actor_id=actor_id)
    return row


def _open_one(obligation_id: int) -> Obligation:
    row = Obligation.objects.select_for_update(of=("self",)).filter(pk=obligation_id).first()
    if row is None:
        raise NotFound()
    if row.state not in OPEN:
        raise Conflict(_("This limit no longer runs."), code="limit_closed")
    return row


@transaction.atomic
def void(
    *, subject: Subject, reason: str, codes: Iterable[str] | None = None, at: datetime | None = None, actor_id: int | None = None
) -> list[Obligation]:
    """End open obligations of a subject (all, or those of ``codes``) without judging them: withdrawn, wrong type, replaced."""
    at = whole(at or moment.now())
    rows = list(_open(subject, codes))
    for row in rows:
        row.state, row.next_tick_at = State.VOID, None
    Obligation.objects.bulk_update(rows, ["state", "next_tick_at"])
    record(actor_id=actor_id, happened=[running.happened(row, "clock.void", reason=reason) for row in rows], at=at)
    return rows


def _open(subject: Subject, codes: Iterable[str] | None) -> Iterable[Obligation]:
    rows = Obligation.objects.select_for_update(of=("self",)).filter(subject=subject, state__in=OPEN)
    return rows if codes is None else rows.filter(code__in=list(codes))


@transaction.atomic
def extend(
    *, obligation_id: int, until: datetime, approved_by: int, reason: str, at: datetime | None = None, actor_id: int | None = None
) -> Obligation:
    """Move the due time of a running obligation to ``until`` by approval; the first due time stays readable in ``extended_from``.

    Raises ``Conflict`` if it does not run or ``until`` is no later than its due time or the present.
    """
    at, until = whole(at or moment.now()), whole(until)
    row = _open_one(obligation_id)
    if row.state == State.PAUSED:
        raise Conflict(_("The clock stands still. Resume it first."), code="limit_paused")
    if until <= max(row.due_at, at):
        raise Conflict(_("The new time must be later than the present limit."), code="not_later")
    before = row.due_at
    row.extended_from = row.extended_from or before
    row.due_at = until
    row.frozen = {**row.frozen, "set": "extended"}
    _save_new_due(row, at)
    data = {"before": before.isoformat(), "reason": reason, "approved_by": approved_by}
    record(actor_id=actor_id or approved_by, happened=[running.happened(row, "clock.extended", **data)], at=at)
    return row


def _save_new_due(row: Obligation, at: datetime) -> None:
    running.skip_past(row, at, running.pauses_of([row.pk]).get(row.pk, ()))
    row.save(update_fields=["due_at", "extended_from", "frozen", "warned", "escalated", "overdue_at", "next_tick_at"])


@dataclass(frozen=True)
class Outside:
    """What is known of a limit that comes from outside and has no rule here: how it is called, what meets it, who answers, when to warn."""

    name: str = ""
    name_en: str = ""
    met_by: Sequence[str] = ()
    addressed_to: str = running.OWNER
    warn_points: Sequence[float] = (0.8,)
    steps: Sequence[Mapping[str, Any]] = ()
    clauses: Sequence[str] = ()
    calendar: str = ""


@transaction.atomic
def set_due(
    *,
    subject: Subject,
    code: str,
    until: datetime,
    source: str,
    outside: Outside | None = None,
    at: datetime | None = None,
    actor_id: int | None = None,
) -> Obligation:
    """A due time that comes from outside: written on a 12345 order, promised to a customer.

    If ``code`` runs on the subject its due time becomes ``until``, otherwise an obligation without a rule starts, described by
    ``outside``. ``source`` says where the time comes from. Raises ``Conflict`` if ``until`` has passed.
    """
    at, until = whole(at or moment.now()), whole(until)
    if until < at:
        raise Conflict(_("The limit lies in the past."), code="limit_past")
    row = Obligation.objects.select_for_update(of=("self",)).filter(subject=subject, code=code, state=State.RUNNING).first()
    if row is None:
        row = _from_outside(subject, code, outside or Outside(), at, until, source)
        running.set_next(row)
        row.save()
    else:
        row.due_at = max(until, row.started_at)
        row.frozen = {**row.frozen, "set": source}
        _save_new_due(row, at)
    record(actor_id=actor_id, happened=[running.happened(row, "clock.set", source=source)], at=at)
    return row


def _from_outside(subject: Subject, code: str, told: Outside, at: datetime, until: datetime, source: str) -> Obligation:
    frozen = {"set": source, "met_by": list(told.met_by), "warn": list(told.warn_points), "steps": list(told.steps)}
    return Obligation(
        subject=subject,
        code=code,
        name=told.name or code,
        name_en=told.name_en,
        clauses=list(told.clauses),
        owner_id=running.person_for(told.addressed_to, subject),
        addressed_to=told.addressed_to,
        unit_path=subject.unit_path,
        started_at=at,
        due_at=until,
        frozen={**frozen, "calendar": told.calendar, "unit": Unit.CLOCK_HOUR},
    )


def keep_up(*, subject: Subject, at: datetime, over: bool, unit_path: str, owner_id: int | None) -> None:
    """The subject says where its case stands, who has it and since when it is over; open limits go along."""
    told = {"unit_path": unit_path, "owner_id": owner_id, "closed_at": (subject.closed_at or at) if over else None}
    changed = {name: value for name, value in told.items() if getattr(subject, name) != value}
    if not changed:
        return
    prepared.update(Subject, subject.pk, **changed)
    for name, value in changed.items():
        setattr(subject, name, value)
    hand_over(subject_id=subject.pk, owner_id=owner_id, unit_path=unit_path)


def hand_over(*, subject_id: int, owner_id: int | None, unit_path: str) -> int:
    """The subject has a new owner and unit: its open obligations follow, those of its parts stay. The answer is how many did."""
    rows: list[Obligation] = [row for row in _open_rows(id=subject_id) if "part" not in row.frozen]
    for row in rows:
        row.unit_path = unit_path
        if row.addressed_to == running.OWNER:
            row.owner_id = owner_id
        elif row.addressed_to == running.UNIT_HEAD:
            row.owner_id = running.head_of(unit_path)
        prepared.save(row, "owner", "unit_path")
    return len(rows)


def address(*, subject: Subject, met_by: str, post: str) -> int:
    """The holders of ``post`` answer from now on for what is open, met by that moment, and answered for by a post; how many changed."""
    addressed, known = f"{running.POST}{post}", rules.current()
    rows: list[Obligation] = [
        row
        for row in _open_rows(id=subject.pk)
        if row.addressed_to.startswith(running.POST) and row.addressed_to != addressed and met_by in _met_by(row, known)
    ]
    for row in rows:
        row.addressed_to = addressed
        prepared.save(row, "addressed_to")
    return len(rows)


_open_rows = hot.Rows(lambda: Obligation.objects.select_for_update().filter(subject_id=hot.Slot("id"), state__in=OPEN))
