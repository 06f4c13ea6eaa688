"""States of a passed-on order, what is told to the hotline, and what it says in return."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Where a limit comes from that the hotline wrote; nobody here moves it by own approval.
SOURCE = "12345"


class State(models.TextChoices):
    OPEN = "open", _("In hand")
    RETURNING = "returning", _("Return asked")
    RETURNED = "returned", _("Returned to the hotline")
    REPORTED = "reported", _("Reported back")


class Role(models.TextChoices):
    """In which part the hotline names the firm: the main unit answers for the whole, a helping unit for its share."""

    MAIN = "main", _("Main unit")
    HELPER = "helper", _("Helping unit")


class Kind(models.TextChoices):
    """What the hotline is told."""

    ANSWER = "answer", _("Answer")
    RETURN = "return", _("Return")
    EXTENSION = "extension", _("Extension")


class Verdict(models.TextChoices):
    PENDING = "pending", _("Pending")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class Solved(models.TextChoices):
    """The result in the hotline's words."""

    SOLVED = "solved", _("Solved")
    EXPLAINED = "explained", _("Explained")
    UNSOLVED = "unsolved", _("Not solved")


class Way(models.TextChoices):
    """How the hotline was told."""

    PLATFORM = "platform", _("Typed into its platform")
    API = "api", _("By interface")
    EXCEL = "excel", _("By Excel file")
    PAPER = "paper", _("On paper")


class Spoken(models.TextChoices):
    """How the caller was told the answer."""

    PHONE = "phone", _("By phone")
    VISIT = "visit", _("In person")
    SMS = "sms", _("By SMS")
    WRITTEN = "written", _("In writing")
    NONE = "none", _("Not reached")


class Rated(models.TextChoices):
    """What the caller told the hotline when it called back."""

    SATISFIED = "satisfied", _("Satisfied")
    BASICALLY = "basically", _("Basically satisfied")
    DISSATISFIED = "dissatisfied", _("Not satisfied")
    UNREACHED = "unreached", _("Could not be reached")
