"""Announcements, and who has read them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.people.models import Unit
from kefu.timeline.models import Subject
from kefu.touch.announcements.choices import Kind, State


class Announcement(models.Model):
    """A notice, an issue of the journal, or information of a department (F-27). Its title is the subject's.

    ``posts`` (codes) and ``units`` (ids, with all below) say whom it is for; both empty: everybody. ``read_hours`` is the time to read
    it, None where no receipt is asked. Of information: which department, for which area, when it takes effect and ends, and when the
    centre received it; ``late`` says that it took effect before it was received, or came after ``due_at`` (R-02C-5.2). ``due_at`` is when
    it takes effect, unless the centre demanded it (``demanded_at``) for another time.
    """

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="announcement")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    body = models.TextField(max_length=20_000)
    posts = models.JSONField(default=list)
    units = models.JSONField(default=list)
    read_hours = models.PositiveSmallIntegerField(null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=120, blank=True)
    effective_from = models.DateTimeField(null=True)
    effective_to = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    demanded_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    remind_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"body": "plain", "area": "plain"}

    class Meta:
        verbose_name = _("announcement")
        constraints = [
            models.CheckConstraint(condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False), name="announcements_published"),
            models.CheckConstraint(condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="announcements_span"),
        ]
        indexes = [
            models.Index(fields=["kind", "subject"]),
            models.Index(fields=["due_at"], condition=Q(kind=Kind.INFORMATION), name="announcements_to_hand_in"),
        ]

    def __str__(self) -> str:
        return str(self.subject_id)

    @property
    def to_all(self) -> bool:
        return not self.posts and not self.units


class Receipt(models.Model):
    """One person for whom an announcement is, and when the person read it. Without ``due_at`` nobody asks."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="receipts", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("receipt of reading")
        constraints = [models.UniqueConstraint(fields=["announcement", "staff"], name="announcements_one_receipt")]
        indexes = [
            models.Index(fields=["staff", "due_at"], condition=Q(read_at=None, due_at__isnull=False), name="announcements_unread"),
            models.Index(fields=["announcement"], condition=Q(read_at=None, due_at__isnull=False), name="announcements_missing"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="announcements_due"),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.staff_id}"
