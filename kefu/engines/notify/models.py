"""One row for each person told. The row itself is the outbox: another way of sending reads the rows and keeps its own account."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject


class Notice(models.Model):
    """Something that one person was told. ``instead_of`` is the absent one for whom ``recipient`` stands in."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    instead_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=64)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    params = models.JSONField(default=dict)
    at = models.DateTimeField(default=moment.now)
    read_at = models.DateTimeField(null=True)
    needs_ack = models.BooleanField(default=False)
    acked_at = models.DateTimeField(null=True)
    ack_due_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("notice")
        indexes = [
            models.Index(fields=["recipient", "id"]),
            models.Index(fields=["recipient", "id"], condition=Q(read_at=None), name="notify_unread"),
            models.Index(fields=["ack_due_at"], condition=Q(needs_ack=True, acked_at=None), name="notify_unacked"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ack_due_at=None) | Q(needs_ack=True), name="notify_due_needs_ack"),
            models.CheckConstraint(condition=Q(acked_at=None) | Q(needs_ack=True), name="notify_acked_needs_ack"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} -> {self.recipient_id}"
