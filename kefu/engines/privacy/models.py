"""Who looked behind a mask, what left the house, how long data stays and the proof that it went."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.choices import ExportState
from kefu.kit import moment
from kefu.timeline.models import Subject


class RevealLog(models.Model):
    """One look behind a mask (R-00-3.2a). The value itself is never kept here."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=64)
    field_class = models.CharField(max_length=16)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("reveal")
        indexes = [models.Index(fields=["staff", "at"]), models.Index(fields=["subject", "id"])]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="privacy_reveal_reason")]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.field} @ {self.subject_id}"


class RetentionRule(models.Model):
    """How long a kind of data stays after its end, and why (PIPL art. 19)."""

    data_kind = models.CharField(max_length=64, unique=True)
    months = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=200)
    clauses = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("retention rule")
        constraints = [models.CheckConstraint(condition=Q(months__gt=0), name="privacy_retention_months")]

    def __str__(self) -> str:
        return f"{self.data_kind}: {self.months}"


class ErasureProof(models.Model):
    """That, when, by which rule and how much was erased. ``digest`` is the SHA-256 of the sorted ids, one a line."""

    data_kind = models.CharField(max_length=64)
    months = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=200)
    clauses = models.JSONField(default=list)
    ended_before = models.DateTimeField()
    count = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=moment.now)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("proof of erasure")
        indexes = [models.Index(fields=["data_kind", "id"])]

    def __str__(self) -> str:
        return f"{self.data_kind}: {self.count}"


class ExportRequest(models.Model):
    """A table that is to leave the house (R-02D-3.4b). Personal columns need another person's approval.

    ``query`` is the filter as the list page had it; ``sha256`` and ``rows`` describe the file that was made.
    """

    what = models.CharField(max_length=64)
    purpose = models.CharField(max_length=200)
    columns = models.JSONField(default=list)
    personal_columns = models.JSONField(default=list)
    query = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.ASKED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=moment.now)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("export")
        indexes = [models.Index(fields=["state", "id"])]
        constraints = [
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")), name="privacy_export_two_people"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.MADE) | (~Q(sha256="") & Q(rows__isnull=False)), name="privacy_export_made"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="privacy_export_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.what} #{self.pk}"
