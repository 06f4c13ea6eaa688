"""Units, staff, posts."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.people.choices import Scope, Theme, UnitKind
from kefu.timeline.models import Subject


class Unit(models.Model):
    """A node of the organisation tree. ``path`` is its line of ancestors (paths.py)."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=12, choices=UnitKind, default=UnitKind.DEPARTMENT)
    path = models.CharField(max_length=120, unique=True)
    head = models.ForeignKey("Staff", models.SET_NULL, null=True, blank=True, related_name="heads")
    takes_orders = models.BooleanField(default=True)
    bound = models.BooleanField(default=True, help_text="The regulations bind this unit; otherwise it may follow them (R-02C-3).")
    active = models.BooleanField(default=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("unit")

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """A person of the centre. ``number`` is the agent number (工号) that is told to callers (R-04-1.3).

    ``subject`` carries the history of the account; it is made at the first event. A session holds only while it carries
    ``sign_in_version``, so raising that signs the person out everywhere.
    """

    username = models.CharField(max_length=60, unique=True)
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="staff")
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    totp_secret = models.CharField(max_length=255, blank=True)
    totp_since = models.DateTimeField(null=True, blank=True)
    totp_last_step = models.BigIntegerField(default=0)
    sign_in_version = models.PositiveIntegerField(default=0)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    unlocked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=moment.now)
    subject = models.OneToOneField(Subject, models.PROTECT, null=True, blank=True, related_name="account")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    personal: ClassVar[dict[str, str]] = {
        "username": "plain",
        "number": "plain",
        "name": "plain",
        "phone": "phone",
        "email": "email",
        "language": "plain",
        "password": "secret",
        "totp_secret": "secret",
    }

    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        verbose_name = _("staff member")

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_short_name(self) -> str:
        return self.name


class Post(models.Model):
    """A post (岗位) with its rights. ``alias`` is what this site calls it (conflict C-17)."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    alias = models.CharField(max_length=60, blank=True)
    rights = models.JSONField(default=list)
    scope = models.CharField(max_length=6, choices=Scope, default=Scope.UNIT)
    clauses = models.JSONField(default=list)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("post")

    def __str__(self) -> str:
        return self.alias or self.name


class Holding(models.Model):
    """A person holds a post in a unit, for a time."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="holdings")
    since = models.DateTimeField(default=moment.now)
    until = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("holding of a post")
        constraints = [
            models.UniqueConstraint(fields=["staff", "post", "unit"], condition=Q(until=None), name="people_holding_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=models.F("since")), name="people_holding_span"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}: {self.post_id} @ {self.unit_id}"


class Deputy(models.Model):
    """While it runs, ``deputy`` receives what is addressed to ``staff``."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(Staff, models.CASCADE, related_name="stands_in_for")
    since = models.DateTimeField()
    until = models.DateTimeField()

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("deputy")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="people_deputy_span"),
            models.CheckConstraint(condition=~Q(staff=models.F("deputy")), name="people_deputy_other"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.staff_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the second step once, when the phone is lost; only its hash is kept."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("recovery code")
        constraints = [models.UniqueConstraint(fields=["staff", "digest"], name="people_recovery_once")]

    def __str__(self) -> str:
        return f"{self.staff_id}"


class ApiToken(models.Model):
    """A key for another system; only its hash is kept. ``rights`` narrows what its owner may do."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(default=moment.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("API token")

    def __str__(self) -> str:
        return self.name


class SignInTry(models.Model):
    """One try to sign in, for the lockout and the audit."""

    username = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(default=moment.now)
    good = models.BooleanField()

    personal: ClassVar[dict[str, str]] = {"username": "plain"}

    class Meta:
        verbose_name = _("sign-in try")
        indexes = [models.Index(fields=["username", "at"]), models.Index(fields=["address", "at"])]

    def __str__(self) -> str:
        return f"{self.username} {self.at}"
