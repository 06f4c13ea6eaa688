"""To what a customer belongs and what he has contracted for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.touch.customers.models import Customer as Customer
from kefu.touch.profiles.choices import LinkKind


class Link(models.Model):
    """A customer lives in the household, or works for the company, whose file is ``whole``. ``since`` and ``until`` are the first and the
    last day, None: not known, or still so. ``role``: owner, tenant, who pays the bills."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="links")
    whole = models.ForeignKey(Customer, models.PROTECT, related_name="members")
    kind = models.CharField(max_length=10, choices=LinkKind)
    role = models.CharField(max_length=40, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {"role": "free"}

    class Meta:
        verbose_name = _("link of customers")
        constraints = [
            models.UniqueConstraint(fields=["customer", "whole", "kind"], condition=Q(until=None), name="profiles_link_once"),
            models.CheckConstraint(condition=~Q(customer=F("whole")), name="profiles_link_of_two"),
            models.CheckConstraint(condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="profiles_link_span"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.whole_id}"


class Contract(models.Model):
    """What a customer has contracted for: supply, rent, upkeep. ``number`` is the contract's, meter's or account's; ``place`` what it is
    about. ``began`` and ``ended`` are its first and last day."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=40, db_index=True)
    matter = models.CharField(max_length=80)
    place = models.CharField(max_length=200, blank=True)
    began = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {"number": "plain", "matter": "plain", "place": "address"}

    class Meta:
        verbose_name = _("contract")
        constraints = [
            models.UniqueConstraint(fields=["customer", "number"], name="profiles_contract_once"),
            models.CheckConstraint(condition=Q(ended=None) | Q(began=None) | Q(ended__gte=F("began")), name="profiles_contract_span"),
        ]

    def __str__(self) -> str:
        return self.number
