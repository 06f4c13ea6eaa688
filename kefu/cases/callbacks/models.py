"""Callback rules, tasks and tries."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.cases.callbacks.choices import Reached, TaskState, Verdict, Way
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.customers.models import Customer

DEFAULT_POST = "callback_agent"


class CallbackRule(models.Model):
    """Which finished cases are called back: all that match, or a share of them drawn by number so that nobody picks (R-02H-5.5).

    ``post`` is the code of the post that answers for the callback: the limit of the callback is addressed to it.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80, blank=True)
    name_en = models.CharField(max_length=80, blank=True)
    subject_kind = models.CharField(max_length=32, default="workorder")
    condition = models.JSONField(default=dict)
    share = models.FloatField(default=1.0)
    post = models.CharField(max_length=40, default=DEFAULT_POST)
    position = models.PositiveIntegerField(default=100)
    active = models.BooleanField(default=True)
    clauses = models.JSONField(default=list)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("callback rule")
        constraints = [models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="callbacks_share")]

    def __str__(self) -> str:
        return self.code


class CallbackTask(models.Model):
    """One finished case whose customer is to be asked. One runs at a time for a case."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="callbacks")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="callbacks", db_index=False)
    rule = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    phone = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=moment.now)
    not_before = models.DateTimeField(default=moment.now)
    tries = models.PositiveSmallIntegerField(default=0)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    words = models.TextField(max_length=2000, blank=True)
    heads_present = models.CharField(max_length=200, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"phone": "phone", "name": "name", "words": "free", "heads_present": "plain", "rule": "plain"}

    class Meta:
        verbose_name = _("callback task")
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(state=TaskState.OPEN), name="callbacks_one_open"),
            models.CheckConstraint(condition=~Q(state=TaskState.DONE) | ~Q(verdict=""), name="callbacks_done_has_verdict"),
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state=TaskState.OPEN), name="callbacks_waiting"),
            models.Index(fields=["done_at"]),
            models.Index(fields=["customer", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"callback {self.subject_id}"


class CallbackTry(models.Model):
    """One try to reach the customer."""

    task = models.ForeignKey(CallbackTask, models.PROTECT, related_name="attempts")
    at = models.DateTimeField(default=moment.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=Way, default=Way.PHONE)
    reached = models.CharField(max_length=14, choices=Reached)
    remark = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"remark": "free"}

    class Meta:
        verbose_name = _("try")

    def __str__(self) -> str:
        return f"{self.task_id}: {self.reached}"
