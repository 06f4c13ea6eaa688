"""Accounts at WeChat, the people who write there, replies on their way, files that wait to be fetched, and what was posted already."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.fields import EncryptedTextField
from kefu.kit import moment
from kefu.touch.channels.social.choices import Fetch, Platform, State
from kefu.touch.conversations.models import Account, Conversation, Message


class Link(models.Model):
    """How an account at WeChat is reached. ``hook`` is the word in the address that the platform posts to.

    ``app_id`` is the AppID or the CorpID; ``key`` the EncodingAESKey: with one, only what is sealed counts. ``base`` is where the API
    answers. ``asked_at``: a process is getting an access token since then. ``cursor`` is how far 微信客服 has been read; it is written in
    the transaction that stores the messages.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="social_link")
    platform = models.CharField(max_length=8, choices=Platform, default=Platform.OFFICIAL)
    app_id = models.CharField(max_length=64)
    secret = EncryptedTextField(purpose="social.secret", blank=True)
    token = EncryptedTextField(purpose="social.token", blank=True)
    key = EncryptedTextField(purpose="social.key", blank=True)
    hook = models.CharField(max_length=40, unique=True)
    base = models.CharField(max_length=120)
    welcome = models.CharField(max_length=300, blank=True)
    access = EncryptedTextField(purpose="social.access", blank=True)
    access_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    cursor = models.CharField(max_length=128, blank=True)
    pulled_at = models.DateTimeField(null=True)
    came_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    send_trouble = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("secret", "token", "key", "access"), "secret"),
        **dict.fromkeys(("app_id", "hook", "base", "welcome", "cursor", "send_trouble"), "plain"),
    }

    class Meta:
        verbose_name = _("WeChat account")

    def __str__(self) -> str:
        return f"{self.platform} {self.app_id}"


class Person(models.Model):
    """Somebody who writes to an account, known there as ``key`` (openid or external_userid).

    ``wrote_at`` is when the person wrote last: from then on the platform takes answers for a while. ``left_at``: follows no longer.
    """

    link = models.ForeignKey(Link, models.PROTECT, related_name="people", db_index=False)
    key = models.CharField(max_length=128)
    name = models.CharField(max_length=80, blank=True)
    wrote_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(default=moment.now)
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {"key": "plain", "name": "name"}

    class Meta:
        verbose_name = _("person at WeChat")
        constraints = [models.UniqueConstraint(fields=["link", "key"], name="social_person_once")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Sending(models.Model):
    """A reply on its way: its text and each of its files is one piece for the platform; ``done`` of ``pieces`` were taken."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="social_sending")
    person = models.ForeignKey(Person, models.PROTECT, related_name="sendings")
    word = models.CharField(max_length=24, unique=True)
    pieces = models.PositiveSmallIntegerField(default=1)
    done = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    trouble = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=moment.now)
    asked_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"word": "plain", "trouble": "plain"}

    class Meta:
        verbose_name = _("reply to WeChat")
        constraints = [models.CheckConstraint(condition=Q(done__lte=models.F("pieces")), name="social_no_more_than_all")]

    def __str__(self) -> str:
        return f"{self.word} {self.state}"


class Media(models.Model):
    """A file of a message that lies at the platform for three days and is fetched in the background."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="social_media")
    link = models.ForeignKey(Link, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=Fetch, default=Fetch.WAITING)
    since = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)

    personal: ClassVar[dict[str, str]] = {"key": "plain", "kind": "plain"}

    class Meta:
        verbose_name = _("file at WeChat")

    def __str__(self) -> str:
        return f"{self.message_id} {self.kind}"


class Posted(models.Model):
    """What the platform posted: a signature, or an event of a person. A second time it does nothing; another body under it is refused."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="+", db_index=False)
    mark = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"mark": "plain", "digest": "plain"}

    class Meta:
        verbose_name = _("what WeChat posted")
        constraints = [models.UniqueConstraint(fields=["link", "mark"], name="social_posted_once")]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.mark
