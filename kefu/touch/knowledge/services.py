"""Writes to knowledge."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.files import services as stored
from kefu.engines.forms.values import clean_text
from kefu.engines.numbering.services import take
from kefu.engines.rulebook.queries import code_items
from kefu.engines.search import queries as searched
from kefu.engines.search import services as search
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.people.models import Post
from kefu.timeline.choices import Secrecy
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.knowledge import policies, queries
from kefu.touch.knowledge.choices import MOVES, Domain, Reach, Verdict
from kefu.touch.knowledge.models import Article, ArticleVersion, Readership, Remark, Use

REVIEW, ANSWER = "knowledge.review", "knowledge.remark"
ANSWER_WITHIN = timedelta(days=3)
DATES = ("valid_from", "valid_until")
CLAUSES = ("R-03-3.2.2",)
CATEGORIES = "knowledge_categories"
MOST_FILES = 20
_NUMBER = re.compile(r"^(ZS\d{14,20})\b")


def write(*, actor: Actor, **fields: Any) -> Article:
    """A new article as a draft of the person's own. Raises ``Invalid`` for a span that ends before it begins."""
    if actor.id is not None and not actor.can(queries.WRITE):
        raise NotAllowed()
    text, about = _checked(fields)
    at = moment.now()
    with transaction.atomic():
        subject = Subject.objects.create(
            kind=queries.KIND, number=take("ZS", at), title=text["title"], unit_path=actor.unit_path, owner_id=actor.id, opened_at=at,
            secrecy=Secrecy.SECRET,
        )  # fmt: skip
        article = Article(subject=subject, changed_at=at)
        _apply(article, about)
        ArticleVersion.objects.create(article=article, number=1, written_by_id=actor.id, written_at=at, about=_plain(about), **text)
        record_one(actor_id=actor.id, subject_id=subject.pk, kind="knowledge.written", data={"title": text["title"]}, at=at)
    return article


def _checked(fields: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    text = {name: clean_text(str(fields.get(name) or "")) for name in ("title", "body", "source")}
    about = {name: fields[name] for name in ("domain", "reach", "reason", "valid_from", "valid_until")}
    about |= {"category": fields.get("category") or "", "posts": sorted(set(fields.get("posts") or ()))}
    wrong: dict[str, Any] = {name: _("Please fill this in.") for name in ("title", "body") if not text[name].strip()}
    if about["valid_until"] < about["valid_from"]:
        wrong["valid_until"] = _("This lies before the beginning.")
    if about["domain"] != Domain.EXPLANATION:
        about["reason"] = ""
    elif about["reason"] not in {item["code"] for item in code_items("complaint_invalid_reasons")}:
        wrong["reason"] = _("An explanation card answers one reason.")
    wrong |= _misplaced(about)
    if wrong:
        raise Invalid(fields=wrong)
    return text, about


def _misplaced(about: dict[str, Any]) -> dict[str, Any]:
    """What does not fit of the category and of the posts that may read."""
    wrong: dict[str, Any] = {}
    category = next((item for item in code_items(CATEGORIES) if item["code"] == about["category"]), None)
    if about["category"] and (category is None or category["extra"].get("domain", about["domain"]) != about["domain"]):
        wrong["category"] = _("Choose a category of this knowledge domain.")
    if about["reach"] != Reach.POSTS:
        about["posts"] = []
    elif not about["posts"]:
        wrong["posts"] = _("Choose the posts that may read it.")
    elif Post.objects.filter(code__in=about["posts"]).count() < len(about["posts"]):
        wrong["posts"] = _("Choose one of the given values.")
    return wrong


def _plain(about: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value if isinstance(value, list) else str(value)
        for name, value in about.items()
    }


def _apply(article: Article, about: dict[str, Any]) -> None:
    """Make the article what ``about`` says, and keep it from whoever may not read it."""
    for name, value in about.items():
        if name != "posts":
            setattr(article, name, date.fromisoformat(value) if name in DATES and isinstance(value, str) else value)
    article.save()
    codes = about.get("posts", [])
    Readership.objects.filter(article=article).exclude(post__code__in=codes).delete()
    missing = Post.objects.filter(code__in=codes).exclude(pk__in=article.readers.values("post_id"))
    Readership.objects.bulk_create([Readership(article=article, post=post) for post in missing])
    _conceal(article)


def _conceal(article: Article) -> None:
    """The search over everything and the files follow the subject: only what everybody may read is an ordinary one."""
    hidden = not article.in_force or article.reach == Reach.POSTS
    Subject.objects.filter(pk=article.pk).update(secrecy=Secrecy.SECRET if hidden else Secrecy.ORDINARY)


def _move(actor: Actor, article_id: int, name: str) -> Article:
    """The article, held, after the judge has passed the command and its state is moved. Raises ``NotFound`` or ``Conflict``."""
    queries.get(actor, article_id)
    article = Article.objects.select_for_update(of=("self",)).select_related("subject").get(pk=article_id)
    if name not in policies.allowed(actor, article):
        raise Conflict(code="not_now")
    article.state = MOVES[name].to or article.state
    article.changed_at = moment.now()
    return article


def _told(actor: Actor, article: Article, kind: str, *, clauses: tuple[str, ...] = (), **data: Any) -> None:
    record_one(actor_id=actor.id, subject_id=article.pk, kind=f"knowledge.{kind}", data=data, clauses=clauses)


@transaction.atomic
def edit(*, actor: Actor, id: int, **fields: Any) -> Article:  # noqa: A002
    """Change a draft, or begin the next version of an approved article: the approved text goes on to hold until the new one does."""
    text, about = _checked(fields)
    article = _move(actor, id, "edit")
    known = queries.version(article, article.newest)
    if known.approved_at is not None:
        article.newest += 1
        known = ArticleVersion(article=article, number=article.newest, files=known.files)
    for name, value in text.items():
        setattr(known, name, value)
    known.about, known.written_by_id, known.written_at = _plain(about), actor.id, moment.now()
    known.save()
    if article.in_force == 0:
        _apply(article, about)
    article.save()
    Subject.objects.filter(pk=id).update(title=text["title"])
    _told(actor, article, "changed", version=article.newest)
    return article


@transaction.atomic
def submit(*, actor: Actor, id: int) -> Article:  # noqa: A002
    article = _move(actor, id, "submit")
    article.save()
    _told(actor, article, "submitted", version=article.newest)
    return article


@transaction.atomic
def approve(*, actor: Actor, id: int) -> Article:  # noqa: A002
    """The newest version holds from now on. The owner is reminded before its time ends (R-03-3.2.2)."""
    article = _move(actor, id, "approve")
    article.in_force = article.newest
    _apply(article, queries.version(article, article.newest).about)
    if article.valid_until < queries.today():
        raise Conflict(_("Its time has ended already. Give it back to be dated anew."))
    ArticleVersion.objects.filter(article=article, number=article.newest).update(approved_by_id=actor.id, approved_at=moment.now())
    clock.void(subject=article.subject, reason="approved", codes=[REVIEW], actor_id=actor.id)
    _remind(article, actor)
    _show(article)
    _told(actor, article, "approved", clauses=CLAUSES, version=article.newest)
    return article


def _remind(article: Article, actor: Actor) -> None:
    ends = timezone.make_aware(datetime.combine(article.valid_until + timedelta(days=1), time()))
    told = clock.Outside(name="知识到期复核", name_en="Review of an article before its time ends", clauses=CLAUSES)
    clock.set_due(subject=article.subject, code=REVIEW, until=ends, source="article", outside=told, actor_id=actor.id)


@transaction.atomic
def give_back(*, actor: Actor, id: int, reason: str) -> Article:  # noqa: A002
    article = _move(actor, id, "give_back")
    article.save()
    _told(actor, article, "given_back", reason=clean_text(reason)[:500])
    return article


@transaction.atomic
def withdraw(*, actor: Actor, id: int, reason: str) -> Article:  # noqa: A002
    """Nobody reads it any more; it is kept with all its versions."""
    article = _move(actor, id, "withdraw")
    article.in_force = 0
    article.save()
    _conceal(article)
    clock.void(subject=article.subject, reason="withdrawn", actor_id=actor.id)
    Remark.objects.filter(article=article, settled_at=None).update(settled_at=moment.now())
    search.remove([article.pk])
    _told(actor, article, "withdrawn", reason=clean_text(reason)[:500])
    return article


@transaction.atomic
def attach(*, actor: Actor, id: int, files: list[int]) -> Article:  # noqa: A002
    """Give files to the text that is being written; they are read once it is approved. Raises ``Invalid`` without a file."""
    if not files:
        raise Invalid(fields={"files": _("Choose a file.")})
    article = _move(actor, id, "attach")
    stored.attach(actor=actor, file_ids=files, subject_id=id)
    known = queries.version(article, article.newest)
    known.files = list(dict.fromkeys([*known.files, *files]))
    if len(known.files) > MOST_FILES:
        raise Invalid(fields={"files": _("At most %(most)d files belong to one article.") % {"most": MOST_FILES}})
    known.save(update_fields=["files"])
    article.save()
    return article


@transaction.atomic
def detach(*, actor: Actor, id: int, file: int) -> Article:  # noqa: A002
    """The text that is being written no longer carries this file; approved versions keep it."""
    article = _move(actor, id, "detach")
    known = queries.version(article, article.newest)
    if file not in known.files:
        raise Invalid(fields={"file": _("Choose one of the given values.")})
    known.files = [pk for pk in known.files if pk != file]
    known.save(update_fields=["files"])
    article.save()
    return article


@transaction.atomic
def report(*, actor: Actor, id: int, text: str) -> Remark:  # noqa: A002
    """Out of date or wrong: the owner has it among the to-dos until it is answered (R-03-3.2.2)."""
    article = _move(actor, id, "report")
    remark = Remark.objects.create(article=article, version=article.in_force, text=clean_text(text)[:500], by_id=actor.id)
    told = clock.Outside(name="核实知识报错", name_en="Check what a reader found wrong", clauses=CLAUSES, met_by=(ANSWER,))
    clock.set_due(
        subject=article.subject, code=ANSWER, until=moment.now() + ANSWER_WITHIN, source="reader", outside=told, actor_id=actor.id
    )
    _told(actor, article, "reported", clauses=CLAUSES, text=remark.text)
    return remark


@transaction.atomic
def settle(*, actor: Actor, id: int, answer: str) -> Article:  # noqa: A002
    """All open remarks are answered."""
    article = _move(actor, id, "settle")
    said = clean_text(answer)[:500]
    Remark.objects.filter(article=article, settled_at=None).update(settled_at=moment.now(), answer=said)
    clock.reach(subject=article.subject, moments=[ANSWER], actor_id=actor.id)
    _told(actor, article, "settled", answer=said)
    return article


def helped(*, actor: Actor, id: int) -> None:  # noqa: A002
    _judge(actor, id, "helped", Verdict.HELPED)


def useless(*, actor: Actor, id: int) -> None:  # noqa: A002
    _judge(actor, id, "useless", Verdict.USELESS)


@transaction.atomic
def _judge(actor: Actor, article_id: int, name: str, verdict: Verdict) -> None:
    """One judgement a person and version; a later one takes its place."""
    article = _move(actor, article_id, name)
    held = Use.objects.filter(article=article, version=article.in_force, by_id=actor.id).exclude(verdict=Verdict.CITED)
    if not held.update(verdict=verdict, at=moment.now()):
        Use.objects.create(article=article, version=article.in_force, verdict=verdict, by_id=actor.id)


def cite(*, actor: Actor, source: str) -> bool:
    """An answer named an article as its source (``label``): its use is counted. Free text is let pass; the answer says which it was."""
    number = _NUMBER.match(source)
    article = queries.readable(actor).filter(subject__number=number[1]).first() if number else None
    if article is None:
        return False
    Use.objects.create(article=article, version=article.in_force, verdict=Verdict.CITED, by_id=actor.id)
    return True


def answered_with(article_id: int, number: int) -> ArticleVersion:
    """A text in force was given as the answer, by nobody in person: its use is counted."""
    version = ArticleVersion.objects.get(article_id=article_id, number=number)
    Use.objects.create(article_id=article_id, version=number, verdict=Verdict.CITED)
    return version


def judged(*, version: ArticleVersion, helped: bool) -> None:
    """Somebody outside found that a text helped, or did not."""
    verdict = Verdict.HELPED if helped else Verdict.USELESS
    Use.objects.create(article_id=version.article_id, version=version.number, verdict=verdict)


def label(row: dict[str, Any]) -> str:
    """How an answer names its source: number, version and title, as the record keeps it."""
    return f"{row['subject__number']} v{row['in_force']} {row['title']}"[:200]


def _show(article: Article) -> None:
    """Findable while it holds, by the text that is read."""
    at = queries.today()
    if not article.in_force or not article.valid_from <= at <= article.valid_until:
        search.remove([article.pk])
        return
    text = queries.version(article, article.in_force)
    search.index(subject_id=article.pk, kind=queries.KIND, title=text.title, body=text.body, hidden=article.subject.number, ranked=True)


@transaction.atomic
def turn_day() -> int:
    """Each night: what begins to hold is found from now on, what has ended is not; the answer is how many changed."""
    shown = searched.of_kind(queries.KIND)
    holds = queries.holding()
    changed = [
        *holds.exclude(pk__in=shown).select_related("subject"),
        *Article.objects.filter(pk__in=shown).exclude(pk__in=holds.values("pk")),
    ]
    for article in changed:
        _show(article)
    return len(changed)
