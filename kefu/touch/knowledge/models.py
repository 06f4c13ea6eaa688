"""Articles, their versions, what readers found wrong, and how they were used."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment
from kefu.people.models import Post
from kefu.timeline.models import Subject
from kefu.touch.knowledge.choices import Domain, Place, Reach, Stand, State, Verdict


class Article(models.Model):
    """One article. Its owner is the subject's owner; ``state`` is that of the newest version, ``in_force`` the number of the one that is
    read (0: none), so that an article can be rewritten while its approved text goes on to hold.

    ``reason`` is a code of the list ``complaint_invalid_reasons``: an explanation card belongs to one. ``category`` is a code of the list
    ``knowledge_categories``, which an administrator keeps. The subject of what not everybody may read is a secret one.
    """

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="article")
    domain = models.CharField(max_length=12, choices=Domain)
    reach = models.CharField(max_length=8, choices=Reach, default=Reach.STAFF)
    reason = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    newest = models.PositiveIntegerField(default=1)
    in_force = models.PositiveIntegerField(default=0)
    valid_from = models.DateField()
    valid_until = models.DateField()
    changed_at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"reason": "plain", "category": "plain"}

    class Meta:
        verbose_name = _("article")
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="knowledge_span"),
            models.CheckConstraint(condition=Q(in_force__lte=F("newest")), name="knowledge_in_force"),
            models.CheckConstraint(condition=~Q(state=State.WITHDRAWN) | Q(in_force=0), name="knowledge_withdrawn"),
            models.CheckConstraint(condition=~Q(domain=Domain.EXPLANATION) | ~Q(reason=""), name="knowledge_reason"),
        ]
        indexes = [
            models.Index(fields=["domain", "subject"]),
            models.Index(fields=["category", "subject"]),
            models.Index(fields=["subject"], condition=Q(state=State.SUBMITTED), name="knowledge_submitted"),
        ]

    def __str__(self) -> str:
        return str(self.subject_id)


class Readership(models.Model):
    """Who holds this post may read an article that is for certain posts only."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="readers")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("readers of an article")
        constraints = [models.UniqueConstraint(fields=["article", "post"], name="knowledge_post_once")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.post_id}"


class ArticleVersion(models.Model):
    """One text of an article, with who wrote and who approved it. An approved one is never changed.

    ``about`` is what the article shall be once this version is approved: domain, category, readers, reason, dates. ``files`` are the ids
    of what is attached to this text.
    """

    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=20_000)
    source = models.CharField(max_length=200, blank=True)
    about = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=moment.now)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"title": "plain", "body": "plain", "source": "plain", "about": "plain", "files": "plain"}

    class Meta:
        verbose_name = _("version of an article")
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="knowledge_version_once"),
            models.CheckConstraint(condition=Q(approved_by=None) | ~Q(approved_by=F("written_by")), name="knowledge_two_persons"),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class Remark(models.Model):
    """A reader says that an article is out of date or wrong; open until the owner has answered."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="remarks")
    version = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)
    settled_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)

    personal: ClassVar[dict[str, str]] = {"text": "free", "answer": "free"}

    class Meta:
        verbose_name = _("remark on an article")

    def __str__(self) -> str:
        return self.text[:40]


class Use(models.Model):
    """An answer cited a version, or a reader judged it."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="uses")
    version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("use of an article")
        indexes = [models.Index(fields=["article", "verdict"]), models.Index(fields=["at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "version", "by"], condition=~Q(verdict=Verdict.CITED), name="knowledge_one_judgement"
            )
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.verdict}"


class Reading(models.Model):
    """How often a version was opened, and offered beside the work of who answers."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    opened = models.PositiveBigIntegerField(default=0)
    offered = models.PositiveBigIntegerField(default=0)

    personal: ClassVar[dict[str, str]] = {}

    class Meta:
        verbose_name = _("readings of an article")
        constraints = [models.UniqueConstraint(fields=["article", "version"], name="knowledge_reading_once")]

    def __str__(self) -> str:
        return f"{self.article_id} v{self.version}"


class Topic(models.Model):
    """Questions that ask the same and found no answer. ``text`` is the commonest of them, with long numbers hidden.

    An article was drafted for it (``article``), or somebody decided that none is needed (``reason``); until then it is open. ``near`` is
    what knowledge had that came nearest when it was first asked.
    """

    text = models.CharField(max_length=200, blank=True)
    first_on = models.DateField()
    last_on = models.DateField()
    near = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="drafted_for")
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    personal: ClassVar[dict[str, str]] = {"text": "free", "reason": "plain"}

    class Meta:
        verbose_name = _("unanswered question")
        constraints = [
            models.CheckConstraint(condition=Q(article=None) | Q(reason=""), name="knowledge_one_decision"),
            models.CheckConstraint(
                condition=Q(decided_at=None, article=None, reason="") | Q(decided_at__isnull=False), name="knowledge_decided"
            ),
        ]
        indexes = [models.Index(fields=["last_on"])]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def stand(self) -> Stand:
        """What became of it; a withdrawn article leaves it open again."""
        if self.article is not None and self.article.state != State.WITHDRAWN:
            return Stand.PUBLISHED if self.article.in_force else Stand.DRAFTED
        return Stand.DISMISSED if self.reason else Stand.OPEN


class Question(models.Model):
    """One question of a day that found no answer. ``subject`` is the talk it was asked in, ``times`` how often it was looked for."""

    topic = models.ForeignKey(Topic, models.PROTECT, related_name="questions")
    day = models.DateField()
    at = models.DateTimeField()
    source = models.CharField(max_length=20)
    text = models.CharField(max_length=200, blank=True)
    times = models.PositiveIntegerField(default=1)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")

    personal: ClassVar[dict[str, str]] = {"source": "plain", "text": "free"}

    class Meta:
        verbose_name = _("question of a day")
        constraints = [models.UniqueConstraint(fields=["topic", "day", "subject"], name="knowledge_asked_once")]
        indexes = [models.Index(fields=["day", "topic"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.text[:40]


class Missed(models.Model):
    """What was looked for in vain on one day; it goes into the list of that day and ends there."""

    day = models.DateField()
    place = models.CharField(max_length=8, choices=Place)
    text = models.CharField(max_length=200)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=moment.now)

    personal: ClassVar[dict[str, str]] = {"text": "free"}

    class Meta:
        verbose_name = _("search in vain")
        constraints = [models.UniqueConstraint(fields=["day", "place", "text"], name="knowledge_missed_once")]

    def __str__(self) -> str:
        return self.text[:40]
