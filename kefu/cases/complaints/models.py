"""Complaints, what is done about them, and the management-review list."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.cases.complaints.choices import Action, ClosingWay, Effect, Fault, Severity, Stand, State, Validity
from kefu.cases.workorders.models import WorkOrder
from kefu.kit import moment
from kefu.people.models import Unit
from kefu.timeline.models import Subject
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.customers.models import Customer

PERSON = settings.AUTH_USER_MODEL


class Complaint(models.Model):
    """One complaint (投诉). Subject type, severity and validity are independent of each other (conflict C-2)."""

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="complaint")
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    channel = models.CharField(max_length=12, choices=Channel)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="complaints")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="complaints")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="complaints")
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    content = models.TextField(max_length=20_000)
    demand = models.TextField(max_length=2000, blank=True)
    evidence = models.TextField(max_length=2000, blank=True)

    receiver = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    heard_at = models.DateTimeField(default=moment.now)
    accepted_at = models.DateTimeField(default=moment.now)
    first_handling = models.CharField(max_length=500, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    against = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    subject_type = models.CharField(max_length=40, blank=True)
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    severity_tests = models.JSONField(default=list)
    other_units = models.BooleanField(default=False)
    system_defect = models.BooleanField(default=False)
    classed_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    interim_at = models.DateTimeField(null=True)

    validity = models.CharField(max_length=8, choices=Validity, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    basis = models.TextField(max_length=2000, blank=True)
    judged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    explanation = models.TextField(max_length=2000, blank=True)
    explained_at = models.DateTimeField(null=True)
    analysis = models.TextField(max_length=5000, blank=True)
    responsible = models.CharField(max_length=200, blank=True)
    analysed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    analysed_at = models.DateTimeField(null=True)
    visit_waived = models.CharField(max_length=500, blank=True)

    closing_way = models.CharField(max_length=12, choices=ClosingWay, blank=True)
    result = models.TextField(max_length=5000, blank=True)
    staff_action = models.CharField(max_length=10, choices=Action, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    satisfaction = models.CharField(max_length=16, blank=True)
    closed_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=64, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "name": "name", "phone": "phone", "address": "address", "content": "free", "demand": "free", "evidence": "free",
        "explanation": "free", "analysis": "free", "result": "free", "first_handling": "free", "basis": "free", "responsible": "free",
        "visit_waived": "free", "reason": "plain", "satisfaction": "plain", "seal": "plain", "subject_type": "plain"}  # fmt: skip

    class Meta:
        verbose_name = _("complaint")
        indexes = [
            models.Index(fields=["state", "subject"]),
            models.Index(fields=["accepted_at"]),
            models.Index(fields=["customer", "accepted_at"]),
            models.Index(fields=["phone", "accepted_at"]),
            models.Index(fields=["closed_at"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="complaints_state_known"),
            models.CheckConstraint(condition=Q(validity="") | Q(judged_at__isnull=False), name="complaints_judged_when"),
            models.CheckConstraint(condition=Q(judged_by=None) | Q(against=None) | ~Q(judged_by=F("against")), name="complaints_recusal"),
            models.CheckConstraint(condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("judged_by")), name="complaints_second_person"),
            models.CheckConstraint(condition=Q(state__in=[State.RECEIVED, State.WITHDRAWN]) | ~Q(severity=""), name="complaints_classed"),
            models.CheckConstraint(condition=~Q(state=State.ARCHIVED) | ~Q(seal=""), name="complaints_sealed"),
        ]

    def __str__(self) -> str:
        return f"complaint {self.subject_id}"


class Measure(models.Model):
    """A corrective measure (纠正措施) with owner and due date, and the check that it held."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="measures")
    text = models.CharField(max_length=1000)
    owner = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    due = models.DateField()
    added_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=moment.now)
    done_at = models.DateTimeField(null=True)
    done_note = models.CharField(max_length=1000, blank=True)
    effect = models.CharField(max_length=12, choices=Effect, default=Effect.OPEN)
    check_note = models.CharField(max_length=1000, blank=True)
    checked_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"check_note": "free", "done_note": "free", "text": "free"}

    class Meta:
        verbose_name = _("corrective measure")
        constraints = [
            models.CheckConstraint(condition=Q(effect=Effect.OPEN) | Q(checked_at__isnull=False), name="complaints_measure_checked")
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Liability(models.Model):
    """Somebody is held responsible (责任追究): for what the analysis found (R-04-3.7.2b), or for undue delay (R-04-3.7.6), then with the
    chain of who held the case how long. A penalty is proposed only after his word."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="liabilities")
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    fault = models.CharField(max_length=8, choices=Fault)
    ground = models.CharField(max_length=1000)
    chain = models.JSONField(default=list)
    opened_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=moment.now)
    stand = models.CharField(max_length=10, choices=Stand, default=Stand.ASKED)
    statement = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    action = models.CharField(max_length=10, choices=Action, blank=True)
    clause = models.CharField(max_length=200, blank=True)
    amount = models.CharField(max_length=60, blank=True)
    decision = models.CharField(max_length=1000, blank=True)
    approved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {
        "ground": "free", "statement": "free", "decision": "free", "clause": "plain", "amount": "plain"}  # fmt: skip

    class Meta:
        verbose_name = _("responsibility")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "person", "fault"], name="complaints_liable_once"),
            models.CheckConstraint(
                condition=~Q(action=Action.PENALTY) | (~Q(stand=Stand.ASKED) & ~Q(clause="") & ~Q(amount="")),
                name="complaints_penalty_heard",
            ),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("person")), name="complaints_not_his_own_judge"),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.person_id}"


class SiteVisit(models.Model):
    """The manager views the site of a grave complaint with those concerned (R-04-3.6.6b)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="visits")
    at = models.DateTimeField()
    attendees = models.CharField(max_length=300)
    findings = models.TextField(max_length=5000)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")

    personal: ClassVar[dict[str, str]] = {"attendees": "free", "findings": "free"}

    class Meta:
        verbose_name = _("site visit")

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.at}"


class Involved(models.Model):
    """A department or person that was contacted about a complaint, and when (R-04-3.5.2)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="involved")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    remark = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=moment.now)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")

    personal: ClassVar[dict[str, str]] = {"remark": "free"}

    class Meta:
        verbose_name = _("involved department")

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.unit_id or self.person_id}"


class ManagementReview(models.Model):
    """The management-review list (管理评审): a complaint from a defect of the system stands here before it may close (R-04-3.6.2f)."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="review_entry")
    defect = models.CharField(max_length=1000)
    entered_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=moment.now)
    reviewed_on = models.DateField(null=True)
    decision = models.CharField(max_length=1000, blank=True)

    personal: ClassVar[dict[str, str]] = {"decision": "free", "defect": "free"}

    class Meta:
        verbose_name = _("management review")

    def __str__(self) -> str:
        return self.defect[:40]
