"""The agents and the ledger of their states; who looked at which record last when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.presence.choices import State


class Viewer(models.Model):
    """A person has the page of a record open; the page renews ``seen_at`` while it is open. No history: rows go after an hour."""

    subject = models.ForeignKey(Subject, models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(default=moment.now, db_index=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("viewer")
        constraints = [models.UniqueConstraint(fields=["subject", "staff"], name="presence_viewer_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} @ {self.subject_id}"


class Agent(models.Model):
    """Somebody who serves. ``seen_at`` is renewed while a page of the person is connected; the subject carries limits and history."""

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="agent")
    staff = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="agent")
    seen_at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("agent")

    def __str__(self) -> str:
        return f"{self.staff_id}"


class Stay(models.Model):
    """One stretch of an agent in one state: the ledger. Rows are added and ended once, never changed otherwise; the last one runs."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="stays", db_index=False)
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    personal: ClassVar[dict[str, str]] = {"reason": "plain"}

    class Meta:
        verbose_name = _("stay in a state")
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=Q(until=None), name="presence_one_state"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="presence_state"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="presence_span"),
        ]
        indexes = [
            models.Index(fields=["agent", "since"]),
            models.Index(fields=["state", "since"], condition=Q(until=None), name="presence_running"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.state}"
