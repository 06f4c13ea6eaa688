"""Urges and supervisions of a subject, and calls for help about it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision.choices import Level
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.contacts.models import Contact


class Urge(models.Model):
    """The customer, or the clock for him, asks where the matter stands. A contact can urge once."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="urges")
    contact = models.OneToOneField(Contact, models.PROTECT, null=True, related_name="urge")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=2000)
    at = models.DateTimeField(default=moment.now)
    reply = models.CharField(max_length=2000, blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"reply": "free", "text": "free"}

    class Meta:
        verbose_name = _("urge")
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.at}"


class Supervision(models.Model):
    """A leader presses a case; the unit owes a reply. One runs at a time; a graver one replaces it."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="supervisions")
    level = models.CharField(max_length=10, choices=Level)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    demand = models.TextField(max_length=2000)
    at = models.DateTimeField(default=moment.now)
    reply = models.TextField(max_length=2000, blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"demand": "free", "reply": "free"}

    class Meta:
        verbose_name = _("supervision")
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(lifted_at=None), name="supervision_one_running"),
            models.CheckConstraint(condition=Q(replied_at=None) | ~Q(reply=""), name="supervision_reply_said"),
        ]
        indexes = [models.Index(fields=["subject", "at"])]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.level}"


class HelpCall(models.Model):
    """Who works on a contact or a case asks a superior for help (求助, R-01-3.1b). One waits for its answer at a time; one that was
    withdrawn is answered by who asked, with no words."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="help_calls")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    superior = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=500)
    at = models.DateTimeField(default=moment.now)
    answer = models.TextField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"answer": "free", "text": "free"}

    class Meta:
        verbose_name = _("call for help")
        constraints = [models.UniqueConstraint(fields=["subject"], condition=Q(answered_at=None), name="supervision_one_call")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.superior_id}"
