"""States of a work order and the one table of moves between them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    NEW = "new", _("To be dispatched")
    DISPATCHED = "dispatched", _("To be accepted")
    WORKING = "working", _("In hand")
    SUSPENDED = "suspended", _("Suspended")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    VOID = "void", _("Void")


OPEN = frozenset({State.NEW, State.DISPATCHED, State.WORKING, State.SUSPENDED})
LIVE = OPEN | {State.COMPLETED}


class Urgency(models.TextChoices):
    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")
    EMERGENCY = "emergency", _("Emergency")


class TypeKind(models.TextChoices):
    CONSULT = "consult", _("Consultation")
    REPAIR = "repair", _("Repair")
    COMPLAINT = "complaint", _("Complaint")
    SUGGESTION = "suggestion", _("Suggestion")
    BUSINESS = "business", _("Business")
    EMERGENCY = "emergency", _("Emergency")


class CallbackRule(models.TextChoices):
    ALL = "all", _("Every order")
    SAMPLE = "sample", _("A sample")
    NONE = "none", _("None")


class RequestKind(models.TextChoices):
    EXTENSION = "extension", _("Extension")
    SUSPENSION = "suspension", _("Suspension")


class Verdict(models.TextChoices):
    PENDING = "pending", _("Pending")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class Who(models.TextChoices):
    """In what relation to the order a command is given; policies.py says how each is told."""

    DISPATCHER = "dispatcher", _("Dispatcher")
    UNIT = "unit", _("The handling unit")
    HANDLER = "handler", _("The handler")
    APPROVER = "approver", _("Who approves")
    HELPER = "helper", _("The helping unit")
    CALLER_BACK = "caller_back", _("Callback desk")
    READER = "reader", _("Whoever sees it")
    SYSTEM = "system", _("The timetable")


@dataclass(frozen=True)
class Move:
    """A command: from which states, by whom, and into which state (None: it stays)."""

    states: frozenset[State]
    who: frozenset[Who]
    to: State | None = None


def _move(states: set[State] | frozenset[State], *who: Who, to: State | None = None) -> Move:
    return Move(frozenset(states), frozenset(who), to)


MOVES: dict[str, Move] = {
    "dispatch": _move({State.NEW}, Who.DISPATCHER, to=State.DISPATCHED),
    "redirect": _move({State.DISPATCHED, State.WORKING, State.SUSPENDED}, Who.DISPATCHER, to=State.DISPATCHED),
    "accept": _move({State.DISPATCHED}, Who.UNIT, to=State.WORKING),
    "assign": _move({State.DISPATCHED, State.WORKING}, Who.UNIT, to=State.WORKING),
    "return": _move({State.DISPATCHED, State.WORKING}, Who.UNIT, to=State.NEW),
    "contact": _move({State.WORKING}, Who.HANDLER),
    "arrive": _move({State.WORKING}, Who.HANDLER),
    "ask_extension": _move({State.WORKING}, Who.HANDLER),
    "ask_suspension": _move({State.WORKING}, Who.HANDLER),
    "grant": _move({State.WORKING}, Who.APPROVER),
    "refuse": _move({State.WORKING}, Who.APPROVER),
    "resume": _move({State.SUSPENDED}, Who.HANDLER, Who.DISPATCHER, Who.APPROVER, to=State.WORKING),
    "ask_helper": _move({State.WORKING}, Who.HANDLER, Who.DISPATCHER),
    "help_reply": _move({State.WORKING, State.SUSPENDED}, Who.HELPER),
    "withdraw_help": _move({State.WORKING, State.SUSPENDED}, Who.HANDLER, Who.DISPATCHER),
    "complete": _move({State.WORKING}, Who.HANDLER, to=State.COMPLETED),
    "redo": _move({State.COMPLETED}, Who.CALLER_BACK, Who.DISPATCHER, to=State.WORKING),
    "close": _move({State.COMPLETED}, Who.CALLER_BACK, Who.DISPATCHER, Who.SYSTEM, to=State.CLOSED),
    "reopen": _move({State.CLOSED}, Who.DISPATCHER, to=State.WORKING),
    "archive": _move({State.CLOSED}, Who.DISPATCHER, Who.SYSTEM, to=State.ARCHIVED),
    "void": _move({State.NEW, State.DISPATCHED}, Who.DISPATCHER, to=State.VOID),
    "correct": _move({State.ARCHIVED}, Who.DISPATCHER),
    "note": _move(frozenset(State) - {State.ARCHIVED, State.VOID}, Who.READER),
}
