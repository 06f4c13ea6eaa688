"""Reads about knowledge."""

from __future__ import annotations

from datetime import date
from difflib import unified_diff
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from kefu.engines.search import queries as search
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.touch.knowledge.choices import Reach, State, Verdict
from kefu.touch.knowledge.models import Article, ArticleVersion, Remark, Use

KIND = "article"
SEE, WRITE, APPROVE = "knowledge.see", "knowledge.write", "knowledge.approve"
LEAST = 0.25
ROW = (
    "subject_id",
    "subject__number",
    "domain",
    "reach",
    "reason",
    "state",
    "newest",
    "in_force",
    "valid_from",
    "valid_until",
    "changed_at",
)


def today() -> date:
    return timezone.localtime(moment.now()).date()


def _holds() -> Q:
    at = today()
    return Q(in_force__gt=0, valid_from__lte=at, valid_until__gte=at)


def visible_to(actor: Actor) -> QuerySet[Article]:
    """Readers: what is approved and in force today (R-03-3.2.2). Who writes or approves: everything. Others: nothing."""
    if actor.id is None or actor.can(WRITE) or actor.can(APPROVE):
        return Article.objects.all()
    return Article.objects.filter(_holds()) if actor.can(SEE) else Article.objects.none()


def in_public() -> QuerySet[Article]:
    """What the public help pages show: public, approved, in force today."""
    return Article.objects.filter(_holds(), reach=Reach.PUBLIC)


def in_force() -> QuerySet[Article]:
    """What everybody who reads knowledge may be shown today."""
    return Article.objects.filter(_holds())


def get(actor: Actor, article_id: int) -> Article:
    """Raises ``NotFound`` for a hidden article."""
    found = visible_to(actor).select_related("subject").filter(pk=article_id).first()
    if found is None:
        raise NotFound()
    return found


def texts(wanted: QuerySet[Article], *, newest: bool = False) -> QuerySet[Article, dict[str, Any]]:
    """Rows with the text that is read (or the newest one)."""
    number = F("newest") if newest else F("in_force")
    rows = wanted.filter(versions__number=number)
    shown: QuerySet[Article, dict[str, Any]] = rows.values(
        *ROW, title=F("versions__title"), body=F("versions__body"), source=F("versions__source")
    )
    return shown


def rows(
    actor: Actor, *, domain: str = "", state: str = "", reason: str = "", cursor: str | None = None, size: int = 50
) -> Page[dict[str, Any]]:
    """One page of articles by their newest text, the latest made first."""
    query = visible_to(actor)
    for name, value in (("domain", domain), ("state", state), ("reason", reason)):
        if value:
            query = query.filter(**{name: value})
    shows_drafts = actor.can(WRITE) or actor.can(APPROVE)
    listed = texts(after(query, keys=("-subject_id",), cursor=cursor), newest=shows_drafts)[: size + 1]
    return cut([dict(row) for row in listed], size=size, key=lambda row: [row["subject_id"]])


def found(wanted: QuerySet[Article], question: str, *, limit: int = 10) -> list[dict[str, Any]]:
    """The articles among ``wanted`` that answer a question, best first."""
    hits = search.best(
        text=question[:500],
        kinds=[KIND],
        limit=limit,
        least=LEAST,
        seen=lambda ids: set(wanted.filter(pk__in=ids).values_list("pk", flat=True)),
    )
    by_id = {row["subject_id"]: dict(row) for row in texts(wanted.filter(pk__in=[pk for pk, _score in hits]))}
    return [by_id[pk] for pk, _score in hits if pk in by_id]


def version(article: Article, number: int) -> ArticleVersion:
    found = ArticleVersion.objects.filter(article=article, number=number).select_related("written_by", "approved_by").first()
    if found is None:
        raise NotFound()
    return found


class Step(NamedTuple):
    """One version and what it changed: lines that begin with "+", "-" or a blank."""

    version: ArticleVersion
    lines: list[str]


def steps(article: Article) -> list[Step]:
    """All versions, newest first, each with its differences from the one before."""
    made = list(article.versions.select_related("written_by", "approved_by").order_by("number"))
    told = [[one.title, *one.body.splitlines()] for one in made]
    changed = [list(unified_diff(old, new, lineterm="", n=1))[2:] for old, new in zip([[], *told], told, strict=False)]
    return [Step(one, [line for line in lines if not line.startswith("@@")]) for one, lines in zip(made, changed, strict=True)][::-1]


def open_remarks(article_id: int) -> list[dict[str, Any]]:
    rows = Remark.objects.filter(article_id=article_id, settled_at=None).order_by("id")
    return [dict(row) for row in rows.values("id", "text", "version", "at", "by__name", "by__number")]


def figures(article_id: int) -> dict[str, int]:
    """How often an article was cited, helped, or did not help."""
    counted = Use.objects.filter(article_id=article_id).order_by().values_list("verdict").annotate(Count("id"))
    return {verdict.value: 0 for verdict in Verdict} | dict(counted)


def waiting(actor: Actor) -> int:
    """How many articles wait to be approved by this person, at most 100."""
    if not actor.can(APPROVE):
        return 0
    return len(Article.objects.filter(state=State.SUBMITTED).exclude(subject__owner_id=actor.id).values_list("pk")[:100])
