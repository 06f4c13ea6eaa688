"""Who an event is told to, and how secret a subject is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """The widest circle that may read an event."""

    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff")
    AUDIT = "audit", _("Audit")


class Secrecy(models.IntegerChoices):
    """Ordinary subjects follow the data scope; secret ones show only to those who take part or hold the right to secrets."""

    ORDINARY = 0, _("Ordinary")
    SECRET = 1, _("Secret")
