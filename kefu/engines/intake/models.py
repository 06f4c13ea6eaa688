"""Requests that were answered, and knocks that are counted. Both are forgotten soon."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment


class Answered(models.Model):
    """One answered request of another system: the key it chose, the hash of what it sent, and the answer."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    door = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"door": "plain", "key": "plain", "digest": "plain", "answer": "free"}

    class Meta:
        verbose_name = _("answered request")
        constraints = [models.UniqueConstraint(fields=["staff", "door", "key"], name="intake_answered_once")]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.door} {self.key}"


class Knock(models.Model):
    """One try at a public door. ``who`` is a keyed hash of the network address or of the code that was tried."""

    door = models.CharField(max_length=40)
    who = models.CharField(max_length=32)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"door": "plain", "who": "plain"}

    class Meta:
        verbose_name = _("knock")
        indexes = [models.Index(fields=["door", "who", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.door} {self.at}"
