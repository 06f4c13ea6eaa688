"""Ways in, conversations and their messages."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.models import StoredFile
from kefu.kit import moment
from kefu.people.models import Unit
from kefu.touch.contacts.choices import Channel
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations.choices import Auto, Delivery, Direction, Health, Role, State


class Account(models.Model):
    """One way in of a channel: a mailbox, a number, a widget. What arrives there belongs to ``unit``.

    ``address`` is what customers write to. ``health`` says how the last try to reach it went, ``trouble`` why it failed.
    """

    channel = models.CharField(max_length=12, choices=Channel)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=254)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    health = models.CharField(max_length=8, choices=Health, default=Health.UNKNOWN)
    trouble = models.CharField(max_length=500, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)

    personal: ClassVar[dict[str, str]] = {"name": "plain", "address": "plain", "trouble": "plain"}

    class Meta:
        verbose_name = _("way in")
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="conversations_account_once")]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """A written contact with turns (decision 0017). Who has it is the contact's agent, who may see it the contact's subject.

    ``thread`` is the word by which an answer finds its conversation. ``follows`` is the closed one that this goes on from. ``robot``: a
    robot met the customer first; ``handed_at`` is when it handed over to people. ``came_from`` is who had it before a colleague gave it, or
    a lead took it, to who has it now.
    """

    contact = models.OneToOneField(Contact, models.PROTECT, primary_key=True, related_name="conversation")
    account = models.ForeignKey(Account, models.PROTECT, related_name="conversations", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    thread = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=254)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    last_at = models.DateTimeField(default=moment.now)
    last_in_at = models.DateTimeField(null=True)
    last_out_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    wrap_up = models.CharField(max_length=40, blank=True)
    robot = models.BooleanField(default=False)
    handed_at = models.DateTimeField(null=True)
    came_from = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    personal: ClassVar[dict[str, str]] = {"title": "free", "address": "email", "thread": "plain", "wrap_up": "plain"}

    class Meta:
        verbose_name = _("conversation")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="conversations_state"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False) & ~Q(wrap_up="") | ~Q(state=State.CLOSED) & Q(closed_at=None),
                name="conversations_closed_why",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "last_at", "contact"]),
            models.Index(fields=["last_at", "contact"]),
            models.Index(fields=["last_at", "contact"], condition=Q(closed_at=None), name="conversations_running"),
            models.Index(fields=["address", "last_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.thread} {self.title}"


class Message(models.Model):
    """One turn, or a note beside it. ``reply`` is the new text of ``text``; ``html`` is harmless HTML.

    ``foreign_id`` is what the channel calls it; the same one twice on one account is stored once. ``sender`` is who wrote it, as the
    channel names him. An outgoing one has an author (unless the robot wrote it) and a delivery state, with ``trouble`` when it did not
    arrive; on an incoming one ``trouble`` names what was not kept.
    """

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=4, choices=Direction)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=moment.now)
    sender = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    reply = models.TextField(blank=True)
    foreign_id = models.CharField(max_length=255, null=True, blank=True)
    auto = models.CharField(max_length=10, choices=Auto, default=Auto.NONE, blank=True)
    delivery = models.CharField(max_length=8, choices=Delivery, default=Delivery.NONE, blank=True)
    trouble = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "sender": "email",
        "text": "free",
        "html": "free",
        "reply": "free",
        "foreign_id": "plain",
        "trouble": "free",
    }

    class Meta:
        verbose_name = _("message")
        constraints = [
            models.UniqueConstraint(fields=["account", "foreign_id"], name="conversations_delivered_once"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="conversations_direction"),
            models.CheckConstraint(
                condition=Q(direction=Direction.OUT) & ~Q(delivery=Delivery.NONE) | ~Q(direction=Direction.OUT) & Q(delivery=Delivery.NONE),
                name="conversations_out_is_delivered",
            ),
            models.CheckConstraint(
                condition=Q(direction=Direction.IN) | Q(author__isnull=False) | Q(direction=Direction.OUT, auto=Auto.ROBOT),
                name="conversations_author",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"]),
            # By which a person who is forgotten is found in the letters of others; who chats writes nowhere else.
            models.Index(Lower("sender"), condition=Q(sender__contains="@"), name="conversations_sender"),
            models.Index(
                fields=["account", "delivery", "conversation"],
                condition=Q(delivery__in=[Delivery.QUEUED, Delivery.FAILED, Delivery.BOUNCED, Delivery.PARTLY]),
                name="conversations_not_there",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"


class Attachment(models.Model):
    """A file of a message. ``cid`` is the name by which the HTML of the message shows it."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    cid = models.CharField(max_length=200, blank=True)

    personal: ClassVar[dict[str, str]] = {"cid": "plain"}

    class Meta:
        verbose_name = _("attachment")
        constraints = [models.UniqueConstraint(fields=["message", "file"], name="conversations_attached_once")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.file_id}"


class Companion(models.Model):
    """Somebody beside the agent: asked for help, invited, or a lead who stepped in. In it from ``joined_at`` until ``left_at``."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="companions", db_index=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=moment.now)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("companion in a conversation")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "staff"], condition=Q(left_at=None), name="conversations_companion_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="conversations_role"),
        ]
        indexes = [
            models.Index(
                fields=["conversation"],
                condition=Q(role=Role.SUPERIOR, joined_at=None, left_at=None),
                name="conversations_help_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.staff_id}"
