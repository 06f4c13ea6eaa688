"""How a try ended, and what the customer said."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskState(models.TextChoices):
    OPEN = "open", _("To call back")
    DONE = "done", _("Called back")
    GIVEN_UP = "given_up", _("Not reached")
    VOID = "void", _("Void")


class Reached(models.TextChoices):
    """How one try ended."""

    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Busy")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    LATER = "later", _("Asked to call later")
    REFUSED = "refused", _("Does not wish to talk")


class Verdict(models.TextChoices):
    """The customer's word (R-02C-6.5). Whether "understands" counts as positive is the pack's setting (conflict C-20)."""

    SATISFIED = "satisfied", _("Satisfied")
    UNDERSTANDS = "understands", _("Understands")
    NOT_SATISFIED = "not_satisfied", _("Not satisfied")
    UNREACHABLE = "unreachable", _("Unreachable")


SETTLED = frozenset({Verdict.SATISFIED, Verdict.UNDERSTANDS})


class Way(models.TextChoices):
    PHONE = "phone", _("Phone")
    VISIT = "visit", _("Visit")
    MESSAGE = "message", _("Message")
