"""Definitions by version and the answers given to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject


class FormDefinition(models.Model):
    """One version of a form; ``body`` is a definition.Definition, ``digest`` its SHA-256.

    A version that was used is never changed, only followed by another.
    """

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    pack = models.CharField(max_length=60, blank=True)
    clauses = models.JSONField(default=list)
    created_at = models.DateTimeField(default=moment.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("form")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="forms_version_once"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="forms_span"),
        ]
        indexes = [models.Index(fields=["code", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class FormAnswer(models.Model):
    """What was filled in about one subject. ``sequence`` counts the answers of a repeatable form (1 otherwise).

    ``signatures``: [{"section", "by", "name", "at"}, ...]; a void one keeps its place with "void", "void_by" and "void_at".
    """

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="form_answers")
    definition = models.ForeignKey(FormDefinition, models.PROTECT, related_name="answers")
    code = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict)
    signatures = models.JSONField(default=list)
    score = models.FloatField(null=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=moment.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=moment.now)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal = {"code": "plain", "data": "free", "signatures": "free"}

    class Meta:
        verbose_name = _("form answer")
        constraints = [models.UniqueConstraint(fields=["subject", "code", "sequence"], name="forms_answer_once")]
        indexes = [models.Index(fields=["code", "submitted_at"])]

    def __str__(self) -> str:
        return f"{self.code} @ {self.subject_id}"
