"""The judge of articles."""

from __future__ import annotations

from kefu.kit.moves import given
from kefu.people.actor import Actor
from kefu.touch.knowledge import queries
from kefu.touch.knowledge.choices import IN_FORCE, MOVES, QUESTION_MOVES, Who
from kefu.touch.knowledge.models import Article, ArticleVersion, Topic


def _relations(actor: Actor, article: Article, writer_id: int | None) -> set[Who]:
    rights = ((Who.READER, queries.SEE), (Who.WRITER, queries.WRITE), (Who.APPROVER, queries.APPROVE))
    found = {who for who, right in rights if actor.can(right)}
    # Nobody approves what is the own article or was written by the own hand.
    return found - {Who.APPROVER} if actor.id in (None, article.subject.owner_id, writer_id) else found


def allowed(actor: Actor, article: Article) -> set[str]:
    """The commands a person may give to an article now."""
    writer = ArticleVersion.objects.filter(article=article, number=article.newest).values_list("written_by_id", flat=True).first()
    may = given(MOVES, article.state, _relations(actor, article, writer))
    if not article.in_force:
        may -= IN_FORCE
    if "detach" in may and not queries.version(article, article.newest).files:
        may -= {"detach"}
    return may if "settle" not in may or queries.open_remarks(article.pk) else may - {"settle"}


def allowed_topic(actor: Actor, topic: Topic) -> set[str]:
    """The commands a person may give to questions that found no answer."""
    return given(QUESTION_MOVES, topic.stand, {Who.WRITER} if actor.can(queries.WRITE) else set())
