"""Channels that other systems attach."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.touch.channels.other.choices import Known
from kefu.touch.conversations.models import Account


class Attached(models.Model):
    """One channel; its code in the API is the address of the account. ``known_by`` says what its customers are called by."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="attached")
    known_by = models.CharField(max_length=8, choices=Known, default=Known.ID)
    asked_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("other channel")

    def __str__(self) -> str:
        return f"{self.account_id}"
