"""Carriers, how far a text has come, and the states of a template."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.touch.customers.choices import Purpose


class Carrier(models.TextChoices):
    GATEWAY = "gateway", _("Gateway over HTTP")
    SMPP = "smpp", "SMPP 3.4"


class State(models.TextChoices):
    """SENDING: it is being handed over, or that was cut off."""

    QUEUED = "queued", _("Waits to be sent")
    SENDING = "sending", _("Being handed over")
    SENT = "sent", _("Handed over")
    DELIVERED = "arrived", _("Delivered")
    FAILED = "failed", _("Not sent")


class Approval(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    RETIRED = "retired", _("Out of use")


class Occasion(models.TextChoices):
    """When a template goes out by itself; without one, agents take it as a text to send."""

    NONE = "", _("Agents choose it")
    ACCEPTED = "order.accepted", _("The order was accepted")
    ASSIGNED = "order.assigned", _("A crew is on its way")
    COMPLETED = "order.completed", _("The work is done")
    CALLBACK = "callback.queued", _("We shall call back")
    ANSWERED = "conversation.replied", _("An answer waits on the public pages")


# What a text that goes out by itself is sent for; all others are news of the customer's own case.
PURPOSES = {Occasion.CALLBACK: Purpose.SURVEY}

PLACES: dict[str, tuple[str, ...]] = {
    Occasion.NONE: ("unit", "hotline"),
    **dict.fromkeys(
        (Occasion.ACCEPTED, Occasion.ASSIGNED, Occasion.COMPLETED, Occasion.CALLBACK, Occasion.ANSWERED), ("unit", "hotline", "number")
    ),
}
"""What may stand in braces in a template: the name of the centre, its phone, the number of the order (where an answer waits: the
tracking code). Nothing personal is among it."""
