"""What can be found: one row a subject. The pieces stand in ``search_pieces``, made by the migration for each database."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment


class SearchDocument(models.Model):
    """The searchable text of one subject. ``title`` and ``body`` may be shown; ``text``, all in ``cut.normal`` form, is only searched."""

    subject = models.OneToOneField("timeline.Subject", models.CASCADE, primary_key=True, related_name="+")
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    text = models.TextField()
    indexed_at = models.DateTimeField(default=moment.now)

    personal = {"kind": "plain", "title": "free", "body": "free", "text": "free"}

    class Meta:
        verbose_name = _("search entry")

    def __str__(self) -> str:
        return self.title


class RankedSegment(models.Model):
    """Up to 4,096 texts that are found best first (``ranked``): who stands where, and how long each is; packed numbers."""

    used = models.PositiveIntegerField(default=0)
    places = models.BinaryField(default=bytes)

    personal: ClassVar[dict[str, str]] = {"places": "plain"}

    class Meta:
        verbose_name = _("ranked segment")

    def __str__(self) -> str:
        return str(self.pk)


class RankedPlace(models.Model):
    """Where the ranked text of a subject stands, and the keys of its pieces, so that they can be taken out again."""

    subject = models.OneToOneField("timeline.Subject", models.CASCADE, primary_key=True, related_name="+")
    segment = models.ForeignKey(RankedSegment, models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveIntegerField()
    terms = models.BinaryField(default=bytes)

    personal: ClassVar[dict[str, str]] = {"terms": "plain"}

    class Meta:
        verbose_name = _("ranked place")
        constraints = [models.UniqueConstraint(fields=["segment", "place"], name="search_one_text_a_place")]

    def __str__(self) -> str:
        return f"{self.segment_id}/{self.place}"


class RankedPosting(models.Model):
    """The places of one segment whose texts hold one piece, and how often; packed numbers."""

    term = models.BigIntegerField()
    segment = models.ForeignKey(RankedSegment, models.PROTECT, related_name="+", db_index=False)
    held = models.BinaryField()

    personal: ClassVar[dict[str, str]] = {"held": "plain"}

    class Meta:
        verbose_name = _("ranked posting")
        constraints = [models.UniqueConstraint(fields=["term", "segment"], name="search_one_posting_a_segment")]

    def __str__(self) -> str:
        return f"{self.term}/{self.segment_id}"
