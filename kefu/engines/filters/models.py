"""Saved views: a list with its condition, columns and order under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.filters.choices import Sharing
from kefu.kit import moment


class SavedView(models.Model):
    """One view of one kind of record. ``unit`` is set exactly where it is shared with a unit."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=60)
    tree = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=40, blank=True)
    shared_with = models.CharField(max_length=4, choices=Sharing, default=Sharing.NONE)
    unit = models.ForeignKey("people.Unit", models.CASCADE, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    icon = models.CharField(max_length=32, blank=True)
    changed_at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("saved view")
        indexes = [models.Index(fields=["kind", "shared_with"])]
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "name"], name="filters_view_once"),
            models.CheckConstraint(
                condition=Q(shared_with=Sharing.UNIT, unit__isnull=False) | (~Q(shared_with=Sharing.UNIT) & Q(unit=None)),
                name="filters_view_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.name
