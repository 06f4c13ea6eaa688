"""Stored files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject


class StoredFile(models.Model):
    """One upload. The bytes lie in the store under ``sha256``; equal bytes lie there once. Voided with a reason, never deleted."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, default="file")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="files")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(max_length=200, blank=True)

    personal = {"kind": "plain", "name": "free", "media_type": "plain", "sha256": "plain", "void_reason": "free"}

    class Meta:
        verbose_name = _("file")
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="files_size"),
            models.CheckConstraint(condition=Q(voided_at=None) | ~Q(void_reason=""), name="files_void_has_reason"),
        ]
        indexes = [models.Index(fields=["sha256"]), models.Index(fields=["subject", "id"])]

    def __str__(self) -> str:
        return self.name
