"""What can be found: one row a subject. The pieces stand in ``search_pieces``, made by the migration for each database."""

from __future__ import annotations

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
