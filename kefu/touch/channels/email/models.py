"""What could not be taken in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.models import StoredFile
from kefu.kit import moment
from kefu.touch.channels.email.choices import Settled, Why
from kefu.touch.conversations.models import Account


class Quarantined(models.Model):
    """A message that could not be taken in, word for word in ``file``, until a person takes it in again or lays it aside.

    ``digest`` is the SHA-256 of its bytes: the same ones lie here once. ``account`` is the mailbox it came to, where that is known.
    """

    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    why = models.CharField(max_length=12, choices=Why)
    detail = models.CharField(max_length=500, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=1)
    settled = models.CharField(max_length=8, choices=Settled, default=Settled.OPEN, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {"digest": "plain", "detail": "free", "sender": "email", "title": "free"}

    class Meta:
        verbose_name = _("message in quarantine")
        constraints = [
            models.CheckConstraint(
                condition=Q(settled=Settled.OPEN, settled_at=None) | ~Q(settled=Settled.OPEN) & Q(settled_at__isnull=False),
                name="email_quarantine_settled",
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(settled=Settled.OPEN), name="email_quarantine_open")]

    def __str__(self) -> str:
        return self.title or self.digest[:12]
