"""Regulations and clauses, the packs that were loaded, and the rows of the engine's own sections."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment


class Pack(models.Model):
    """A pack as it was loaded. ``keys`` lists its rows by section, so that a pack it builds on cannot undo them; ``digests`` remembers
    the text of rows that a centre may change by hand, so that loading again does not undo the hand.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    version = models.CharField(max_length=20)
    industry = models.CharField(max_length=40, blank=True)
    requires = models.JSONField(default=list)
    keys = models.JSONField(default=dict)
    digests = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(default=moment.now)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("pack")

    def __str__(self) -> str:
        return self.code


class Load(models.Model):
    """One loading of a pack: what it changed, kept for good."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="loads")
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=moment.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=list)

    class Meta:
        verbose_name = _("loading of a pack")
        indexes = [models.Index(fields=["pack", "id"])]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.at}"


class Regulation(models.Model):
    """A regulation (制度). ``header`` holds the fields of its controlled-document head (R-00-hdr)."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    version = models.CharField(max_length=40, default="1")
    source = models.TextField(max_length=2000, blank=True)
    header = models.JSONField(default=dict)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("regulation")

    def __str__(self) -> str:
        return self.name


class Clause(models.Model):
    """One duty of a regulation (条款), in the words of this house. ``later`` names the capability that will carry it out."""

    code = models.CharField(max_length=40, unique=True)
    regulation = models.ForeignKey(Regulation, models.PROTECT, related_name="clauses")
    number = models.CharField(max_length=40)
    position = models.PositiveIntegerField(default=0)
    summary = models.TextField(max_length=2000)
    summary_en = models.TextField(max_length=2000, blank=True)
    group = models.CharField(max_length=1, blank=True)
    figure = models.CharField(max_length=120, blank=True)
    figure_en = models.CharField(max_length=120, blank=True)
    truncated = models.BooleanField(default=False)
    later = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("clause")
        indexes = [models.Index(fields=["regulation", "position"])]

    def __str__(self) -> str:
        return self.code


class Enforcement(models.Model):
    """How a clause is carried out by a row of a pack. What code carries out by itself stands in ``registry.carriers``."""

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="enforcements")
    how = models.CharField(max_length=20)
    section = models.CharField(max_length=40)
    ref = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    pack = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("enforcement")
        constraints = [models.UniqueConstraint(fields=["clause", "section", "ref", "pack"], name="rulebook_enforcement_once")]

    def __str__(self) -> str:
        return f"{self.clause_id}: {self.how} {self.ref}"


class Setting(models.Model):
    """A dated value. ``pack`` is empty for a value that the centre set by hand."""

    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)
    value = models.JSONField(null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    clauses = models.JSONField(default=list)
    pack = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("setting")
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="rulebook_setting_start"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="rulebook_setting_span"),
        ]

    def __str__(self) -> str:
        return f"{self.key} @ {self.valid_from}"


class CodeList(models.Model):
    """A list of choices (代码表) that forms and cases draw on."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    help = models.CharField(max_length=500, blank=True)
    clauses = models.JSONField(default=list)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("code list")

    def __str__(self) -> str:
        return self.name


class CodeItem(models.Model):
    """One choice. Never deleted, since old cases show it: ``valid`` takes it out of new ones."""

    code_list = models.ForeignKey(CodeList, models.CASCADE, related_name="items")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    help = models.TextField(max_length=1000, blank=True)
    position = models.PositiveIntegerField(default=0)
    clauses = models.JSONField(default=list)
    extra = models.JSONField(default=dict)
    valid = models.BooleanField(default=True)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("code item")
        constraints = [models.UniqueConstraint(fields=["code_list", "code"], name="rulebook_item_once")]

    def __str__(self) -> str:
        return self.name


class TextCard(models.Model):
    """A script text (话术). ``text`` may hold {{agent_number}}, {{customer_name}} and the like; ``moment`` is when it is offered."""

    code = models.CharField(max_length=60, unique=True)
    moment = models.CharField(max_length=40)
    channel = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    text = models.TextField(max_length=4000)
    text_en = models.TextField(max_length=4000, blank=True)
    position = models.PositiveIntegerField(default=0)
    clauses = models.JSONField(default=list)
    valid = models.BooleanField(default=True)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("script text")
        indexes = [models.Index(fields=["moment", "channel"])]

    def __str__(self) -> str:
        return self.name


class ReadReceipt(models.Model):
    """A person has read one version of a regulation (R-00-1b, R-00-hdr)."""

    regulation = models.ForeignKey(Regulation, models.PROTECT, related_name="receipts")
    version = models.CharField(max_length=40)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("read receipt")
        constraints = [models.UniqueConstraint(fields=["regulation", "version", "staff"], name="rulebook_receipt_once")]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.regulation_id} {self.version}"
