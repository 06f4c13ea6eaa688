"""States of a work order and the one table of moves between them."""

from __future__ import annotations

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.moves import Move, move


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


class Who(Enum):
    """In what relation to the order a command is given; policies.py says how each is told."""

    DISPATCHER = auto()  # Dispatcher
    UNIT = auto()  # The handling unit
    HANDLER = auto()  # The handler
    APPROVER = auto()  # Who approves
    HELPER = auto()  # The helping unit
    CALLER_BACK = auto()  # Callback desk
    READER = auto()  # Whoever sees it
    SYSTEM = auto()  # The timetable


MOVES: dict[str, Move[State, Who]] = {
    "dispatch": move({State.NEW}, Who.DISPATCHER, to=State.DISPATCHED),
    "redirect": move({State.DISPATCHED, State.WORKING, State.SUSPENDED}, Who.DISPATCHER, to=State.DISPATCHED),
    "accept": move({State.DISPATCHED}, Who.UNIT, to=State.WORKING),
    "assign": move({State.DISPATCHED, State.WORKING}, Who.UNIT, to=State.WORKING),
    "return": move({State.DISPATCHED, State.WORKING}, Who.UNIT, to=State.NEW),
    "contact": move({State.WORKING}, Who.HANDLER),
    "arrive": move({State.WORKING}, Who.HANDLER),
    "ask_extension": move({State.WORKING}, Who.HANDLER),
    "ask_suspension": move({State.WORKING}, Who.HANDLER),
    "grant": move({State.WORKING}, Who.APPROVER),
    "refuse": move({State.WORKING}, Who.APPROVER),
    "resume": move({State.SUSPENDED}, Who.HANDLER, Who.DISPATCHER, Who.APPROVER, to=State.WORKING),
    "ask_helper": move({State.WORKING}, Who.HANDLER, Who.DISPATCHER),
    "help_reply": move({State.WORKING, State.SUSPENDED}, Who.HELPER),
    "withdraw_help": move({State.WORKING, State.SUSPENDED}, Who.HANDLER, Who.DISPATCHER),
    "complete": move({State.WORKING}, Who.HANDLER, to=State.COMPLETED),
    "redo": move({State.COMPLETED}, Who.CALLER_BACK, Who.DISPATCHER, to=State.WORKING),
    "close": move({State.COMPLETED}, Who.CALLER_BACK, Who.DISPATCHER, Who.SYSTEM, to=State.CLOSED),
    "reopen": move({State.CLOSED}, Who.DISPATCHER, to=State.WORKING),
    "archive": move({State.CLOSED}, Who.DISPATCHER, Who.SYSTEM, to=State.ARCHIVED),
    "void": move({State.NEW, State.DISPATCHED}, Who.DISPATCHER, to=State.VOID),
    "correct": move({State.ARCHIVED}, Who.DISPATCHER),
    "note": move(frozenset(State) - {State.ARCHIVED, State.VOID}, Who.READER),
}
