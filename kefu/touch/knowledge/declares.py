"""What knowledge gives the engines."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.engines.jobs.registry import Periodic
from kefu.engines.measures.counted import Counted
from kefu.engines.measures.registry import Dimension, Measure
from kefu.engines.notify.registry import NoticeKind
from kefu.engines.privacy.registry import Erasure
from kefu.kit.commands import Command, CommandSet
from kefu.kit.language import label_of
from kefu.kit.menu import MenuItem
from kefu.kit.waiting import Queue
from kefu.people.actor import Actor
from kefu.people.registry import Right
from kefu.timeline.registry import EventKind, SubjectKind
from kefu.touch.knowledge import asking, policies, queries, schemas, services
from kefu.touch.knowledge.choices import Domain, Place, State, Verdict
from kefu.touch.knowledge.models import Question, Use
from kefu.touch.knowledge.registry import QuestionSource, question_sources

RIGHTS = (
    Right(queries.SEE, _("Read knowledge")),
    Right(queries.WRITE, _("Write knowledge")),
    Right(queries.APPROVE, _("Approve knowledge")),
)


def _url(subject_id: int) -> str:
    return reverse("knowledge.one", args=[subject_id])


SUBJECT_KINDS = (SubjectKind(queries.KIND, _("Article"), "ZS", _url, open_to=queries.SEE),)
EVENT_KINDS = (
    EventKind("knowledge.written", _("wrote the article"), icon="plus"),
    EventKind("knowledge.changed", _("changed the text (version %(version)s)"), icon="edit"),
    EventKind("knowledge.submitted", _("asked for approval of version %(version)s"), icon="send"),
    EventKind("knowledge.approved", _("approved version %(version)s"), icon="check"),
    EventKind("knowledge.given_back", _("gave it back: %(reason)s"), icon="arrow-back-up"),
    EventKind("knowledge.withdrawn", _("withdrew the article: %(reason)s"), icon="trash"),
    EventKind("knowledge.reported", _("found it out of date or wrong: %(text)s"), icon="alert-triangle"),
    EventKind("knowledge.asked_for", _("drafted it for %(questions)s questions that found no answer"), icon="question-mark"),
    EventKind("knowledge.settled", _("answered what readers found: %(answer)s"), icon="check"),
)
MENU = (MenuItem("knowledge", _("Knowledge"), "/knowledge", "book", order=45, rights=(queries.SEE, queries.WRITE, queries.APPROVE)),)
NOTICE_KINDS = (NoticeKind(asking.READY, _("Daily questions of %(day)s: %(count)s without an answer"), icon="question-mark"),)
ERASURES = (Erasure("knowledge.question", _("Questions that found no answer"), asking.over, asking.erase),)
QUESTION_SOURCES = tuple(
    QuestionSource(f"search.{place}", place.label, partial(asking.searched_in_vain, place=place)) for place in Place
)  # fmt: skip
WAITING = (
    Queue("knowledge", _("Articles to be approved"), f"/knowledge?state={State.SUBMITTED}", "book", queries.waiting, (queries.APPROVE,)),
    Queue("questions", _("Questions without an answer"), "/knowledge/questions", "question-mark", queries.undecided, (queries.WRITE,)),
)
PERIODICS = (
    Periodic("knowledge.turn_day", _("Show and hide knowledge by its dates"), services.turn_day, at="00:05", clauses=("R-03-3.2.2",)),
    Periodic("knowledge.questions", _("Put the questions of the day together"), asking.gather, at="00:20", clauses=asking.CLAUSES),
)


def allowed(actor: Actor, article_id: int) -> set[str]:
    """The commands on one article; raises ``NotFound`` for a hidden one."""
    return policies.allowed(actor, queries.get(actor, article_id))


def allowed_topic(actor: Actor, topic_id: int) -> set[str]:
    """The commands on questions that ask the same; raises ``NotFound`` for hidden ones."""
    return policies.allowed_topic(actor, queries.topic(actor, topic_id))


def _write_answer(article: Any, _topic: int) -> str:
    return reverse("article-do", args=[article.pk, "edit"])


def _held(actor: Actor, article_id: int) -> Mapping[str, Any]:
    article = queries.get(actor, article_id)
    text = queries.version(article, article.newest)
    return {**text.about, **{name: getattr(text, name) for name in ("title", "body", "source")}}


def _judged() -> Any:
    return Use.objects.exclude(verdict=Verdict.CITED)


def _cited() -> Any:
    return Use.objects.filter(verdict=Verdict.CITED)


def _unanswered() -> Any:
    return Question.objects.all()


def _often(among: Q | None) -> Any:
    return Sum("times", filter=among)


def _places(codes: Any) -> dict[Any, str]:
    known = {one.code: str(one.name) for one in question_sources}
    return {code: known.get(code, code) for code in codes}


_UNANSWERED = Counted(_unanswered, "at", {"source": "source"}, over=_often)
_DOMAIN = Dimension("domain", _("Knowledge domain"), lambda codes: {code: label_of(Domain)(code) for code in codes})
_CITED = Counted(_cited, "at", {"domain": "article__domain"}, subject="article_id")
_HELPED = Counted(_judged, "at", {"domain": "article__domain"}, good=Q(verdict=Verdict.HELPED), subject="article_id")
MEASURES = (
    Measure(
        "knowledge.cited",
        _("Articles cited in answers"),
        _("How often an answer named an article as its source, or one was put into a reply, in the period."),
        "count",
        _CITED,
        combine="sum",
        dimensions=(_DOMAIN,),
        rows=_CITED.behind,
        stamp="at",
        variant="KN-1",
        goal="up",
    ),
    Measure(
        "knowledge.helped",
        _("Articles that helped"),
        _("Readers who found that an article helped / all who judged one in the period; the last judgement of each reader counts."),
        "share",
        _HELPED,
        dimensions=(_DOMAIN,),
        rows=_HELPED.behind,
        stamp="at",
        variant="KN-2",
        goal="up",
    ),
    Measure(
        "knowledge.unanswered",
        _("Questions without an answer"),
        _("Questions of the period that robot, knowledge search and staff had no answer from knowledge to, as often as they were asked."),
        "count",
        _UNANSWERED,
        combine="sum",
        dimensions=(Dimension("source", _("Where it was asked"), _places),),
        stamp="at",
        clauses=asking.CLAUSES,
        variant="KN-3",
        goal="down",
    ),
)
COMMAND_SETS = (
    CommandSet(
        queries.TOPIC,
        allowed_topic,
        (
            Command("draft", _("Draft knowledge"), asking.draft, tone="primary", leads_to=_write_answer),
            Command("dismiss", pgettext_lazy("question", "No article needed"), asking.dismiss, schemas.DismissIn),
        ),
    ),
    CommandSet(
        queries.KIND,
        allowed,
        (
            Command("edit", _("Change"), services.edit, schemas.ArticleIn, initial=_held),
            Command("attach", _("Attach files"), services.attach, schemas.AttachIn),
            Command("detach", _("Take a file away"), services.detach, schemas.DetachIn),
            Command("submit", _("Ask for approval"), services.submit, tone="primary"),
            Command("approve", _("Approve"), services.approve, tone="primary", confirm=_("I have checked the content and its source.")),
            Command("give_back", _("Give back"), services.give_back, schemas.ReasonIn),
            Command("helped", _("Helped"), services.helped),
            Command("useless", _("Did not help"), services.useless),
            Command("report", _("Out of date or wrong"), services.report, schemas.RemarkIn),
            Command("settle", _("Answer the remarks"), services.settle, schemas.AnswerIn, tone="primary"),
            Command(
                "withdraw", _("Withdraw"), services.withdraw, schemas.ReasonIn, tone="danger", confirm=_("Nobody will read it any more.")
            ),
        ),
    ),
)
