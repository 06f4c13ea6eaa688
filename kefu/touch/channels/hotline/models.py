"""A passed-on order, its rounds, and what was told to the hotline."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.channels.hotline.choices import Kind, Rated, Role, Solved, Spoken, State, Verdict, Way
from kefu.touch.contacts.models import Contact


class HotlineOrder(models.Model):
    """An order under the hotline's own number; one number is one row. What the caller said and who it is stands on the contact.

    ``due_at`` is the limit of the present round. ``ruled``: assigned directly, or its return was refused; it cannot be returned.
    ``secret``: the caller asked that nobody learn the name, so the contact is a secret subject.
    """

    contact = models.OneToOneField(Contact, models.PROTECT, primary_key=True, related_name="hotline")
    number = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    round = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    return_until = models.DateTimeField(null=True)
    category = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.MAIN)
    partners = models.CharField(max_length=200, blank=True)
    secret = models.BooleanField(default=False)
    ruled = models.BooleanField(default=False)

    personal: ClassVar[dict[str, str]] = {"number": "plain", "category": "plain", "partners": "plain"}

    class Meta:
        verbose_name = _("order of the city hotline")
        constraints = [models.CheckConstraint(condition=Q(state__in=State.values), name="hotline_state_known")]
        indexes = [
            models.Index(fields=["due_at", "contact"], condition=Q(state__in=[State.OPEN, State.RETURNING]), name="hotline_next_due"),
            models.Index(fields=["state", "contact"]),
            models.Index(fields=["contact"], condition=Q(round__gt=0), name="hotline_redone"),
        ]

    def __str__(self) -> str:
        return self.number


class HotlineRound(models.Model):
    """One handling of the order: the first, or a redo that the hotline sent back. Each has its own clock. ``subject`` is the contact's."""

    order = models.ForeignKey(HotlineOrder, models.PROTECT, related_name="rounds")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=0)
    passed_on_at = models.DateTimeField()
    due_at = models.DateTimeField()
    words = models.CharField(max_length=2000, blank=True)
    reported_at = models.DateTimeField(null=True)
    rated = models.CharField(max_length=12, choices=Rated, blank=True)
    solved = models.BooleanField(null=True)
    rated_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"words": "free", "rated": "plain"}

    class Meta:
        verbose_name = _("round of an order of the city hotline")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="hotline_round_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("passed_on_at")), name="hotline_due_after"),
            models.CheckConstraint(condition=Q(rated_at=None) | Q(reported_at__isnull=False), name="hotline_rated_after"),
        ]
        indexes = [models.Index(fields=["due_at"]), models.Index(fields=["reported_at"]), models.Index(fields=["rated_at"])]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number}"


class Told(models.Model):
    """What the hotline was told, when, by whom and how; to a return or an extension it gives a verdict. Never changed afterwards.
    ``files``: the ids of what went along; they hang on the contact."""

    order = models.ForeignKey(HotlineOrder, models.PROTECT, related_name="told")
    round = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(default=moment.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    way = models.CharField(max_length=10, choices=Way)
    text = models.CharField(max_length=4000)
    reason = models.CharField(max_length=40, blank=True)
    until = models.DateTimeField(null=True)
    solved = models.CharField(max_length=10, choices=Solved, blank=True)
    spoken = models.CharField(max_length=10, choices=Spoken, blank=True)
    spoken_at = models.DateTimeField(null=True)
    unit = models.CharField(max_length=80, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)
    files = models.JSONField(default=list)

    personal: ClassVar[dict[str, str]] = {"text": "free", "reason": "plain", "unit": "plain", "verdict": "plain", "remark": "free"}

    class Meta:
        verbose_name = _("word to the city hotline")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(kind=Kind.RETURN), name="hotline_one_return"),
            models.UniqueConstraint(fields=["order"], condition=Q(kind=Kind.EXTENSION), name="hotline_one_extension"),
            models.UniqueConstraint(fields=["order", "round"], condition=Q(kind=Kind.ANSWER), name="hotline_one_answer"),
        ]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.kind}"
