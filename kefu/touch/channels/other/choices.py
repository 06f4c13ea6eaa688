"""By what a channel knows its customers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Known(models.TextChoices):
    ID = "id", _("Its own id of the customer")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
