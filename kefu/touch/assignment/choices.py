"""What became of an offer, and the settings of the assignment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

CHANNELS_SETTING, OFFER_SETTING, OVERFLOW_SETTING = "assignment.channels", "assignment.offer_seconds", "assignment.overflow_seconds"
GONE_SETTING, SILENCE_SETTING = "assignment.gone_seconds", "%s.first_response"
CHANNELS, OFFER_SECONDS, OVERFLOW_SECONDS, GONE_SECONDS, SILENCE_SECONDS = ("chat",), 20, 60, 0, {"chat": 120}
OTHER = "other"  # in a setting by channel: what holds for the channels it does not name


class Outcome(models.TextChoices):
    """OPEN: the person is asked right now. LOST: taken, but given back without an answer."""

    OPEN = "", _("Asked now")
    TAKEN = "taken", _("Taken")
    PASSED = "passed", _("Time ran out")
    DECLINED = "declined", _("Left to others")
    WITHDRAWN = "withdrawn", _("No longer needed")
    LOST = "lost", _("Offered to another")
