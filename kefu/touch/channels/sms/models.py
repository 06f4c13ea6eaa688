"""Lines to carriers, the texts that go out by them, templates, numbers that want none, and parts of long texts that wait for the rest."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.fields import EncryptedTextField
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.channels.sms.choices import Approval, Carrier, Occasion, State
from kefu.touch.conversations.models import Account, Message


class Line(models.Model):
    """How the carrier of a number is reached. ``key`` and ``secret`` sign in; ``hook`` is the word in the address the gateway posts to.

    ``signature`` stands before every text as 【...】. ``hours`` ("08:00-21:00") are when texts go out that nobody waits for, on each
    day or on working days of the calendar ``workdays`` only. ``watched_by`` is the process that holds the SMPP session, until
    ``watched_until`` unless it says so again.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="sms_line")
    carrier = models.CharField(max_length=8, choices=Carrier, default=Carrier.GATEWAY)
    recipe = models.JSONField(default=dict)
    key = models.CharField(max_length=200, blank=True)
    secret = EncryptedTextField(purpose="sms.secret", blank=True)
    hook = models.CharField(max_length=40, unique=True)
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=2775)
    tls = models.BooleanField(default=False)
    system_type = models.CharField(max_length=12, blank=True)
    payload = models.BooleanField(default=False)
    per_second = models.PositiveSmallIntegerField(default=10)
    signature = models.CharField(max_length=20, blank=True)
    hours = models.CharField(max_length=11, default="08:00-21:00")
    workdays = models.CharField(max_length=40, blank=True)
    hotline = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField(null=True)
    send_trouble = models.CharField(max_length=500, blank=True)
    watched_by = models.CharField(max_length=80, blank=True)
    watched_until = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {
        "secret": "secret",
        **dict.fromkeys(
            ("key", "hook", "host", "system_type", "signature", "hours", "workdays", "hotline", "send_trouble", "watched_by"), "plain"
        ),
    }

    class Meta:
        verbose_name = _("SMS line")
        constraints = [models.CheckConstraint(condition=Q(per_second__gte=1), name="sms_per_second")]

    def __str__(self) -> str:
        return f"{self.carrier} {self.account_id}"


class Template(models.Model):
    """A text that may go out after a second person has approved it. ``vendor_code`` is what a gateway calls it that holds it too."""

    name = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    occasion = models.CharField(max_length=20, choices=Occasion, default=Occasion.NONE, blank=True)
    vendor_code = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=Approval, default=Approval.DRAFT)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=moment.now)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)

    personal: ClassVar[dict[str, str]] = dict.fromkeys(("name", "text", "vendor_code", "remark"), "plain")

    class Meta:
        verbose_name = _("SMS template")
        constraints = [
            models.UniqueConstraint(
                fields=["occasion"], condition=Q(state=Approval.APPROVED) & ~Q(occasion=Occasion.NONE), name="sms_one_per_occasion"
            ),
            models.CheckConstraint(
                condition=Q(state=Approval.DRAFT, judged_by=None) | ~Q(state=Approval.DRAFT) & Q(judged_by__isnull=False),
                name="sms_judged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=Approval.APPROVED) | ~Q(judged_by=models.F("written_by")), name="sms_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Text(models.Model):
    """One text on its way out: a reply in a conversation (``message``) or a notice about a case (``subject``).

    ``word`` names it towards the carrier, the same at every try. ``once`` names a notice: the same is never written twice.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    message = models.OneToOneField(Message, models.PROTECT, null=True, related_name="sms_text")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    template = models.ForeignKey(Template, models.PROTECT, null=True, related_name="+", db_index=False)
    once = models.CharField(max_length=80, null=True, unique=True)
    word = models.CharField(max_length=32, unique=True)
    number = models.CharField(max_length=40)
    body = models.CharField(max_length=1200)
    params = models.JSONField(default=dict)
    parts = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    trouble = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=moment.now)
    asked_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {
        "number": "phone",
        "body": "free",
        "params": "free",
        "trouble": "plain",
        "once": "plain",
        "word": "plain",
    }

    class Meta:
        verbose_name = _("text message")
        constraints = [models.CheckConstraint(condition=Q(message__isnull=False) | Q(once__isnull=False), name="sms_reply_or_notice")]
        indexes = [
            models.Index(fields=["account", "next_at"], condition=Q(state__in=[State.QUEUED, State.SENDING]), name="sms_waits"),
            models.Index(fields=["account", "-id"], condition=Q(state=State.FAILED), name="sms_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.state}"


class Handed(models.Model):
    """A part of a text as the carrier calls it, and how far it came; a long text by SMPP has one for each part."""

    text = models.ForeignKey(Text, models.CASCADE, related_name="handed")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    part = models.PositiveSmallIntegerField(default=1)
    foreign_id = models.CharField(max_length=100, null=True)
    state = models.CharField(max_length=8, choices=State, default=State.SENT)

    personal: ClassVar[dict[str, str]] = {"foreign_id": "plain"}

    class Meta:
        verbose_name = _("part handed over")
        constraints = [
            models.UniqueConstraint(fields=["account", "foreign_id"], name="sms_handed_once"),
            models.UniqueConstraint(fields=["text", "part"], name="sms_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.text_id}.{self.part}"


class Early(models.Model):
    """A receipt that came before the carrier's answer was stored."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    foreign_id = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"foreign_id": "plain", "detail": "plain"}

    class Meta:
        verbose_name = _("early receipt")
        constraints = [models.UniqueConstraint(fields=["account", "foreign_id"], name="sms_early_once")]

    def __str__(self) -> str:
        return self.foreign_id


class Piece(models.Model):
    """A part of a long text from a person that waits for the others."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=40)
    reference = models.PositiveIntegerField()
    total = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=400)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"number": "phone", "text": "free"}

    class Meta:
        verbose_name = _("part of a long text")
        constraints = [
            models.UniqueConstraint(fields=["account", "number", "reference", "total", "place"], name="sms_piece_once"),
        ]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.place}/{self.total}"


class Blocked(models.Model):
    """A number whose owner wants no notices by SMS (TD, 退订)."""

    number = models.CharField(max_length=40, unique=True)
    word = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"number": "phone", "word": "plain"}

    class Meta:
        verbose_name = _("number that wants no SMS")

    def __str__(self) -> str:
        return f"{self.pk}"


class Followed(models.Model):
    """Up to which event the notices to residents have followed what happened to their cases. One row."""

    bookmark = models.CharField(max_length=40)

    personal: ClassVar[dict[str, str]] = {"bookmark": "plain"}

    class Meta:
        verbose_name = _("bookmark of the notices")

    def __str__(self) -> str:
        return self.bookmark
