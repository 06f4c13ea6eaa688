"""Refusals of the clock."""

from django.utils.translation import gettext_lazy as _

from kefu.kit.errors import KefuError


class Impossible(KefuError):
    """A calendar, limit or pause that makes no sense, or a due time that lies nowhere."""

    status = 422
    code = "impossible_time"
    text = _("This time cannot be worked out.")
