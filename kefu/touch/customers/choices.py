"""Kinds of customer and of contact point."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    CHAT = "chat", _("Chat")
    SOCIAL = "social", _("Social media")
    POST = "post", _("Postal address")


class PointLabel(models.TextChoices):
    """Where a contact point belongs to."""

    HOME = "home", pgettext_lazy("contact point", "Home")
    WORK = "work", pgettext_lazy("contact point", "Work")
    OTHER = "other", pgettext_lazy("contact point", "Other")


# By which kind of contact point a written channel knows who writes.
KNOWN_BY = {"email": PointKind.EMAIL, "sms": PointKind.PHONE, "chat": PointKind.CHAT, "social": PointKind.SOCIAL}
