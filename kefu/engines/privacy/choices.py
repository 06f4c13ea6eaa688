"""States of an export."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    MADE = "made", _("Made")


MOVES: dict[str, set[str]] = {
    ExportState.ASKED: {"approve", "refuse"},
    ExportState.APPROVED: {"record"},
    ExportState.REFUSED: set(),
    ExportState.MADE: set(),
}
