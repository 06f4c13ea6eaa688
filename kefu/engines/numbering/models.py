"""The counter of databases that have one writer at a time."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Counter(models.Model):
    """On SQLite the counter is this row; on PostgreSQL it is the sequence ``numbering_<prefix>``."""

    prefix = models.CharField(max_length=8, primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")

    def __str__(self) -> str:
        return f"{self.prefix} {self.value}"
