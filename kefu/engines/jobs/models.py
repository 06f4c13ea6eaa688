"""Workers that are alive, and when each entry of the timetable runs. The queue itself is the table of django-tasks-db."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment


class Worker(models.Model):
    """A worker process. One that no longer beats is dead; its tasks run again."""

    id = models.CharField(max_length=40, primary_key=True)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=moment.now)
    beat_at = models.DateTimeField(default=moment.now)

    class Meta:
        verbose_name = _("worker process")

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}"


class PeriodicRun(models.Model):
    """Where one entry of the timetable stands. ``spec`` is the rhythm that ``next_run_at`` was computed from."""

    code = models.CharField(max_length=60, primary_key=True)
    spec = models.CharField(max_length=60)
    next_run_at = models.DateTimeField()
    task_id = models.UUIDField(null=True)
    last_run_at = models.DateTimeField(null=True)
    last_seconds = models.FloatField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("run of the timetable")

    def __str__(self) -> str:
        return self.code
