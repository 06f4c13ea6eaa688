"""Reads about knowledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from difflib import unified_diff
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.utils import timezone

from kefu.engines.files import queries as files
from kefu.engines.search import queries as search
from kefu.kit import hot, moment
from kefu.kit.errors import NotFound
from kefu.kit.paging import Page, after, cut
from kefu.people.actor import Actor
from kefu.touch.knowledge.choices import Care, Domain, Reach, Sort, Stand, State, Verdict
from kefu.touch.knowledge.models import Article, ArticleVersion, Question, Readership, Reading, Remark, Topic, Use
from kefu.touch.knowledge.registry import question_sources

KIND, TOPIC = "article", "question"
SEE, WRITE, APPROVE = "knowledge.see", "knowledge.write", "knowledge.approve"
LEAST = 0.25
READ = {"opened": 0, "offered": 0}
EXAMPLES, RECENT = 5, timedelta(days=7)
ROW = (
    "subject_id",
    "subject__number",
    "domain",
    "reach",
    "reason",
    "category",
    "state",
    "newest",
    "in_force",
    "valid_from",
    "valid_until",
    "changed_at",
)


def today() -> date:
    return timezone.localtime(moment.now()).date()


def _holds(at: Any = None) -> Q:
    at = at or today()
    return Q(in_force__gt=0, valid_from__lte=at, valid_until__gte=at)


def visible_to(actor: Actor) -> QuerySet[Article]:
    """Readers: what is approved, in force today (R-03-3.2.2) and for one of their posts. Who writes or approves: everything."""
    if writes(actor):
        return Article.objects.all()
    return readable(actor) if actor.can(SEE) else Article.objects.none()


def writes(actor: Actor) -> bool:
    """Whether a person sees drafts and what others may not read."""
    return actor.id is None or actor.can(WRITE) or actor.can(APPROVE)


def readable(actor: Actor) -> QuerySet[Article]:
    """What answers this person's questions today: in force, and for everybody or for a post that the person holds."""
    own = Readership.objects.filter(post__code__in=sorted(actor.posts)).values("article_id")
    return holding() if writes(actor) else holding().filter(~Q(reach=Reach.POSTS) | Q(pk__in=own))


def in_public() -> QuerySet[Article]:
    """What the public help pages show: public, approved, in force today."""
    return Article.objects.filter(_holds(), reach=Reach.PUBLIC)


def in_force() -> QuerySet[Article]:
    """What everybody who reads knowledge may be shown today."""
    return holding().exclude(reach=Reach.POSTS)


def holding() -> QuerySet[Article]:
    """Everything that is in force today, whoever may read it."""
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
        *ROW, title=F("versions__title"), body=F("versions__body"), source=F("versions__source"), files=F("versions__files")
    )
    return shown


def rows(
    actor: Actor,
    *,
    domain: str = "",
    category: str = "",
    state: str = "",
    reason: str = "",
    care: str = "",
    cursor: str | None = None,
    size: int = 50,
) -> Page[dict[str, Any]]:
    """One page of articles by their newest text, the latest made first; ``care`` (choices.Care) keeps what a writer should look after."""
    query = visible_to(actor)
    if care:
        query = query.filter(_holds(), _to_look_after(care))
    for name, value in (("domain", domain), ("category", category), ("state", state), ("reason", reason)):
        if value:
            query = query.filter(**{name: value})
    listed = texts(after(query, keys=("-subject_id",), cursor=cursor), newest=writes(actor))[: size + 1]
    return cut([dict(row) for row in listed], size=size, key=lambda row: [row["subject_id"]])


def leading(actor: Actor, sort: str, *, size: int = 50, care: str = "", **within: str) -> list[dict[str, Any]]:
    """The articles in force that lead by ``sort`` (choices.Sort), one page: cited most, or found of no help more often than helpful.

    ``care`` and ``within`` (domain, category, state) narrow as for ``rows``.
    """
    uses = Use.objects.filter(article=OuterRef("pk")).order_by().values("article")
    if sort == Sort.USED:
        score = uses.filter(verdict=Verdict.CITED).annotate(of=Count("id"))
    else:
        score = uses.exclude(verdict=Verdict.CITED).annotate(of=Sum(Case(When(verdict=Verdict.USELESS, then=1), default=-1)))
    query = visible_to(actor).filter(_holds(), **{name: value for name, value in within.items() if value})
    if care:
        query = query.filter(_to_look_after(care))
    ordered = query.annotate(score=Subquery(score.values("of"))).filter(score__gt=0).order_by("-score", "-subject_id")
    return [dict(row) for row in texts(ordered)[:size]]


def _to_look_after(care: str) -> Q:
    if care == Care.OLD:
        return Q(changed_at__lt=moment.now() - timedelta(days=365))
    if care == Care.ENDING:
        return Q(valid_until__lt=today() + timedelta(days=30))
    uses = Use.objects.filter(article=OuterRef("pk"))
    if care == Care.UNUSED:
        return ~Q(Exists(uses.filter(verdict=Verdict.CITED)))
    judged = uses.exclude(verdict=Verdict.CITED).order_by().values("article")
    return Q(Exists(judged.annotate(of=Sum(Case(When(verdict=Verdict.USELESS, then=1), default=-1))).filter(of__gt=0)))


def found(wanted: QuerySet[Article], question: str, *, limit: int = 10) -> list[dict[str, Any]]:
    """The articles among ``wanted`` that answer a question, best first."""
    hits = _best(question, limit, lambda ids: wanted.filter(pk__in=ids).values_list("pk", flat=True))
    return _in_order(hits, [dict(row) for row in texts(wanted.filter(pk__in=hits))])


def answers(actor: Actor, question: str, *, limit: int = 5) -> list[dict[str, Any]]:
    """What a person who takes contacts is shown beside what is being written: ``found`` among what that person reads, at every key."""
    if not question.strip() or not actor.can(SEE):
        return []
    shape, at = (None if writes(actor) else tuple(sorted(actor.posts)),), today()
    hits = _best(question, limit, lambda ids: [row["subject_id"] for row in _may_read(*shape, today=at, ids=ids)])
    return _in_order(hits, _read(*shape, today=at, ids=hits)) if hits else []


def _best(question: str, limit: int, seen: Callable[[list[int]], Iterable[int]]) -> list[int]:
    hits = search.best(text=question[:500], kinds=[KIND], limit=limit, least=LEAST, seen=lambda ids: set(seen(ids)))
    return [pk for pk, _score in hits]


def _in_order(hits: list[int], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id = {row["subject_id"]: row for row in rows}
    return [by_id[pk] for pk in hits if pk in by_id]


def _asked_for(posts: tuple[str, ...] | None) -> QuerySet[Article]:
    """Of some ids those in force, and for the holders of these posts (None: for who may read everything)."""
    held = Article.objects.filter(_holds(hot.Slot("today", DateField())), pk__in=hot.listed("ids"))
    own = Readership.objects.filter(post__code__in=posts or ()).values("article_id")
    return held if posts is None else held.filter(~Q(reach=Reach.POSTS) | Q(pk__in=own))


_may_read = hot.Read(lambda posts: _asked_for(posts).values("subject_id"))
_read = hot.Read(lambda posts: texts(_asked_for(posts)))


def cards(actor: Actor, reason: str, *, limit: int = 5) -> list[dict[str, Any]]:
    """The explanation cards that answer one reason of an invalid complaint (R-04-3.6.3d), newest first."""
    wanted = readable(actor).filter(domain=Domain.EXPLANATION, reason=reason)
    return [dict(row) for row in texts(wanted.order_by("-subject_id"))[:limit]] if reason and actor.can_any(SEE, WRITE, APPROVE) else []


def attached(ids: list[int]) -> list[dict[str, Any]]:
    """The files of a text, in their order; what was withdrawn is left out."""
    known = files.briefs(ids)
    return [known[pk] for pk in ids if pk in known and known[pk]["voided_at"] is None]


def may_open(actor: Actor, article: Article, file_id: int) -> bool:
    """Whether a file is attached to a text of an article that this person may read."""
    shown = article.versions.all() if writes(actor) else article.versions.filter(number=article.in_force)
    return any(file_id in held for held in shown.values_list("files", flat=True))


def newest_files(actor: Actor, article_id: int) -> list[tuple[int, str]]:
    """The files of the newest text, to choose from."""
    article = get(actor, article_id)
    return [(one["id"], one["name"]) for one in attached(version(article, article.newest).files)]


def post_codes(article_id: int) -> list[str]:
    """The posts whose holders may read an article."""
    return list(Readership.objects.filter(article_id=article_id).order_by("post_id").values_list("post__code", flat=True))


def version(article: Article, number: int) -> ArticleVersion:
    found = ArticleVersion.objects.filter(article=article, number=number).select_related("written_by", "approved_by").first()
    if found is None:
        raise NotFound()
    return found


class Step(NamedTuple):
    """One version and what it changed: lines that begin with "+", "-" or a blank. ``figures`` say how it was used."""

    version: ArticleVersion
    lines: list[str]
    figures: dict[str, int]


def steps(article: Article) -> list[Step]:
    """All versions, newest first, each with its differences from the one before."""
    made = list(article.versions.select_related("written_by", "approved_by").order_by("number"))
    told = [[one.title, *one.body.splitlines()] for one in made]
    changed = [list(unified_diff(old, new, lineterm="", n=1))[2:] for old, new in zip([[], *told], told, strict=False)]
    used = {one.number: {**READ, **{verdict.value: 0 for verdict in Verdict}} for one in made}
    counted = Use.objects.filter(article=article).order_by().values_list("version", "verdict").annotate(Count("id"))
    for number, verdict, count in counted:
        used[number][verdict] = count
    for number, *read in Reading.objects.filter(article=article).values_list("version", "opened", "offered"):
        used[number]["opened"], used[number]["offered"] = read
    told_of = zip(made, changed, strict=True)
    return [Step(one, [line for line in lines if not line.startswith("@@")], used[one.number]) for one, lines in told_of][::-1]


def open_remarks(article_id: int) -> list[dict[str, Any]]:
    rows = Remark.objects.filter(article_id=article_id, settled_at=None).order_by("id")
    return [dict(row) for row in rows.values("id", "text", "version", "at", "by__name", "by__number")]


def figures(article_id: int) -> dict[str, int]:
    """How often an article was opened, offered, cited, helped, or did not help."""
    return figures_of([article_id])[article_id]


def figures_of(ids: list[int]) -> dict[int, dict[str, int]]:
    """``figures`` of many articles in two statements."""
    found = {pk: {**READ, **{verdict.value: 0 for verdict in Verdict}} for pk in ids}
    counted = Use.objects.filter(article_id__in=ids).order_by().values_list("article_id", "verdict").annotate(Count("id"))
    for pk, verdict, count in counted:
        found[pk][verdict] = count
    for pk, *read in Reading.objects.filter(article_id__in=ids).order_by().values_list("article_id", "opened", "offered"):
        for name, times in zip(READ, read, strict=True):
            found[pk][name] += times
    return found


def waiting(actor: Actor) -> int:
    """How many articles wait to be approved by this person, at most 100."""
    if not actor.can(APPROVE):
        return 0
    return len(Article.objects.filter(state=State.SUBMITTED).exclude(subject__owner_id=actor.id).values_list("pk")[:100])


STAND = Case(
    When(article__in_force__gt=0, then=Value(Stand.PUBLISHED)),
    When(Q(article__isnull=False) & ~Q(article__state=State.WITHDRAWN), then=Value(Stand.DRAFTED)),
    When(~Q(reason=""), then=Value(Stand.DISMISSED)),
    default=Value(Stand.OPEN),
    output_field=CharField(),
)


def topics_visible_to(actor: Actor) -> QuerySet[Topic]:
    """Who writes or approves knowledge sees what customers asked in vain, whoever was asked."""
    return Topic.objects.all() if writes(actor) else Topic.objects.none()


def topic(actor: Actor, topic_id: int) -> Topic:
    """Questions that ask the same; raises ``NotFound``."""
    found = topics_visible_to(actor).select_related("article").filter(pk=topic_id).first()
    if found is None:
        raise NotFound()
    return found


def _of_day(day: date, stand: str = "") -> QuerySet[Topic]:
    """What found no answer on a day, without what was decided before the day was over; ``stand``: all of the day that stand so, instead."""
    rows = Topic.objects.annotate(standing=STAND).filter(pk__in=Question.objects.filter(day=day).values("topic"))
    ended = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    return rows.filter(standing=stand) if stand else rows.filter(Q(standing=Stand.OPEN) | Q(decided_at__gte=ended))


def open_of(day: date) -> int:
    """How many of the questions of a day are to be decided."""
    return _of_day(day, Stand.OPEN).count()


_TOPIC = ("id", "asked", "text", "first_on", "last_on", "standing", "reason", "article_id", "near_id", "near__subject__title")


def day_list(day: date, *, stand: str = "", cursor: str | None = None, size: int = 50) -> Page[dict[str, Any]]:
    """One page of the questions of a day (``stand`` as in ``choices.Stand``), the commonest first. Each with ``count`` of the day,
    ``sources`` and some ``examples``."""
    times = Question.objects.filter(day=day, topic=OuterRef("pk")).order_by().values("topic").annotate(n=Sum("times")).values("n")
    query = after(_of_day(day, stand).annotate(asked=Subquery(times)), keys=("-asked", "id"), cursor=cursor)
    listed = [
        dict(row) | {"count": 0, "sources": Counter(), "examples": []} for row in query.values(*_TOPIC, "decided_by__name")[: size + 1]
    ]
    page = cut(listed, size=size, key=lambda row: [row["asked"], row["id"]])
    _count({row["id"]: row for row in page.rows}, day)
    return page


def _count(found: dict[int, dict[str, Any]], day: date) -> None:
    asked = Question.objects.filter(day=day, topic__in=list(found)).order_by("id").values_list("topic_id", "source", "text", "times")
    for topic_id, source, text, times in asked:
        row = found[topic_id]
        row["count"] += times
        row["sources"][source] += times
        if text and text not in row["examples"] and len(row["examples"]) < EXAMPLES:
            row["examples"].append(text)
    before = Question.objects.filter(topic__in=list(found)).order_by().values_list("topic").annotate(Sum("times"))
    for topic_id, times in before:
        found[topic_id]["total"] = times
    names = {source.code: str(source.name) for source in question_sources}
    for row in found.values():
        row["sources"] = [(names.get(code, code), times) for code, times in row["sources"].most_common()]


def last_day() -> date:
    """The day of the newest list; yesterday where there is none yet."""
    found = Question.objects.order_by("-day").values_list("day", flat=True).first()
    return found or today() - timedelta(days=1)


def undecided(actor: Actor) -> int:
    """How many topics of the last days are to be decided, at most 100."""
    recent = Topic.objects.annotate(standing=STAND).filter(last_on__gte=today() - RECENT, standing=Stand.OPEN)
    return len(recent.values_list("pk")[:100]) if actor.can(WRITE) else 0
