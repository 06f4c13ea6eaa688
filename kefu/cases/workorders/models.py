"""Order types, dispatch rules, orders and what hangs on them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.cases.workorders.choices import CallbackRule, RequestKind, State, TypeKind, Urgency, Verdict
from kefu.kit import moment
from kefu.people.models import Unit
from kefu.timeline.models import Subject
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.customers.models import Customer


class OrderType(models.Model):
    """A node of the tree of business types (业务类型, R-02C-2b). ``path`` joins the codes from the top: ``repair/private/water``."""

    code = models.CharField(max_length=60, unique=True)
    path = models.CharField(max_length=240, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=12, choices=TypeKind)
    form = models.CharField(max_length=40, blank=True)
    paid = models.BooleanField(default=False)
    default_unit = models.CharField(max_length=40, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.NORMAL)
    callback = models.CharField(max_length=8, choices=CallbackRule, default=CallbackRule.SAMPLE)
    active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    clauses = models.JSONField(default=list)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("order type")

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """A base price told before paid work (R-04-1.5). A changed price is a new row, so that a quote keeps its version."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    unit_name = models.CharField(max_length=20, blank=True)
    base_price = models.DecimalField(max_digits=10, decimal_places=2)
    note = models.CharField(max_length=200, blank=True)
    order_type = models.CharField(max_length=60, blank=True)
    valid_from = models.DateTimeField(default=moment.now)
    valid_to = models.DateTimeField(null=True, blank=True)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("price")
        constraints = [models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="workorders_one_price_in_force")]

    def __str__(self) -> str:
        return self.name


class DispatchRule(models.Model):
    """Which unit an order goes to. Rules are asked by position; the first position with exactly one match dispatches at once."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    position = models.PositiveIntegerField(default=100)
    condition = models.JSONField(default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    clauses = models.JSONField(default=list)
    pack = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("dispatch rule")

    def __str__(self) -> str:
        return self.name


class WorkOrder(models.Model):
    """The case that a unit must handle (工单). Number, title, owner and unit path stand on its subject.

    ``region`` (city, rural, remote: list ``region_classes``) is what the dispatch form says, else what the customer file says.
    """

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="workorder")
    type = models.ForeignKey(OrderType, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.NORMAL)
    channel = models.CharField(max_length=12, choices=Channel)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="orders")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="orders")
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=10, blank=True)
    content = models.TextField(max_length=20_000)
    wishes = models.CharField(max_length=500, blank=True)
    appointment_at = models.DateTimeField(null=True)
    outside_number = models.CharField(max_length=60, blank=True)
    tracking_code = models.CharField(max_length=24, blank=True)
    quote = models.JSONField(null=True)

    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ruled = models.BooleanField(default=False)
    returned = models.BooleanField(default=False)
    extended = models.BooleanField(default=False)
    redo_round = models.PositiveSmallIntegerField(default=0)

    accepted_at = models.DateTimeField(default=moment.now)
    dispatched_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    result = models.TextField(max_length=20_000, blank=True)
    satisfaction = models.CharField(max_length=16, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "name": "name",
        "phone": "phone",
        "address": "address",
        "content": "free",
        "wishes": "free",
        "result": "free",
        "outside_number": "plain",
        "satisfaction": "plain",
        "seal": "plain",
        "tracking_code": "plain",
        "region": "plain",
    }

    class Meta:
        verbose_name = _("work order")
        indexes = [
            models.Index(fields=["state", "subject"]),
            models.Index(fields=["unit", "state", "subject"]),
            models.Index(fields=["handler", "state", "subject"]),
            models.Index(fields=["customer", "accepted_at"]),
            models.Index(fields=["type", "accepted_at"]),
            models.Index(fields=["accepted_at"]),
            models.Index(fields=["completed_at"]),
            models.Index(fields=["phone", "subject"]),
            models.Index(fields=["accepted_at"], condition=Q(returned=True), name="workorders_returned"),
            models.Index(fields=["completed_at"], condition=Q(redo_round__gt=0), name="workorders_redone"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="workorders_state_known"),
            models.CheckConstraint(condition=Q(state__in=[State.NEW, State.VOID]) | Q(unit__isnull=False), name="workorders_unit_set"),
            models.CheckConstraint(
                condition=~Q(state__in=[State.WORKING, State.SUSPENDED, State.COMPLETED]) | Q(handler__isnull=False),
                name="workorders_owner_set",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.COMPLETED, State.CLOSED, State.ARCHIVED]) | Q(completed_at__isnull=False),
                name="workorders_completed_when",
            ),
            models.CheckConstraint(condition=~Q(state=State.ARCHIVED) | ~Q(seal=""), name="workorders_sealed"),
            models.UniqueConstraint(fields=["tracking_code"], condition=~Q(tracking_code=""), name="workorders_tracking_once"),
            models.UniqueConstraint(fields=["channel", "outside_number"], condition=~Q(outside_number=""), name="workorders_outside_once"),
        ]

    def __str__(self) -> str:
        return f"order {self.subject_id}"


class OrderReturn(models.Model):
    """The one return of an order to the dispatcher (退单), with a coded reason. The second is impossible (R-02C-6.1)."""

    order = models.OneToOneField(WorkOrder, models.PROTECT, related_name="return_slip")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"reason": "plain", "text": "free"}

    class Meta:
        verbose_name = _("return")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.reason}"


class OrderRequest(models.Model):
    """A handler asks for more time (延期) or for the clock to stop for the customer's sake (挂起, R-02C-6.2); somebody else decides."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, choices=RequestKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500)
    until = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=moment.now)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.PENDING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"evidence": "free", "reason": "plain", "remark": "free", "text": "free"}

    class Meta:
        verbose_name = _("request")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(verdict=Verdict.PENDING), name="workorders_one_pending_request"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind=RequestKind.EXTENSION, verdict=Verdict.GRANTED), name="workorders_one_extension"
            ),
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=models.F("by")), name="workorders_other_decides"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.kind}"


OPEN_HELP = Q(replied_at=None, withdrawn_at=None)


class OrderHelp(models.Model):
    """A helping unit's part (协办). The owner stays the owner; the part ends by the reply, or by withdrawing what was asked."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="helps")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    demand = models.CharField(max_length=500)
    at = models.DateTimeField(default=moment.now)
    reply = models.CharField(max_length=2000, blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"demand": "free", "reply": "free", "withdrawn_reason": "free"}

    class Meta:
        verbose_name = _("help of another unit")
        constraints = [
            models.UniqueConstraint(fields=["order", "unit"], condition=OPEN_HELP, name="workorders_one_open_help"),
            models.CheckConstraint(condition=Q(replied_at=None) | Q(withdrawn_at=None), name="workorders_help_ends_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.unit_id}"
