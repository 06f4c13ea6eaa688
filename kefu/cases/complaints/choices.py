"""States of a complaint and the one table of moves."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    RECEIVED = "received", _("To be classed")
    CLASSED = "classed", _("To be judged")
    JUDGED = "judged", _("In hand")
    DECIDED = "decided", _("Decided")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


RUNNING = frozenset({State.RECEIVED, State.CLASSED, State.JUDGED, State.DECIDED})


class Severity(models.TextChoices):
    ORDINARY = "ordinary", _("Ordinary")
    SEVERE = "severe", _("Severe")


class Validity(models.TextChoices):
    VALID = "valid", _("Valid")
    INVALID = "invalid", _("Invalid")


class ClosingWay(models.TextChoices):
    """How an ordinary complaint ends (R-04-3.6.1)."""

    REWORK = "rework", _("Rework or repair")
    CONCESSION = "concession", _("Concession")
    EXPLANATION = "explanation", _("Explanation")


class Effect(models.TextChoices):
    """What the check of a corrective measure found (R-04-3.7.3)."""

    OPEN = "open", _("Not yet checked")
    EFFECTIVE = "effective", _("Effective")
    INEFFECTIVE = "ineffective", _("Not effective")


class Fault(models.TextChoices):
    """Why somebody is held responsible."""

    FOUND = "found", _("Found by the analysis")
    DELAY = "delay", _("Undue delay")


class Stand(models.TextChoices):
    """What the person says to it (R-04-3.7.2b)."""

    ASKED = "asked", _("Not answered yet")
    CONFIRMED = "confirmed", _("Confirms")
    OBJECTED = "objected", _("Objects")


class Action(models.TextChoices):
    """What follows for staff (R-04-3.7.8)."""

    TRAINING = "training", _("Training")
    PENALTY = "penalty", _("Penalty")
    FILING = "filing", _("Filing")
    NONE = "none", _("No consequence")


class Who(models.TextChoices):
    CENTRE = "centre", _("Service centre")
    JUDGE = "judge", _("Who judges")
    SECOND = "second", _("A second person")
    INVESTIGATOR = "investigator", _("The department concerned")
    DECIDER = "decider", _("Who decides")
    MANAGER = "manager", _("Who decides over all departments")
    RECEIVER = "receiver", _("Who received it")
    CALLER_BACK = "caller_back", _("Callback desk")
    OWNER = "owner", _("Who owes a measure")
    LIABLE = "liable", _("Who is held responsible")
    READER = "reader", _("Whoever sees it")
    SYSTEM = "system", _("The timetable")


@dataclass(frozen=True)
class Move:
    """A command: from which states, by whom, into which state (None: it stays)."""

    states: frozenset[State]
    who: frozenset[Who]
    to: State | None = None


def _move(states: set[State] | frozenset[State], *who: Who, to: State | None = None) -> Move:
    return Move(frozenset(states), frozenset(who), to)


_HANDLED = frozenset({State.JUDGED, State.DECIDED})
MOVES: dict[str, Move] = {
    "classify": _move({State.RECEIVED, State.CLASSED, State.JUDGED}, Who.CENTRE, to=State.CLASSED),
    "concern": _move(RUNNING, Who.CENTRE),
    "contact": _move(RUNNING, Who.CENTRE, Who.RECEIVER),
    "notify_interim": _move(RUNNING, Who.CENTRE, Who.RECEIVER),
    "judge": _move({State.CLASSED}, Who.JUDGE, to=State.JUDGED),
    "confirm_verdict": _move(_HANDLED, Who.SECOND),
    "overrule": _move(_HANDLED, Who.SECOND, to=State.CLASSED),
    "explain": _move({State.JUDGED}, Who.CENTRE, Who.RECEIVER, to=State.DECIDED),
    "analyse": _move({State.JUDGED}, Who.INVESTIGATOR, Who.CENTRE),
    "measure": _move(_HANDLED, Who.INVESTIGATOR, Who.CENTRE),
    "measure_done": _move(_HANDLED, Who.OWNER),
    "visit_site": _move({State.CLASSED, State.JUDGED}, Who.DECIDER, Who.CENTRE),
    "waive_visit": _move({State.JUDGED}, Who.MANAGER),
    "decide": _move({State.JUDGED}, Who.DECIDER, Who.CENTRE, to=State.DECIDED),
    "tell": _move({State.DECIDED}, Who.CENTRE, Who.RECEIVER),
    "check_measure": _move(_HANDLED, Who.CENTRE),
    "hold_liable": _move(_HANDLED, Who.INVESTIGATOR, Who.CENTRE, Who.DECIDER),
    "answer": _move(RUNNING | {State.CLOSED}, Who.LIABLE),
    "settle_liability": _move(RUNNING | {State.CLOSED}, Who.DECIDER),
    "review": _move(RUNNING, Who.DECIDER, Who.CENTRE),
    "report_past": _move(RUNNING, Who.RECEIVER),
    "reopen": _move({State.CLOSED}, Who.DECIDER, to=State.JUDGED),
    "archive": _move({State.CLOSED}, Who.CENTRE, Who.SYSTEM, to=State.ARCHIVED),
    "withdraw": _move({State.RECEIVED, State.CLASSED, State.JUDGED}, Who.CENTRE, to=State.WITHDRAWN),
    "note": _move(RUNNING, Who.READER),
}
