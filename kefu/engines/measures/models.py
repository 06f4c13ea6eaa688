"""Daily roll-ups, and the figures of a report that was frozen."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment


class FilledDay(models.Model):
    """A day of a measure that is rolled up, though nothing may have happened on it."""

    measure = models.CharField(max_length=60)
    day = models.DateField()
    filled_at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("rolled-up day")
        constraints = [models.UniqueConstraint(fields=["measure", "day"], name="measures_filled_once")]

    def __str__(self) -> str:
        return f"{self.measure} {self.day}"


class DailyFigure(models.Model):
    """What one day adds to a measure, by all its dimensions."""

    measure = models.CharField(max_length=60)
    day = models.DateField()
    dims = models.JSONField(default=list)
    numerator = models.DecimalField(max_digits=20, decimal_places=4)
    denominator = models.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        verbose_name = _("daily figure")
        indexes = [models.Index(fields=["measure", "day"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.day} {self.dims}"


class Summed(models.Model):
    """What some days of a measure add up to by all its dimensions, in ten-thousandths: [[dims, numerator, denominator], ...].

    Either a month, then ``days`` has a bit for each of its days that is in the sum (1: the first), or the present day as it stood ``at``.
    """

    measure = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()
    days = models.BigIntegerField(default=0)
    parts = models.TextField(default="[]")
    at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("sum of several days")
        constraints = [models.UniqueConstraint(fields=["measure", "first", "last"], name="measures_summed_once")]

    def __str__(self) -> str:
        return f"{self.measure} {self.first} ~ {self.last}"


class Followed(models.Model):
    """Up to which event the roll-ups have followed what happened to cases of past days. One row."""

    bookmark = models.CharField(max_length=40)
    at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("bookmark of the roll-ups")

    def __str__(self) -> str:
        return self.bookmark


class Freeze(models.Model):
    """The figures of a report period, fixed. A correction is a new version; nothing is overwritten."""

    report = models.CharField(max_length=60)
    period = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=moment.now)
    reason = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("freeze of a report")
        constraints = [models.UniqueConstraint(fields=["report", "period", "version"], name="measures_freeze_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.period} v{self.version}"


class FrozenFigure(models.Model):
    """One figure of a freeze, with the definition that was in force."""

    freeze = models.ForeignKey(Freeze, models.PROTECT, related_name="figures")
    measure = models.CharField(max_length=60)
    variant = models.CharField(max_length=20, blank=True)
    by = models.JSONField(default=list)
    dims = models.JSONField(default=list)
    numerator = models.DecimalField(max_digits=20, decimal_places=4)
    denominator = models.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        verbose_name = _("frozen figure")
        indexes = [models.Index(fields=["freeze", "measure"])]

    def __str__(self) -> str:
        return f"{self.measure} {self.dims}"
