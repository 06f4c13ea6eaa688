"""Calendars, dated limits, and the obligations that run on subjects."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock.choices import OPEN, Cause, DayKind, EndRule, RestDayRule, StartRule, State, Unit
from kefu.kit import moment
from kefu.timeline.models import Subject


class WorkCalendar(models.Model):
    """Working time of the centre or a part of it.

    ``week`` is {"mon": [["08:30", "12:00"], ...], ...}; ``makeup`` names the spans of make-up workdays (empty: those of a normal workday).
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    week = models.JSONField(default=dict)
    makeup = models.JSONField(default=list, blank=True)
    follows_holidays = models.BooleanField(default=True)
    clauses = models.JSONField(default=list, blank=True)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("calendar")

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """One day of a year's official notice. A year that has rows here replaces the year that ships (holidays.py)."""

    date = models.DateField(unique=True)
    kind = models.CharField(max_length=4, choices=DayKind)
    name = models.CharField(max_length=60)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("official holiday")

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CalendarException(models.Model):
    """A day of one calendar with its own spans (none: closed), stronger than holidays and week."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="exceptions")
    date = models.DateField()
    spans = models.JSONField(default=list, blank=True)
    name = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("exception of a calendar")
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="clock_exception_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class LimitRule(models.Model):
    """One version of a limit: from ``valid_from`` until ``valid_to``. A changed figure is a new version; what runs keeps its own.

    ``warn_points`` and the ``after`` of escalation ``steps`` are read by moments.py: 0 < x < 1 is a share of the limit; a warning of
    x >= 1 comes x hours before the due time, a step with after = 0 or x >= 1 comes x hours after it.
    """

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    subject_kind = models.CharField(max_length=32)
    starts_on = models.CharField(max_length=60)
    met_by = models.JSONField(default=list)
    condition = models.JSONField(default=dict, blank=True)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=14, choices=Unit)
    start_rule = models.CharField(max_length=10, choices=StartRule)
    end_rule = models.CharField(max_length=18, choices=EndRule)
    rest_rule = models.CharField(max_length=6, choices=RestDayRule)
    calendar = models.CharField(max_length=40)
    pausable = models.BooleanField(default=True)
    warn_points = models.JSONField(default=list, blank=True)
    steps = models.JSONField(default=list, blank=True)
    addressed_to = models.CharField(max_length=60, default="owner")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    clauses = models.JSONField(default=list, blank=True)
    pack = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("limit")
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="clock_limit_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="clock_limit_one_open"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="clock_limit_span"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="clock_limit_amount"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="clock_limit_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


_MET = Q(state__in=(State.MET, State.LATE), met_at__isnull=False)
_NOT_MET = Q(state__in=(State.RUNNING, State.PAUSED, State.VOID), met_at=None)


class Obligation(models.Model):
    """One limit that runs, or ran, on one subject.

    ``frozen`` is the copy of limit and calendar by which it was reckoned. A running one past its due time has ``overdue_at``; ``late`` is
    met after it. ``addressed_to`` says who answers for it; ``owner`` is the person, where there is one.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="obligations")
    rule = models.ForeignKey(LimitRule, models.PROTECT, null=True, related_name="obligations")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    clauses = models.JSONField(default=list)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    addressed_to = models.CharField(max_length=60, default="owner")
    unit_path = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    frozen = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    met_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    warned = models.PositiveSmallIntegerField(default=0)
    escalated = models.PositiveSmallIntegerField(default=0)
    next_tick_at = models.DateTimeField(null=True)
    extended_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("obligation")
        indexes = [
            models.Index(fields=["next_tick_at"], condition=Q(next_tick_at__isnull=False), name="clock_ticks"),
            models.Index(fields=["owner", "due_at"], condition=Q(state__in=OPEN), name="clock_open_by_owner"),
            models.Index(fields=["addressed_to", "due_at"], condition=Q(state__in=OPEN, owner=None), name="clock_open_unowned"),
            models.Index(fields=["code", "due_at"]),
            models.Index(fields=["due_at"]),
            models.Index(fields=["code", "id"], condition=Q(state=State.LATE), name="clock_late"),
            models.Index(fields=["code", "due_at"], condition=Q(state=State.RUNNING), name="clock_running"),
            models.Index(fields=["due_at"], condition=Q(state=State.RUNNING), name="clock_near"),
            models.Index(fields=["unit_path", "due_at"], condition=Q(state=State.RUNNING), name="clock_near_by_unit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject", "code"], condition=Q(state__in=OPEN, rule__isnull=False), name="clock_runs_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="clock_state"),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="clock_due_after_start"),
            models.CheckConstraint(condition=_MET | _NOT_MET, name="clock_met_when"),
            models.CheckConstraint(condition=Q(state=State.RUNNING) | Q(next_tick_at=None), name="clock_ticks_when_running"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} @ {self.subject_id}"


class Pause(models.Model):
    """A time that does not count, with its reason and its evidence (R-02C-6.2). Open while ``until`` is None."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="pauses")
    obligations = models.ManyToManyField(Obligation, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60)
    cause = models.CharField(max_length=14, choices=Cause)
    evidence = models.TextField(max_length=2000, blank=True)
    file_id = models.BigIntegerField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal = {"reason": "plain", "evidence": "free"}

    class Meta:
        verbose_name = _("pause")
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(until=None), name="clock_one_open_pause"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="clock_pause_span"),
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="clock_pause_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} @ {self.subject_id}"


class Recurrence(models.Model):
    """A duty that comes again (monthly monitoring, weekly disinfection, yearly survey). Each time it makes a subject with an obligation.

    ``rule`` is {"every": "daily|weekly|monthly|yearly", "at": "08:30", "weekday": 0-6, "day": 1-31 or -1, "month": 1-12,
    "working_days_only": bool}. ``limit`` is {"amount", "unit", ...}; empty: due when it comes the next time.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    rule = models.JSONField()
    limit = models.JSONField(default=dict, blank=True)
    calendar = models.CharField(max_length=40)
    addressed_to = models.CharField(max_length=60, default="unit_head")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    unit_path = models.CharField(max_length=120, blank=True)
    warn_points = models.JSONField(default=list, blank=True)
    steps = models.JSONField(default=list, blank=True)
    clauses = models.JSONField(default=list, blank=True)
    pack = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, default=moment.now)

    class Meta:
        verbose_name = _("recurring duty")
        indexes = [models.Index(fields=["next_at"], condition=Q(active=True), name="clock_recurrences")]

    def __str__(self) -> str:
        return self.name
