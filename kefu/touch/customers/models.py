"""The customer file (客户档案)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.forms.models import FormAnswer
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.touch.customers.choices import ConsentWay, CustomerKind, Ground, PointKind, PointLabel, Purpose, ReachedBy, Tier


class Customer(models.Model):
    """One person or organisation. ``code`` is the customer's number elsewhere: household, meter or contract number (户号).

    ``region`` is a code of the list ``region_classes`` (city, rural, remote): how far a crew has to come (R-02C-2e2).
    ``merged_into`` is the file that this one became a part of. ``compared_at``: looked at for others like it; None: still to be.
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
    source = models.CharField(max_length=80, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed", db_index=False)
    compared_at = models.DateTimeField(null=True, blank=True)

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
        indexes = [
            models.Index(fields=["area", "subject"]),
            models.Index(fields=["name", "address"], condition=~Q(address=""), name="customers_name_place"),
            models.Index(fields=["subject"], condition=Q(compared_at=None), name="customers_to_compare"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customers_absorbed"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """A number or address by which a customer is reached. ``value`` is normalised (phones in E.164; how a channel names who writes).

    After the day ``valid_until`` nobody is known or reached by it any more; it stays to be read.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=PointKind)
    value = models.CharField(max_length=200)
    label = models.CharField(max_length=8, choices=PointLabel, blank=True)
    main = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True)
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


class LifeEvent(models.Model):
    """Something in a customer's life with the firm (R-02H-5.2): entered by hand on form F-14 (``answer``), or known to Kefu (``Life``).

    ``number`` names what it is about: a contract, another file. ``cause`` is what Kefu knows it from; by that it is found again.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="life", db_index=False)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    number = models.CharField(max_length=40, blank=True)
    answer = models.OneToOneField(FormAnswer, models.CASCADE, null=True, related_name="+")
    cause = models.CharField(max_length=60, blank=True)

    personal: ClassVar[dict[str, str]] = {"kind": "plain", "number": "plain", "cause": "plain"}

    class Meta:
        verbose_name = _("life event of a customer")
        indexes = [models.Index(fields=["customer", "at", "id"])]
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "cause"], condition=~Q(cause=""), name="customers_life_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Tag(models.Model):
    """A mark on a customer: a code of the list ``customer_tags``."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tags", db_index=False)
    code = models.CharField(max_length=60)

    personal: ClassVar[dict[str, str]] = {"code": "plain"}

    class Meta:
        verbose_name = _("tag of a customer")
        constraints = [models.UniqueConstraint(fields=["customer", "code"], name="customers_tag_once")]
        indexes = [models.Index(fields=["code", "-customer"], name="customers_tagged")]

    def __str__(self) -> str:
        return self.code


class Likeness(models.Model):
    """Two files that may be of one customer, the older one first; open until a person has decided."""

    one = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    ground = models.CharField(max_length=8, choices=Ground)
    found_at = models.DateTimeField(default=moment.now)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("likeness of customers")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="customers_alike_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="customers_alike_in_order"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(settled_at=None), name="customers_alike_open")]

    def __str__(self) -> str:
        return f"{self.one_id} ~ {self.other_id}"


class Merge(models.Model):
    """One file became part of another. ``moved`` (ids by model and column), ``points`` and ``filled`` say what belonged to it, so that
    they can be parted again.
    """

    kept = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    reason = models.CharField(max_length=200, blank=True)
    moved = models.JSONField(default=dict)
    points = models.JSONField(default=dict)
    filled = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {"reason": "free", "moved": "plain", "points": "free", "filled": "free"}

    class Meta:
        verbose_name = _("merge of customers")
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="customers_gone_once"),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="customers_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} -> {self.kept_id}"


class Consent(models.Model):
    """The customer agreed or objected to be reached for a purpose, by one way or by all (""). The last word counts."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose)
    channel = models.CharField(max_length=8, choices=ReachedBy, blank=True)
    given = models.BooleanField()
    way = models.CharField(max_length=8, choices=ConsentWay)
    evidence = models.CharField(max_length=300)
    at = models.DateTimeField(default=moment.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {"evidence": "free"}

    class Meta:
        verbose_name = _("consent")
        constraints = [models.CheckConstraint(condition=Q(purpose__in=["survey", "marketing"]), name="customers_consent_purpose")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.purpose} {self.given}"
