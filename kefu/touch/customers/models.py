"""The customer file (客户档案)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.timeline.models import Subject
from kefu.touch.customers.choices import CustomerKind, PointKind, Tier


class Customer(models.Model):
    """One person or organisation. ``code`` is the customer's number elsewhere: household, meter or contract number (户号).

    ``region`` is a code of the list ``region_classes`` (city, rural, remote): how far a crew has to come (R-02C-2e2).
    """

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="customer")
    kind = models.CharField(max_length=8, choices=CustomerKind, default=CustomerKind.PERSON)
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=40, null=True, blank=True, unique=True)
    area = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=10, blank=True)
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.ORDINARY)
    needs_assistance = models.CharField(max_length=100, blank=True)
    wishes = models.CharField(max_length=300, blank=True)
    do_not_call = models.BooleanField(default=False)
    marketing_consent_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "name": "name",
        "address": "address",
        "code": "plain",
        "needs_assistance": "sensitive",
        "area": "plain",
        "region": "plain",
        "source": "plain",
        "wishes": "free",
    }

    class Meta:
        verbose_name = _("customer")
        indexes = [models.Index(fields=["area", "subject"])]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """A number or address by which a customer is reached. ``value`` is normalised (phones in E.164)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=PointKind)
    value = models.CharField(max_length=120)
    main = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {"value": "phone"}

    class Meta:
        verbose_name = _("contact point")
        indexes = [models.Index(fields=["kind", "value"])]
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="customers_point_once"),
            models.UniqueConstraint(fields=["customer", "kind"], condition=models.Q(main=True), name="customers_one_main_point"),
        ]

    def __str__(self) -> str:
        return self.value
