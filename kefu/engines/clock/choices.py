"""Units, counting rules, states of an obligation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """What a limit counts (conflict C-4: a bare "day" is never one of them)."""

    MINUTE = "minute", _("Minutes")
    CLOCK_HOUR = "clock_hour", _("Clock hours")
    BUSINESS_HOUR = "business_hour", _("Business hours")
    CALENDAR_DAY = "calendar_day", _("Calendar days")
    WORKING_DAY = "working_day", _("Working days")
    MONTH = "month", _("Calendar months")


class StartRule(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    NEXT_DAY = "next_day", _("The day after is day 1")


class EndRule(models.TextChoices):
    SAME_INSTANT = "same_instant", _("At the same time of day")
    END_OF_DAY = "end_of_day", _("At the end of the day (24:00)")
    CLOSE_OF_BUSINESS = "close_of_business", _("At close of business")


class RestDayRule(models.TextChoices):
    AS_IS = "as_is", _("A rest day stays the last day")
    MOVE = "move", _("A rest day moves to the next working day")


class State(models.TextChoices):
    """``late`` was met after its due time; a running one past its due time has ``overdue_at``."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met in time")
    LATE = "late", _("Met late")
    VOID = "void", _("Void")


OPEN = (State.RUNNING, State.PAUSED)


class Cause(models.TextChoices):
    """Why a clock stands still (R-02C-6.2)."""

    CUSTOMER = "customer", _("Caused by the customer")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    OTHER = "other", _("Other cause")


class DayKind(models.TextChoices):
    OFF = "off", _("Holiday")
    WORK = "work", _("Make-up workday")
