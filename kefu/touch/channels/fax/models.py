"""Where faxes come from, and each fax that came."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.models import StoredFile
from kefu.kit import moment
from kefu.touch.channels.fax.choices import State, Why
from kefu.touch.conversations.models import Account, Conversation


class Machine(models.Model):
    """A fax number. Its faxes lie in ``folder`` (where a fax server writes them), or come as attachments of letters to ``mailbox``."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="fax_machine")
    folder = models.CharField(max_length=300, blank=True)
    mailbox = models.OneToOneField(Account, models.PROTECT, null=True, related_name="fax_of")
    looked_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"folder": "plain"}

    class Meta:
        verbose_name = _("fax number")
        constraints = [
            models.UniqueConstraint(fields=["folder"], condition=~Q(folder=""), name="fax_one_per_folder"),
            models.CheckConstraint(condition=~Q(folder="") | Q(mailbox__isnull=False), name="fax_comes_from_somewhere"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}"


class Sheet(models.Model):
    """One fax. ``key`` names the file it came as, so that none is taken twice; ``file`` is that file, word for word;
    ``reason`` says why it was laid aside."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="sheets", db_index=False)
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=160, blank=True)
    number = models.CharField(max_length=40, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=8, choices=Why, default=Why.NONE, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"key": "plain", "name": "free", "number": "phone", "detail": "plain", "reason": "free"}

    class Meta:
        verbose_name = _("fax")
        constraints = [
            models.CheckConstraint(condition=~Q(state=State.HELD) | ~Q(why=Why.NONE), name="fax_held_why"),
            models.CheckConstraint(condition=~Q(state=State.TAKEN) | Q(conversation__isnull=False), name="fax_taken_where"),
        ]
        indexes = [
            models.Index(fields=["machine", "-id"], condition=Q(state=State.HELD), name="fax_held"),
            models.Index(fields=["-id"], condition=Q(state=State.ASIDE), name="fax_aside"),
        ]

    def __str__(self) -> str:
        return self.name
