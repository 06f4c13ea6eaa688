"""With whom a view is shared."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sharing(models.TextChoices):
    NONE = "none", _("Only me")
    UNIT = "unit", _("My unit")
    ALL = "all", _("Everybody")
