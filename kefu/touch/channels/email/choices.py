"""Why a message waits for a person, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    NO_MAIL = "no_mail", _("This is no e-mail message")
    NO_MAILBOX = "no_mailbox", _("No mailbox has this address")
    BROKEN = "broken", _("It could not be read or stored")


class Settled(models.TextChoices):
    OPEN = "", _("Waits for a person")
    TAKEN_IN = "taken", _("Taken in")
    ASIDE = "aside", _("Laid aside")
