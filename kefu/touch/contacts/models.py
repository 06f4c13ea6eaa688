"""The contact record."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.contacts.choices import Channel, HangUpSide, Outcome
from kefu.touch.customers.models import Customer


class Contact(models.Model):
    """One touch. The seven fields of the call record (R-04-1.4) are columns: name, address, received_at, content, appointment_at,
    phone, wishes.

    ``record`` holds what else its form asked (price told, reasons for missing fields) under the form's field codes.
    ``foreign_id`` is the number that the channel gave it; the same one twice is one contact. ``tracking_code`` lets the customer ask
    how it stands, from the first moment on.
    """

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="contact")
    channel = models.CharField(max_length=12, choices=Channel)
    foreign_id = models.CharField(max_length=120, null=True, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="contacts")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(default=moment.now)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ring_count = models.PositiveSmallIntegerField(null=True)
    hang_up_side = models.CharField(max_length=8, choices=HangUpSide, blank=True)

    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    content = models.TextField(max_length=20_000, blank=True)
    wishes = models.CharField(max_length=500, blank=True)
    appointment_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)
    read_back = models.BooleanField(default=False)
    order_type = models.CharField(max_length=60, blank=True)
    record = models.JSONField(default=dict)

    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    led_to = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="contacts_led_here")
    answer_source = models.CharField(max_length=200, blank=True)
    referred_to = models.CharField(max_length=120, blank=True)
    tracking_code = models.CharField(max_length=24, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "name": "name",
        "phone": "phone",
        "address": "address",
        "content": "free",
        "wishes": "free",
        "record": "free",
        "answer_source": "plain",
        "foreign_id": "plain",
        "order_type": "plain",
        "referred_to": "plain",
        "tracking_code": "plain",
    }

    class Meta:
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint(fields=["channel", "foreign_id"], name="contacts_delivered_once"),
            models.UniqueConstraint(fields=["tracking_code"], condition=~Q(tracking_code=""), name="contacts_tracking_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("received_at")), name="contacts_span"),
            models.CheckConstraint(
                condition=~Q(outcome__in=[Outcome.ORDER, Outcome.URGE, Outcome.COMPLAINT]) | Q(led_to__isnull=False), name="contacts_lead"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "subject"]),
            models.Index(fields=["customer", "received_at"]),
            models.Index(fields=["received_at"]),
            models.Index(fields=["agent", "received_at"]),
            models.Index(fields=["channel", "received_at"], condition=Q(outcome=Outcome.OPEN), name="contacts_open"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.subject_id}"
