"""States of a complaint and the one table of moves."""

from __future__ import annotations

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.moves import Move, move


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


class Who(Enum):
    CENTRE = auto()
    JUDGE = auto()  # Who judges
    SECOND = auto()  # A second person
    INVESTIGATOR = auto()  # The department concerned
    DECIDER = auto()  # Who decides
    MANAGER = auto()  # Who decides over all departments
    RECEIVER = auto()  # Who received it
    CALLER_BACK = auto()
    OWNER = auto()  # Who owes a measure
    LIABLE = auto()  # Who is held responsible
    READER = auto()  # Whoever sees it
    SYSTEM = auto()  # The timetable


_HANDLED = frozenset({State.JUDGED, State.DECIDED})
MOVES: dict[str, Move[State, Who]] = {
    "classify": move({State.RECEIVED, State.CLASSED, State.JUDGED}, Who.CENTRE, to=State.CLASSED),
    "concern": move(RUNNING, Who.CENTRE),
    "contact": move(RUNNING, Who.CENTRE, Who.RECEIVER),
    "notify_interim": move(RUNNING, Who.CENTRE, Who.RECEIVER),
    "judge": move({State.CLASSED}, Who.JUDGE, to=State.JUDGED),
    "confirm_verdict": move(_HANDLED, Who.SECOND),
    "overrule": move(_HANDLED, Who.SECOND, to=State.CLASSED),
    "explain": move({State.JUDGED}, Who.CENTRE, Who.RECEIVER, to=State.DECIDED),
    "analyse": move({State.JUDGED}, Who.INVESTIGATOR, Who.CENTRE),
    "measure": move(_HANDLED, Who.INVESTIGATOR, Who.CENTRE),
    "measure_done": move(_HANDLED, Who.OWNER),
    "visit_site": move({State.CLASSED, State.JUDGED}, Who.DECIDER, Who.CENTRE),
    "waive_visit": move({State.JUDGED}, Who.MANAGER),
    "decide": move({State.JUDGED}, Who.DECIDER, Who.CENTRE, to=State.DECIDED),
    "tell": move({State.DECIDED}, Who.CENTRE, Who.RECEIVER),
    "check_measure": move(_HANDLED, Who.CENTRE),
    "hold_liable": move(_HANDLED, Who.INVESTIGATOR, Who.CENTRE, Who.DECIDER),
    "answer": move(RUNNING | {State.CLOSED}, Who.LIABLE),
    "settle_liability": move(RUNNING | {State.CLOSED}, Who.DECIDER),
    "review": move(RUNNING, Who.DECIDER, Who.CENTRE),
    "report_past": move(RUNNING, Who.RECEIVER),
    "reopen": move({State.CLOSED}, Who.DECIDER, to=State.JUDGED),
    "archive": move({State.CLOSED}, Who.CENTRE, Who.SYSTEM, to=State.ARCHIVED),
    "withdraw": move({State.RECEIVED, State.CLASSED, State.JUDGED}, Who.CENTRE, to=State.WITHDRAWN),
    "note": move(RUNNING, Who.READER),
}
