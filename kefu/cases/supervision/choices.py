"""Grades of supervision."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Daily, listed and interview supervision (日常, 挂牌, 约谈), in rising order."""

    DAILY = "daily", _("Daily supervision")
    LISTED = "listed", _("Listed supervision")
    INTERVIEW = "interview", _("Interview")
