"""How the servers of a mailbox are reached, what waits to be sent, and what could not be taken in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.models import StoredFile
from kefu.engines.post import servers
from kefu.engines.privacy.fields import EncryptedTextField
from kefu.kit import moment
from kefu.touch.channels.email.choices import Security, Settled, SignIn, Token, Why
from kefu.touch.conversations.models import Account, Conversation, Message


class Mailbox(models.Model):
    """The servers of a mailbox. Without ``imap_host`` a mail server hands the letters over; without ``smtp_host`` nothing can be answered.

    ``validity`` and ``last_uid`` are how far the folder has been taken in; they are written in the transaction that stores the letters.
    ``tried_uid`` is the first letter of the batch that is being fetched, ``tries`` how often that was begun. ``watched_by`` is the process
    that watches the folder, until ``watched_until`` unless it says so again.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="mailbox")
    imap_host = models.CharField(max_length=200, blank=True)
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    folder = models.CharField(max_length=200, default="INBOX")
    since = models.DateField(null=True, blank=True)
    smtp_host = models.CharField(max_length=200, blank=True)
    smtp_port = models.PositiveIntegerField(default=465)
    smtp_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    sign_in = models.CharField(max_length=8, choices=SignIn, default=SignIn.PASSWORD)
    user = models.CharField(max_length=254, blank=True)
    password = EncryptedTextField(purpose="email.password", blank=True)
    token_url = models.CharField(max_length=300, blank=True)
    client_id = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=300, blank=True)
    client_secret = EncryptedTextField(purpose="email.client_secret", blank=True)
    refresh_token = EncryptedTextField(purpose="email.refresh_token", blank=True)
    access_token = EncryptedTextField(purpose="email.access_token", blank=True)
    access_until = models.DateTimeField(null=True)
    sender_name = models.CharField(max_length=80, blank=True)
    signature = models.TextField(max_length=2000, blank=True)
    acknowledgement = models.TextField(max_length=2000, blank=True)
    token = models.CharField(max_length=8, choices=Token, default=Token.SUBJECT)

    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    tried_uid = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)
    watched_by = models.CharField(max_length=80, blank=True)
    watched_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    send_trouble = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("password", "client_secret", "refresh_token", "access_token"), "secret"),
        **dict.fromkeys(("imap_host", "folder", "smtp_host", "user", "token_url", "client_id", "scope"), "plain"),
        **dict.fromkeys(("sender_name", "signature", "acknowledgement", "watched_by", "send_trouble"), "plain"),
    }

    class Meta:
        verbose_name = _("mailbox")

    def __str__(self) -> str:
        return f"{self.user}@{self.imap_host or self.smtp_host}"

    @property
    def imap(self) -> servers.Server:
        return servers.Server(self.imap_host, self.imap_port, self.imap_security)

    @property
    def smtp(self) -> servers.Server:
        return servers.Server(self.smtp_host, self.smtp_port, self.smtp_security)


class Outgoing(models.Model):
    """A letter on its way: how often its server was asked to take it, since when, and when it is asked again. ``left`` are those whom
    it has not reached, once it has reached others or failed; empty: it goes to all."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="outgoing")
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=400, blank=True)
    answers = models.CharField(max_length=255, blank=True)
    references = models.TextField(blank=True)
    head = models.CharField(max_length=300, blank=True)
    quoted = models.TextField(blank=True)
    body = models.TextField(blank=True)
    left = models.JSONField(default=list, blank=True)
    since = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("recipient", "left"), "email"),
        "answers": "plain",
        "references": "plain",
        **dict.fromkeys(("subject", "head", "quoted", "body"), "free"),
    }

    class Meta:
        verbose_name = _("letter on its way")

    def __str__(self) -> str:
        return f"{self.message_id}"


class Recipients(models.Model):
    """Who gets or got a letter beside the mailbox and the one it is between: pairs of name and address.

    Of one that came: ``to`` and ``cc`` as it named them, ``more`` is how many are left out. Of one that goes out: ``cc``, and ``bcc``, whom
    no other recipient sees; ``refused`` are the addresses that a server took no letter for, with its words.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="+")
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    more = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=dict)

    personal: ClassVar[dict[str, str]] = dict.fromkeys(("to", "cc", "bcc", "refused"), "email")

    class Meta:
        verbose_name = _("recipients of a letter")

    def __str__(self) -> str:
        return f"{self.message_id}"


class Acknowledged(models.Model):
    """Whoever began this conversation is told, or was, that his letter is here; once a conversation. ``done_at``: sent, or given up."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("acknowledgement of a letter")

    def __str__(self) -> str:
        return f"{self.conversation_id}"


class Quarantined(models.Model):
    """A message that could not be taken in, word for word in ``file``, until a person takes it in again or lays it aside for a ``reason``.

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
    reason = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"digest": "plain", "detail": "free", "sender": "email", "title": "free", "reason": "free"}

    class Meta:
        verbose_name = _("message in quarantine")
        constraints = [
            models.CheckConstraint(
                condition=Q(settled=Settled.OPEN, settled_at=None) | ~Q(settled=Settled.OPEN) & Q(settled_at__isnull=False),
                name="email_quarantine_settled",
            ),
        ]
        indexes = [models.Index(fields=["settled", "-id"], name="email_quarantine_listed")]

    def __str__(self) -> str:
        return self.title or self.digest[:12]
