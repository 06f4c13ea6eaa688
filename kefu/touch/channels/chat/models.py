"""Widgets on web sites, the visitors who chat there, and what they thought of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.fields import EncryptedTextField
from kefu.kit import moment
from kefu.touch.channels.chat.choices import WORDS
from kefu.touch.conversations.models import Account, Conversation, Message
from kefu.touch.knowledge.models import ArticleVersion


class Widget(models.Model):
    """One widget, known by ``key`` in the script tag. ``sites`` are the origins ("https://www.example.com") of the pages it stands on.

    ``robot``: the robot answers first, with an article in which at least ``robot_share`` percent of the question stand, and hands over
    after ``robot_tries`` answers that did not help, or at one of ``robot_words`` (one a line). ``portal``: it stands on the centre's own
    public pages too. With ``secret`` its sites sign who is signed in there.
    """

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="widget")
    key = models.CharField(max_length=24, unique=True)
    sites = models.JSONField(default=list)
    portal = models.BooleanField(default=False)
    secret = EncryptedTextField(purpose="chat.secret", blank=True)
    greeting = models.CharField(max_length=300, blank=True)
    consent = models.CharField(max_length=500, blank=True)
    robot = models.BooleanField(default=False)
    robot_share = models.PositiveSmallIntegerField(default=25)
    robot_tries = models.PositiveSmallIntegerField(default=2)
    robot_words = models.TextField(default=WORDS, blank=True)

    personal: ClassVar[dict[str, str]] = {
        "secret": "secret",
        **dict.fromkeys(("key", "greeting", "consent", "robot_words"), "plain"),
    }

    class Meta:
        verbose_name = _("chat widget")
        constraints = [
            models.CheckConstraint(condition=Q(robot_share__gte=1, robot_share__lte=100, robot_tries__gte=1), name="chat_robot_bounds")
        ]

    def __str__(self) -> str:
        return self.key


class Visitor(models.Model):
    """One browser that chats. ``key`` stands signed in its token; ``conversation`` is the talk it goes on with. ``read_id`` is the last
    turn that it showed to its visitor, ``seen_id`` the last of its own that an agent had before him. Of one whom a site has
    signed (``routing``) its own ``number`` of him is known, and what else it said."""

    widget = models.ForeignKey(Widget, models.PROTECT, related_name="visitors")
    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=40, blank=True)
    number = models.CharField(max_length=64, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    conversation = models.ForeignKey(Conversation, models.PROTECT, null=True, related_name="+")
    read_id = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)
    agreed_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {
        "key": "plain", "name": "name", "number": "plain", "phone": "phone", "email": "email", "origin": "plain",
    }  # fmt: skip

    class Meta:
        verbose_name = _("chat visitor")
        constraints = [models.UniqueConstraint(fields=["widget", "number"], condition=~Q(number=""), name="chat_visitor_once")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Rating(models.Model):
    """What the visitor thought of a conversation: 1 to 5 stars and a word. The last one given counts."""

    conversation = models.OneToOneField(Conversation, models.PROTECT, primary_key=True, related_name="rating")
    stars = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"text": "free"}

    class Meta:
        verbose_name = _("rating of a chat")
        constraints = [models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="chat_stars")]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.stars}"


class RobotAnswer(models.Model):
    """What the robot said to a question: the approved text it answered with, or none. ``helped`` is the visitor's word on it."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="robot_answer")
    version = models.ForeignKey(ArticleVersion, models.PROTECT, null=True, related_name="+")
    helped = models.BooleanField(null=True)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("answer of the robot")

    def __str__(self) -> str:
        return f"{self.message_id}: {self.version_id}"
