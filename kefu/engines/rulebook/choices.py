"""Words of regulations."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kit.language import label_of


class Later(models.TextChoices):
    """The capabilities that packs name as the ones that will carry out a clause."""

    CARE = "care", _("Care for staff")
    CHANNELS = "channels", _("Other channels")
    CHAT = "chat", _("Chat")
    EMAIL = "email", _("E-mail")
    EMERGENCIES = "emergencies", _("Emergencies")
    EQUIPMENT = "equipment", _("Equipment")
    FIELDWORK = "fieldwork", _("Field work")
    INSPECTIONS = "inspections", _("Inspections")
    KNOWLEDGE = "knowledge", _("Knowledge base")
    PERFORMANCE = "performance", _("Appraisal")
    PHONE = "phone", _("Phone")
    QUALITY = "quality", _("Quality monitoring")
    REPORTS = "reports", _("Reports")
    SMS = "sms", _("SMS")
    TRAINING = "training", _("Training")
    WORKFORCE = "workforce", _("Rosters and attendance")


GLOBALS: dict[str, Any] = {"later_name": label_of(Later)}
