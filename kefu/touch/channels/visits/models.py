"""A visit: the place in the queue, the times, and what the register asks."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.touch.channels.visits.choices import Protocol, State
from kefu.touch.contacts.models import Contact


class Visit(models.Model):
    """A contact whose customer stands at the door. Name, phone, matter and the time of arrival are the contact's.

    ``counter`` and ``number`` make the ticket (A007), unique on a ``day``. ``window`` is where the visitor was called to.
    """

    contact = models.OneToOneField(Contact, models.PROTECT, primary_key=True, related_name="visit")
    day = models.DateField()
    counter = models.CharField(max_length=2)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    window = models.CharField(max_length=20, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    called_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    organisation = models.CharField(max_length=120, blank=True)
    rank = models.CharField(max_length=80, blank=True)
    protocol = models.CharField(max_length=6, choices=Protocol, default=Protocol.EQUAL)
    protocol_reason = models.CharField(max_length=200, blank=True)
    refusal = models.CharField(max_length=40, blank=True)
    refused_reason = models.CharField(max_length=500, blank=True)
    opinion = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "counter": "plain",
        "window": "plain",
        "organisation": "free",
        "rank": "plain",
        "protocol_reason": "free",
        "refusal": "plain",
        "refused_reason": "free",
        "opinion": "free",
    }

    class Meta:
        verbose_name = _("visit")
        constraints = [
            models.UniqueConstraint(fields=["day", "counter", "number"], name="visits_ticket_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="visits_state_known"),
            models.CheckConstraint(condition=Q(protocol=Protocol.EQUAL) | ~Q(protocol_reason=""), name="visits_level_with_reason"),
            models.CheckConstraint(condition=Q(left_at=None) | Q(served_at=None) | Q(left_at__gte=F("served_at")), name="visits_span"),
        ]
        indexes = [models.Index(fields=["day", "state", "contact"]), models.Index(fields=["served_at"])]

    def __str__(self) -> str:
        return self.ticket

    @property
    def ticket(self) -> str:
        """What is called out: the letter of the counter and the number of the day."""
        return f"{self.counter}{self.number:03d}"
