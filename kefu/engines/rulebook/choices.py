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


class Moment(models.TextChoices):
    """When a script text is offered, in the order of a talk."""

    PREPARE = "prepare", _("Before the talk")
    GREETING = "greeting", _("Greeting")
    READ_BACK = "read_back", _("Checking the facts")
    HOLD = "hold", _("Please wait")
    SORRY = "sorry", _("Apology and comfort")
    EXPLAIN = "explain", _("Explaining")
    PRICE = "price", _("Telling the price")
    HAND_OVER = "hand_over", _("Handing on")
    CLOSING = "closing", _("Closing words")
    VISIT = "visit", _("Receiving a visitor")
    FAREWELL = "farewell", _("Seeing off")
    CALLBACK = "callback", _("Callback talk")
    NOTICE = "notice", _("Notice to customers")
    PRIVACY = "privacy", _("Privacy notice")


# What is said to a customer while one talks with him.
IN_A_TALK = (
    Moment.GREETING, Moment.READ_BACK, Moment.HOLD, Moment.SORRY, Moment.EXPLAIN, Moment.PRICE, Moment.HAND_OVER, Moment.CLOSING,
)  # fmt: skip

GLOBALS: dict[str, Any] = {"later_name": label_of(Later)}
