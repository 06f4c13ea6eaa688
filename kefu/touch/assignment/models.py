"""Skills of people, and offers of conversations."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.touch.assignment.choices import Outcome
from kefu.touch.conversations.models import Account, Conversation


class Skill(models.Model):
    """How well a person serves what arrives by one way in: 1 (can) to 9 (best)."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField()

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("skill")
        constraints = [
            models.UniqueConstraint(fields=["staff", "account"], name="assignment_skill_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=9), name="assignment_skill_level"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.account_id} {self.level}"


class Offer(models.Model):
    """One person was asked to take one conversation; a conversation is offered to one person at a time."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="offers")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(default=moment.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.OPEN, blank=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("offer")
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(ended_at=None), name="assignment_one_offer"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.OPEN, ended_at=None) | ~Q(outcome=Outcome.OPEN) & Q(ended_at__isnull=False),
                name="assignment_ended_how",
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "ended_at"]),
            models.Index(fields=["until"], condition=Q(ended_at=None), name="assignment_open"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} -> {self.staff_id}"
