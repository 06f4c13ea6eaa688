"""Kinds of unit and reach of a post."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    COMPANY = "company", _("Company")
    BRANCH = "branch", _("Branch")
    DEPARTMENT = "department", _("Department")
    TEAM = "team", _("Team")
    OUTSIDE = "outside", _("Outside unit")


class Scope(models.TextChoices):
    """Whose records a post may see (数据范围)."""

    OWN = "own", _("Own records")
    UNIT = "unit", _("Own unit")
    BELOW = "below", _("Own unit and below")
    ALL = "all", _("All units")


class Theme(models.TextChoices):
    AUTO = "auto", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
