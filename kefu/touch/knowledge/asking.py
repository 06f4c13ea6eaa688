"""The daily list of questions (R-02F-3.4): what found no answer is put together each night, and becomes knowledge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.forms.values import clean_text
from kefu.engines.notify import services as notify
from kefu.engines.search import queries as search
from kefu.engines.search.alike import Heaps, words
from kefu.kit import moment
from kefu.kit.errors import Conflict
from kefu.people.actor import Actor
from kefu.people.queries import holders_of_right
from kefu.timeline.services import record_one
from kefu.touch.knowledge import policies, queries, services
from kefu.touch.knowledge.choices import Domain, Place, Reach
from kefu.touch.knowledge.models import Article, Missed, Question, Topic
from kefu.touch.knowledge.registry import Asked, question_sources

CLAUSES = ("R-02F-3.4",)
LONGEST, SHORTEST = 200, 4
MOST_A_DAY, MOST_MISSED = 3_000, 500
# How long a question is known again, and how far back the first night looks.
KNOWN_FOR, CAUGHT_UP = timedelta(days=90), 7
READY = "knowledge.questions"


class _Told(NamedTuple):
    source: str
    asked: Asked
    text: str
    about: frozenset[str]


def missed(question: str, place: Place) -> None:
    """Somebody looked for this and found nothing that answers it. Each wording counts once a row; a flood is not kept."""
    text, day = _shown(question), queries.today()
    if len(text) < SHORTEST or not words(text):
        return
    if Missed.objects.filter(day=day, place=place, text=text).update(times=F("times") + 1):
        return
    if Missed.objects.filter(day=day, place=place).count() < MOST_MISSED:
        Missed.objects.get_or_create(day=day, place=place, text=text)


def looked_for(question: str, found: list[dict[str, Any]], place: Place) -> None:
    """A search was shown this, best first: without an answer that fits it goes into the list of the day."""
    if not any(search.share(question, f"{row['title']} {row['body']}") >= queries.LEAST for row in found[:1]):
        missed(question, place)


def searched_in_vain(begin: datetime, end: datetime, place: Place) -> list[Asked]:
    """What was looked for in vain, as a source of questions."""
    rows = Missed.objects.filter(place=place, day__gte=timezone.localdate(begin), day__lt=timezone.localdate(end))
    return [Asked(text, at, times=times) for text, at, times in rows.order_by("id").values_list("text", "at", "times")]


def _shown(text: str, private: tuple[str, ...] = ()) -> str:
    """A question as it may be read: one line, without the names and numbers of who asked."""
    plain = " ".join(clean_text(text).split())
    for one in private:
        if len(one) > 1:
            plain = plain.replace(one, "**")
    return search.masked(plain)[:LONGEST]


def gather() -> int:
    """Each night: the lists of the days that are over; who writes knowledge is told. The answer is how many questions came to them."""
    today, count = queries.today(), 0
    for back in range(CAUGHT_UP, 0, -1):
        count = _gather_day(today - timedelta(days=back))
    if count:
        day = today - timedelta(days=1)
        address = f"/knowledge/questions?day={day.isoformat()}"
        told = {"count": count, "day": day.isoformat(), "url": address}
        notify.tell(staff_ids=holders_of_right(queries.WRITE), kind=READY, params=told)
    return count


@transaction.atomic
def _gather_day(day: date) -> int:
    """The list of one day, once; how many topics of it are to be decided."""
    if Question.objects.filter(day=day).exists():
        return 0
    told = _told(day)
    known = list(Topic.objects.filter(last_on__gte=day - KNOWN_FOR).order_by("id"))
    heaps = Heaps()
    topics: dict[int, Topic] = {heaps.begin(words(one.text)): one for one in known}
    members: dict[int, list[_Told]] = defaultdict(list)
    for one in told:
        place = heaps.place(one.about)
        members[heaps.begin(one.about) if place is None else place].append(one)
    for number, found in members.items():
        _keep(topics.get(number), found, day)
    Missed.objects.filter(day__lte=day).delete()
    return queries.open_of(day)


def _told(day: date) -> list[_Told]:
    """The questions of a day, the commonest wordings first."""
    zone = timezone.get_current_timezone()
    begin, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    found = []
    for source in question_sources:
        for one in source.read(begin, end):
            text = _shown(one.text, one.private)
            about = words(text) if len(text) >= SHORTEST else frozenset()
            if about:
                found.append(_Told(source.code, one, text, about))
    often = Counter[frozenset[str]]()
    for one_told in found:
        often[one_told.about] += one_told.asked.times
    return sorted(found, key=lambda one: (-often[one.about], one.asked.at))[:MOST_A_DAY]


def _keep(topic: Topic | None, found: list[_Told], day: date) -> None:
    """Questions that ask the same join their topic, or begin one; nobody's failure is what knowledge answers."""
    near = _near(found[0].text)
    if near is not None and not any(one.asked.sure for one in found):
        return
    if topic is None:
        topic = Topic.objects.create(text=found[0].text, first_on=day, last_on=day, near_id=near)
    elif topic.last_on < day:
        Topic.objects.filter(pk=topic.pk).update(last_on=day)
    once = {one.asked.subject_id or (one.source, one.text): one for one in reversed(found)}
    Question.objects.bulk_create(
        Question(
            topic=topic, day=day, at=one.asked.at, source=one.source, text=one.text, times=one.asked.times, subject_id=one.asked.subject_id
        )
        for one in reversed(once.values())
    )  # fmt: skip


def _near(text: str) -> int | None:
    """The article in force that answers a question well enough, whoever may read it."""
    for row in queries.found(queries.holding(), text, limit=1):
        if search.share(text, f"{row['title']} {row['body']}") >= queries.LEAST:
            return int(row["subject_id"])
    return None


def _held(actor: Actor, topic_id: int, name: str) -> Topic:
    """The topic, held, after the judge has passed the command. Raises ``NotFound`` or ``Conflict``."""
    queries.topic(actor, topic_id)
    held = Topic.objects.select_related("article").select_for_update(of=("self",)).get(pk=topic_id)
    if name not in policies.allowed_topic(actor, held):
        raise Conflict(code="not_now")
    return held


@transaction.atomic
def draft(*, actor: Actor, id: int) -> Article:  # noqa: A002
    """A draft of the person's own with the questions in it; the topic remembers it, and the article where it came from."""
    topic = _held(actor, id, "draft")
    asked = list(dict.fromkeys(topic.questions.exclude(text="").order_by("-day", "id").values_list("text", flat=True)[:50]))[:10]
    lines = "\n".join(f"- {one}" for one in asked or [topic.text])
    at, heads = queries.today(), (_("What customers ask"), _("Answer"))
    article = services.write(
        actor=actor, title=topic.text[:120], body=f"## {heads[0]}\n\n{lines}\n\n## {heads[1]}\n\n", domain=Domain.PROCESS,
        reach=Reach.STAFF, reason="", valid_from=at, valid_until=at + timedelta(days=365),
    )  # fmt: skip
    _decide(actor, topic, article=article, reason="")
    record_one(
        actor_id=actor.id, subject_id=article.pk, kind="knowledge.asked_for", data={"questions": topic.questions.count()}, clauses=CLAUSES
    )
    return article


@transaction.atomic
def dismiss(*, actor: Actor, id: int, reason: str) -> Topic:  # noqa: A002
    """No article is needed for these questions."""
    topic = _held(actor, id, "dismiss")
    _decide(actor, topic, article=None, reason=clean_text(reason)[:200])
    return topic


def _decide(actor: Actor, topic: Topic, *, article: Article | None, reason: str) -> None:
    topic.article, topic.reason, topic.decided_by_id, topic.decided_at = article, reason, actor.id, moment.now()
    topic.save()


def over(before: datetime, limit: int) -> list[int]:
    """Questions asked before that moment, for their end."""
    return list(Question.objects.filter(at__lt=before).order_by("id").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase(ids: Sequence[int]) -> int:
    """The questions go, and the topics of which nothing is left; articles that came of them stay."""
    gone = Question.objects.filter(pk__in=ids)
    topics = set(gone.values_list("topic_id", flat=True))
    rows: int = gone.delete()[0]
    return rows + Topic.objects.filter(pk__in=topics, questions=None).delete()[0]


def forget(subject_ids: Sequence[int]) -> int:
    """What was said in these talks is blanked here, too; that something was asked stays."""
    rows = Question.objects.filter(subject_id__in=subject_ids).exclude(text="")
    said = dict(rows.values_list("topic_id", "text"))
    count: int = rows.update(text="")
    for topic in Topic.objects.filter(pk__in=said):
        left = topic.questions.exclude(text="").order_by("id").values_list("text", flat=True).first()
        Topic.objects.filter(pk=topic.pk).update(text=left or "")
    return count
