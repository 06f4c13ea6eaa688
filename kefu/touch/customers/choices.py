"""Kinds of customer and of contact point."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    PERSON = "person", _("Person")
    FIRM = "firm", _("Organisation")


class Tier(models.TextChoices):
    ORDINARY = "ordinary", _("Ordinary")
    KEY = "key", _("Key account")


class Ground(models.TextChoices):
    """Why two files may be of one customer."""

    PHONE = "phone", _("Same phone")
    EMAIL = "email", _("Same mail address")
    PLACE = "place", _("Same name and address")


class PointKind(models.TextChoices):
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
