"""Kinds of links between customers."""

from django.db import models
from django.utils.translation import pgettext_lazy


class LinkKind(models.TextChoices):
    """What a customer is a part of."""

    HOUSEHOLD = "household", pgettext_lazy("link", "Household")
    COMPANY = "company", pgettext_lazy("link", "Company")
