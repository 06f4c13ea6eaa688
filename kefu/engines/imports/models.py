"""One import from upload to report."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.models import StoredFile
from kefu.kit import moment


class State(models.TextChoices):
    DRAFT = "draft", _("To be checked")
    CHECKING = "checking", _("Being checked")
    WRITING = "writing", _("Being written")
    REFUSED = "refused", _("Refused: nothing was imported")
    DONE = "done", _("Imported")


class ImportRun(models.Model):
    """A file, what its columns mean, how far it is and what came of it. ``faults`` holds the first ones; ``fault_count`` counts all."""

    kind = models.CharField(max_length=40)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    rows = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"kind": "plain", "faults": "free"}

    class Meta:
        verbose_name = _("import")
        indexes = [models.Index(fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
