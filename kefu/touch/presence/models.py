"""Who looked at which record last when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject


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
