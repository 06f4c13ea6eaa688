"""States of a conversation, kinds of message, and the one table of moves."""

from __future__ import annotations

from enum import Enum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import Text
from kefu.kit.moves import Move, move


class State(models.TextChoices):
    """ROBOT: a robot answers first (decision 0025). WAITING: nobody has taken it. PENDING: it is the customer's turn."""

    ROBOT = "robot", _("With the robot")
    WAITING = "waiting", _("Waiting to be taken")
    OPEN = "open", _("In hand")
    PENDING = "pending", _("Waits for the customer")
    CLOSED = "closed", _("Conversation closed")


WITH_PEOPLE = (State.WAITING, State.OPEN, State.PENDING)
RUNNING = (State.ROBOT, *WITH_PEOPLE)


class Direction(models.TextChoices):
    """A NOTE is read by colleagues only."""

    IN = "in", _("From the customer")
    OUT = "out", _("To the customer")
    NOTE = "note", _("Internal note")


class Delivery(models.TextChoices):
    """How far an outgoing message has come; messages that came in have none."""

    NONE = "", "--"
    QUEUED = "queued", _("Being sent")
    SENT = "sent", _("Sent")
    ARRIVED = "arrived", _("Delivered")
    FAILED = "failed", _("Not sent")
    BOUNCED = "bounced", _("Came back")
    PARTLY = "partly", _("Sent, copies missing")


class Notice:
    """What happened to the word that an answer waits where the customer has to look for it, as the line keeps it."""

    QUEUED, MAILED, UNTOLD, READ = "answer.queued", "answer.mailed", "answer.untold", "answer.read"
    TEXTED, NOT_TEXTED = "sms.noticed", "sms.not_noticed"  # how an SMS fared, whatever it told
    # The newest of these says whether the customer is still to be told.
    STANDS = (QUEUED, UNTOLD, READ, NOT_TEXTED)


UNDELIVERED = (Delivery.FAILED, Delivery.BOUNCED)
RESENDABLE = (*UNDELIVERED, Delivery.PARTLY)


# What stands before the colon of an address that is no number and no mail address, as it is shown to those who need not know it.
ADDRESSES: dict[str, Text] = {
    "wechat": _("WeChat person %(number)s"),
    "visitor": _("Visitor of the web site"),
    "12345": "12345 %(number)s",
    "ticket": _("Visitor with number %(number)s"),
}


class Auto(models.TextChoices):
    """What wrote a message when no person did. Only the ROBOT writes to the customer."""

    NONE = "", "--"
    AUTO_REPLY = "auto-reply", _("Automatic answer")
    BOUNCE = "bounce", _("Delivery failure")
    LIST = "list", _("Mailing list")
    ROBOT = "robot", _("Robot")


class Health(models.TextChoices):
    """Whether a way in works."""

    UNKNOWN = "unknown", _("Not tried yet")
    GOOD = "good", _("Works")
    FAILING = "failing", _("Does not work")


class Role(models.TextChoices):
    """As what somebody is in a conversation beside its agent."""

    SUPERIOR = "superior", _("Asked for help")
    SECOND = "second", _("Second agent")
    LEAD = "lead", _("Stepped in")


class Who(Enum):
    TAKER = auto()  # Whoever takes conversations
    OWNER = auto()  # The agent whose conversation it is, or a lead
    OPENER = auto()  # The agent who has it and may open orders from it
    ASKED = auto()  # Who was asked in and is not there yet, or a lead who is not in it
    BESIDE = auto()  # Who is in it beside its agent
    RECEIVER = auto()  # The agent to whom it came from another
    LEAD = auto()  # Who works in the conversations of others, and is not its agent


MOVES: dict[str, Move[State, Who]] = {
    "take": move({State.WAITING, State.ROBOT}, Who.TAKER, to=State.OPEN),
    "reply": move(WITH_PEOPLE, Who.OWNER, Who.BESIDE, to=State.PENDING),
    "resend": move(State, Who.OWNER),
    "note": move(State, Who.TAKER),
    "mention": move(State, Who.TAKER),
    "recognise": move(State, Who.OWNER),
    "ask_help": move({State.OPEN, State.PENDING}, Who.OWNER),
    "invite": move({State.OPEN, State.PENDING}, Who.OWNER),
    "join": move({State.OPEN, State.PENDING}, Who.ASKED),
    "leave": move({State.OPEN, State.PENDING}, Who.BESIDE),
    "take_over": move({State.OPEN, State.PENDING}, Who.LEAD),
    "give_back": move({State.OPEN, State.PENDING}, Who.RECEIVER),
    "transfer": move(WITH_PEOPLE, Who.OWNER),
    "pend": move({State.OPEN}, Who.OWNER, to=State.PENDING),
    "close": move(RUNNING, Who.OWNER, to=State.CLOSED),
    "reopen": move({State.CLOSED}, Who.TAKER, to=State.OPEN),
    "order": move({State.OPEN, State.PENDING}, Who.OPENER),
}
