"""The judge of articles."""

from __future__ import annotations

from kefu.people.actor import Actor
from kefu.touch.knowledge import queries
from kefu.touch.knowledge.choices import MOVES, Who
from kefu.touch.knowledge.models import Article, ArticleVersion


def _is(actor: Actor, who: Who, article: Article, writer_id: int | None) -> bool:
    if who == Who.READER:
        return actor.can(queries.SEE)
    if who == Who.WRITER:
        return actor.can(queries.WRITE)
    # Nobody approves what is the own article or was written by the own hand.
    return actor.can(queries.APPROVE) and actor.id is not None and actor.id not in (article.subject.owner_id, writer_id)


def allowed(actor: Actor, article: Article) -> set[str]:
    """The commands a person may give to an article now."""
    writer = ArticleVersion.objects.filter(article=article, number=article.newest).values_list("written_by_id", flat=True).first()
    may = {
        name
        for name, move in MOVES.items()
        if article.state in move.states and (article.in_force or not move.in_force) and _is(actor, move.who, article, writer)
    }
    return may if "settle" not in may or queries.open_remarks(article.pk) else may - {"settle"}
