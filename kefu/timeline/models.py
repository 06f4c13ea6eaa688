"""Subjects, events, notes and watchers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.choices import Audience, Secrecy


class Subject(models.Model):
    """The one row behind everything that can have a history. A capability's table points down to it with the same primary key."""

    kind = models.CharField(max_length=32)
    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200, blank=True)
    unit_path = models.CharField(max_length=120, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy, default=Secrecy.ORDINARY)
    opened_at = models.DateTimeField(default=moment.now)
    closed_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"kind": "plain", "number": "plain", "title": "free", "unit_path": "plain"}

    class Meta:
        verbose_name = _("subject")
        indexes = [
            models.Index(fields=["kind", "id"]),
            models.Index(fields=["kind", "unit_path", "id"]),
            models.Index(fields=["owner", "kind", "id"], condition=Q(closed_at=None), name="timeline_open_by_owner"),
        ]

    def __str__(self) -> str:
        return self.number


class Event(models.Model):
    """What happened to a subject. Never changed and never deleted; personal data inside ``data`` can be blanked.

    ``xid`` is the writing transaction on PostgreSQL (0 on SQLite): readers follow (xid, id), which is commit order without gaps.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    data = models.JSONField(default=dict)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.STAFF)
    clauses = models.JSONField(default=list)
    xid = models.BigIntegerField(db_default=0, editable=False)
    blanked_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"kind": "plain", "data": "free"}

    class Meta:
        verbose_name = _("event")
        indexes = [
            models.Index(fields=["subject", "id"]),
            models.Index(fields=["xid", "id"]),
            models.Index(fields=["kind", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class SealedCopy(models.Model):
    """A settled subject as it was, word for word, with its hash (归档). Afterwards there are only corrections beside it."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="sealed_copies")
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=moment.now)
    keep_until = models.DateField(null=True)

    personal: ClassVar[dict[str, str]] = {"body": "free", "sha256": "plain"}

    class Meta:
        verbose_name = _("sealed copy")

    def __str__(self) -> str:
        return self.sha256[:12]


class Note(models.Model):
    """A remark on a subject that no customer sees. Voided with a reason, never deleted."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(max_length=20_000)
    at = models.DateTimeField(default=moment.now)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    personal: ClassVar[dict[str, str]] = {"text": "free", "void_reason": "free"}

    class Meta:
        verbose_name = _("note")

    def __str__(self) -> str:
        return self.text[:40]


class Watcher(models.Model):
    """A person who follows a subject. ``kept`` watchers (the receiver of a complaint, R-04-3.4) cannot be dropped."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="watchers")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField(default=moment.now)
    kept = models.BooleanField(default=False)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("watcher")
        constraints = [models.UniqueConstraint(fields=["subject", "staff"], name="timeline_watcher_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} @ {self.subject_id}"
