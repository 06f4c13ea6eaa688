"""Who reviewed frozen figures, who signed the record of a day. Both are kept as they are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.engines.measures.models import Freeze
from kefu.kit import moment


class Review(models.Model):
    """A second person has looked at the frozen figures of a period (R-04-3.7.7)."""

    freeze = models.OneToOneField(Freeze, models.PROTECT, related_name="review")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=moment.now)
    remark = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"remark": "free"}

    class Meta:
        verbose_name = _("review of frozen figures")

    def __str__(self) -> str:
        return f"review of {self.freeze_id}"


class SignedDay(models.Model):
    """The leader has seen the day work record (F-2). ``sha256`` and ``count`` say what stood in it; the rows stay where they are."""

    day = models.DateField(unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=moment.now)
    remark = models.CharField(max_length=1000, blank=True)
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    personal: ClassVar[dict[str, str]] = {"remark": "free", "sha256": "plain"}

    class Meta:
        verbose_name = _("signed day record")

    def __str__(self) -> str:
        return str(self.day)
