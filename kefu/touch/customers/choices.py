"""Kinds of customer and of contact point."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CustomerKind(models.TextChoices):
    PERSON = "person", pgettext_lazy("kind of customer", "Person")
    FIRM = "firm", _("Organisation")
    HOME = "home", pgettext_lazy("kind of customer", "Household")


class Tier(models.TextChoices):
    ORDINARY = "ordinary", _("Ordinary")
    KEY = "key", _("Key account")


class Ground(models.TextChoices):
    """Why two files may be of one customer."""

    PHONE = "phone", _("Same phone")
    EMAIL = "email", _("Same mail address")
    PLACE = "place", _("Same name and address")


class Life(models.TextChoices):
    """What Kefu itself knows of a customer's life with the firm. What people enter has the codes of the list ``life_events``."""

    MOVED_IN = "self.moved_in", _("Moved in")
    MOVED_OUT = "self.moved_out", _("Moved out")
    JOINED = "self.joined", _("Joined the company")
    LEFT = "self.left", _("Left the company")
    CONTRACT_BEGAN = "self.contract_began", _("Contract began")
    CONTRACT_ENDED = "self.contract_ended", _("Contract ended")
    MERGED = "self.merged", _("Two files became one")
    SPLIT = "self.split", _("Files were taken apart again")


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
KNOWN_BY = {"email": PointKind.EMAIL, "sms": PointKind.PHONE, "portal": PointKind.PHONE, "chat": PointKind.CHAT, "social": PointKind.SOCIAL}


class Purpose(models.TextChoices):
    """What a customer is written to or called for. What the service itself needs (answers, news of an own case, the callback of a
    complaint) asks for no consent and heeds no objection: it is the one exception. Advertising needs consent, a survey none until the
    customer objects."""

    SERVICE = "service", _("Service that the customer needs")
    SURVEY = "survey", _("Surveys and callbacks")
    MARKETING = "marketing", _("Advertising")


class ReachedBy(models.TextChoices):
    """By what a customer is reached."""

    CALL = "phone", pgettext_lazy("reached by", "Call")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    POST = "post", pgettext_lazy("reached by", "Letter")


class ConsentWay(models.TextChoices):
    """How the customer said it."""

    SPOKEN = "spoken", _("On the phone")
    WRITTEN = "written", _("In writing")
    COUNTER = "counter", _("At the counter")
    ONLINE = "online", _("On the web")
