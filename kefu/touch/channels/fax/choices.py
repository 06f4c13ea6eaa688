"""How far a fax is, and why one waits for a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Being read")
    TAKEN = "taken", _("Taken in")
    HELD = "held", _("Waits for a person")
    ASIDE = "aside", _("Laid aside")


class Why(models.TextChoices):
    NONE = "", "--"
    KIND = "kind", _("It is neither PDF nor TIFF")
    SIZE = "size", _("It is too large")
    PAGES = "pages", _("It has too many pages")
    BROKEN = "broken", _("Its pages cannot be drawn")
    SLOW = "slow", _("Drawing its pages takes too long")
