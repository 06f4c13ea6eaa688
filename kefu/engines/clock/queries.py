"""Reads: the limits of a record for its page, a person's to-dos, the next due times of a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Value, When

from kefu.engines.clock import rules, running
from kefu.engines.clock.arithmetic import elapsed
from kefu.engines.clock.choices import OPEN, State, Unit
from kefu.engines.clock.models import LimitRule, Obligation, Pause, WorkCalendar
from kefu.kit import hot, moment
from kefu.kit.language import pick
from kefu.people.actor import Actor
from kefu.timeline import queries as timeline

_OPEN_FIRST = Case(When(state__in=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())


def visible_to(actor: Actor) -> QuerySet[Obligation]:
    """The obligations of the subjects that a person may see."""
    return Obligation.objects.filter(timeline.visible(actor, "subject__"))


def calendar_choices() -> list[tuple[str, str]]:
    """Code and name of each calendar, for a form."""
    return [(code, pick(name, name_en)) for code, name, name_en in WorkCalendar.objects.values_list("code", "name", "name_en")]


def of_subject(subject_id: int, *, paused: bool = True) -> list[dict[str, Any]]:
    """The obligations of one subject, running first by due time; the caller has judged that the subject may be seen.

    Beside the columns: ``seconds_left`` (negative when over), ``gross`` and ``net`` seconds used up (net leaves out the pauses, R-02C-6.2),
    ``warn_at`` (the first warning), ``settled_at``, ``pauses``, ``owner`` (name), ``set_from_outside``. ``paused`` false: the caller knows
    that there are no pauses.
    """
    at = moment.now()
    rows = _whole(id=subject_id)
    stops = _pauses(subject_id) if paused and rows else {}
    return [_row(row, stops.get(row["id"], []), at) for row in rows]


_SAME = ("id", "code", "name", "name_en", "state", "clauses", "addressed_to", "started_at", "due_at", "extended_from")
_WHOLE = (*_SAME, "frozen", "rule_id", "met_at", "overdue_at", "owner__name")
_whole = hot.Read(lambda: Obligation.objects.filter(subject_id=hot.Slot("id")).order_by(_OPEN_FIRST, "due_at", "id").values(*_WHOLE))
_PAUSE = ("obligations", "since", "until", "reason", "cause", "evidence", "file_id", "approved_by__name")
_stops = hot.Read(lambda: Pause.objects.filter(subject_id=hot.Slot("id")).order_by("since").values(*_PAUSE))


def any_pause() -> Exists:
    """For a query of cases: whether a limit of the case was ever paused."""
    return Exists(Pause.objects.filter(subject_id=OuterRef("pk")))


def _pauses(subject_id: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for one in _stops(id=subject_id):
        found.setdefault(one["obligations"], []).append(one)
    return found


def _row(row: dict[str, Any], pauses: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    frozen, state, started, due = row["frozen"], row["state"], row["started_at"], row["due_at"]
    calendar = rules.calendar_from(frozen)
    unit = frozen.get("unit") or Unit.CLOCK_HOUR
    end = max(started, row["met_at"] or at)
    spans = [(one["since"], one["until"] or max(end, one["since"])) for one in pauses]
    gross = elapsed(calendar, unit, started, end)
    is_open = state in OPEN
    return {
        **{name: row[name] for name in _SAME},
        "owner": row["owner__name"] or "",
        "settled_at": row["met_at"],
        "overdue": row["overdue_at"] is not None or (state == State.RUNNING and at > due),
        "set_from_outside": frozen.get("set", "") not in ("", "extended", "part"),
        "limit": limit_text(frozen),
        "seconds_left": int((due - at).total_seconds()) if is_open else None,
        "warn_at": running.first_warning(row, calendar, _finished(spans, pauses)) if is_open else None,
        "gross": gross,
        "net": elapsed(calendar, unit, started, end, spans) if spans else gross,
        "pauses": pauses,
    }


def _finished(spans: list[tuple[datetime, datetime]], pauses: list[dict[str, Any]]) -> list[tuple[datetime, datetime]]:
    return [span for span, one in zip(spans, pauses, strict=True) if one["until"] is not None]


def limit_text(frozen: Mapping[str, Any]) -> str:
    """A limit in words: "48 clock hours"."""
    return f"{frozen['amount']:g} {Unit(frozen['unit']).label}" if frozen.get("amount") else ""


_TODO = (
    "id", "code", "name", "name_en", "clauses", "state", "due_at", "started_at", "overdue_at", "subject_id",
    "subject__kind", "subject__number", "subject__title",
)  # fmt: skip


def pressing(actor: Actor, until: datetime, limit: int = 50) -> list[dict[str, Any]]:
    """What runs in the units of a person and is due before ``until`` or overdue, longest overdue first; whose it is makes no difference."""
    rows = Obligation.objects.filter(state=State.RUNNING, due_at__lt=until)
    if not actor.sees_all:
        units = Q(pk__in=[])
        for low, high in actor.path_ranges:
            units |= Q(unit_path__gte=low, unit_path__lt=high)
        rows = rows.filter(units)
    return [dict(row) for row in rows.order_by("due_at", "id").values(*_TODO, "owner__name")[:limit]]


def soonest(subject_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The limit that is due next of what runs, by subject: one query for a whole list."""
    rows = Obligation.objects.filter(subject_id__in=list(subject_ids), state=State.RUNNING).order_by("-due_at", "-id")
    return {row["subject_id"]: dict(row) for row in rows.values("subject_id", "name", "name_en", "clauses", "state", "due_at")}


def my_open(actor: Actor, limit: int = 50) -> list[dict[str, Any]]:
    """What waits for a person, next due first: own obligations, and those of the own posts that nobody owns in the own scope."""
    open_rows = Obligation.objects.filter(state__in=OPEN)
    mine = open_rows.filter(owner_id=actor.id or 0).order_by("due_at", "id").values(*_TODO)[:limit]
    found = [dict(row) for row in mine]
    if actor.posts:
        posts = [f"{running.POST}{post}" for post in sorted(actor.posts)]
        shared = open_rows.filter(_in_scope(actor), owner=None, addressed_to__in=posts)
        found += [dict(row) for row in shared.order_by("due_at", "id").values(*_TODO)[:limit]]
    found.sort(key=lambda row: (row["due_at"], row["id"]))
    return found[:limit]


def _in_scope(actor: Actor) -> Q:
    if actor.sees_all:
        return Q()
    scope = Q(unit_path="")
    for low, high in actor.path_ranges:
        scope |= Q(unit_path__gte=low, unit_path__lt=high)
    return scope


def next_due(subject_ids: Iterable[int]) -> dict[int, datetime]:
    """The nearest due time of what runs, by subject: one query for a whole list."""
    ids = list(subject_ids)
    if not ids:
        return {}
    return {row["subject_id"]: row["due"] for row in _next_due.of(ids)}


def _nearest(count: int) -> QuerySet[Obligation, Any]:
    running_ones = Obligation.objects.filter(subject_id__in=hot.slots(count), state=State.RUNNING)
    return running_ones.values("subject_id").annotate(due=Min("due_at")).order_by()


_next_due = hot.Read(_nearest)


def lines(subject_id: int) -> list[dict[str, Any]]:
    """The obligations of one subject as plain rows for other systems, running first by due time; the caller has judged the subject."""
    return _lines(id=subject_id)


def _of_one() -> QuerySet[Obligation, Any]:
    rows = Obligation.objects.filter(subject_id=hot.Slot("id")).order_by(_OPEN_FIRST, "due_at", "id")
    return rows.values("id", "code", "name", "name_en", "state", "started_at", "due_at", "met_at", "overdue_at", "addressed_to", "clauses")


_lines = hot.Read(_of_one)


def versions(code: str) -> list[LimitRule]:
    """All versions of one limit, newest first."""
    return list(LimitRule.objects.filter(code=code).order_by("-valid_from"))


def is_overdue(subject_id: int) -> bool:
    """Whether any limit of a subject has run out and is not met yet."""
    return Obligation.objects.filter(subject_id=subject_id, state=State.RUNNING, due_at__lt=moment.now()).exists()


def running_until(subject_id: int, reached: str) -> list[Obligation]:
    """The running obligations of a subject that nothing but the moment ``reached`` will meet: what an extension of the work moves.

    An answer or an arrival that was owed earlier stays owed, though completing would meet it too.
    """
    rows = Obligation.objects.filter(subject_id=subject_id, state=State.RUNNING).select_related("rule")
    return [row for row in rows if {reached} == set(row.rule.met_by if row.rule else row.frozen.get("met_by", ()))]
