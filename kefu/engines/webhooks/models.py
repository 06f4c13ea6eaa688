"""Who hears of what, and each delivery."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.fields import EncryptedTextField
from kefu.engines.webhooks.choices import Off, State, Trouble
from kefu.kit import moment
from kefu.timeline.models import Subject


class Receiver(models.Model):
    """A system that hears of events. ``kinds`` and ``events`` are codes of subject kinds and event kinds (empty: all), ``condition`` is a
    further condition on the facts of an event.

    Events up to (``xid``, ``event``) have been looked at. ``streak`` counts failures since something was delivered, ``failing_since`` is
    the first of them; until ``rests_until`` nothing is tried. ``old_secret`` signs beside ``secret`` until ``old_until``. ``watched_by`` is
    the process that delivers, until ``watched_until`` unless it says so again.
    """

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)
    events = models.JSONField(default=list)
    condition = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    off = models.CharField(max_length=8, choices=Off, default=Off.NONE, blank=True)
    secret = EncryptedTextField(purpose="webhooks.secret")
    old_secret = EncryptedTextField(purpose="webhooks.old_secret", blank=True)
    old_until = models.DateTimeField(null=True)
    xid = models.BigIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    good_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=8, choices=Trouble, default=Trouble.NONE, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    streak = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    watched_by = models.CharField(max_length=80, blank=True)
    watched_until = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("secret", "old_secret"), "secret"),
        **dict.fromkeys(("name", "url", "detail", "watched_by"), "plain"),
    }

    class Meta:
        verbose_name = _("receiver")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one receiver. ``word`` names it towards the receiver, the same at every try; ``body`` is what is sent, word for word.

    ``event`` is the event it tells of (None: a test). ``status``, ``answer`` and ``took`` (milliseconds) are of the last try.
    """

    receiver = models.ForeignKey(Receiver, models.PROTECT, related_name="deliveries", db_index=False)
    word = models.CharField(max_length=40, unique=True)
    event = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=64)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+", db_index=False)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(default=moment.now)
    next_at = models.DateTimeField(default=moment.now)
    ended_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    took = models.PositiveIntegerField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    trouble = models.CharField(max_length=8, choices=Trouble, default=Trouble.NONE, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    personal: ClassVar[dict[str, str]] = {**dict.fromkeys(("word", "kind", "body", "detail"), "plain"), "answer": "free"}

    class Meta:
        verbose_name = _("delivery")
        constraints = [
            models.UniqueConstraint(fields=["receiver", "event"], name="webhooks_told_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="webhooks_state"),
            models.CheckConstraint(
                condition=Q(state=State.WAITING, ended_at=None) | ~Q(state=State.WAITING) & Q(ended_at__isnull=False), name="webhooks_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "next_at", "id"], condition=Q(state=State.WAITING), name="webhooks_waits"),
            models.Index(fields=["receiver", "-id"], condition=Q(state=State.DEAD), name="webhooks_dead"),
            models.Index(fields=["receiver", "-id"]),
            models.Index(fields=["ended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.state}"
