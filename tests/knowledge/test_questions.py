"""The daily list of questions: what is on it, what leaves it, and what becomes of the words."""

from datetime import timedelta

import pytest

from kefu.flows import erase_people
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.touch.contacts import services as contacts
from kefu.touch.knowledge import asking, queries
from kefu.touch.knowledge import services as knowledge
from kefu.touch.knowledge.choices import Place, Reach, Stand
from kefu.touch.knowledge.models import Missed, Question, Topic
from tests import cases
from tests.knowledge.making import approved
from tests.property_centre import NOW

TODAY = NOW.date()


def settled(cast, words, **more):
    call = cases.call(cast, content=words)
    contacts.settle(actor=cast.actor(cast.agent), id=call.pk, answer="好的", **more)
    return call


def listed(**more):
    return [(row["text"], row["count"], row["standing"]) for row in queries.day_list(TODAY, **more).rows]


def next_day(days=1):
    return moment.frozen(NOW + timedelta(days=days))


def test_only_what_knowledge_does_not_answer_is_on_the_list(cast, signed_in, client):
    article = approved(cast, reach=Reach.PUBLIC)
    settled(cast, "停车月卡怎么办理")
    settled(cast, "游泳池几点开放", answer_source="值班表")
    settled(cast, "快递柜超时收费标准")
    settled(cast, "你好")
    for words in ("快递柜超时怎么收费", "停车月卡怎么办理", "12"):
        client.get("/portal/help", {"q": words})
    client.get("/portal/help", {"q": "快递柜超时怎么收费"})
    assert Missed.objects.get().times == 2
    with next_day():
        asking.gather()
        assert listed() == [("快递柜超时怎么收费", 3, Stand.OPEN)]
        assert (Missed.objects.count(), Topic.objects.get().near_id) == (0, None)
        told = signed_in(cast.manager).get("/api/v1/knowledge/questions").json()
        assert (told["day"], told["items"][0]["sources"]) == (TODAY.isoformat(), {"自助帮助页": 2, "人工答复未注明依据": 1})
        assert signed_in(cast.agent).get("/knowledge/questions").status_code == 403
    knowledge.withdraw(actor=cast.actor(cast.manager), id=article.pk, reason="过期")


def test_what_is_not_needed_leaves_the_list_and_a_withdrawn_draft_comes_back(cast):
    manager = cast.actor(cast.manager)
    asking.missed("游泳池几点开放", Place.STAFF)
    asking.missed("快递柜超时收费", Place.STAFF)
    with next_day():
        assert asking.gather() == 2
        pool, locker = Topic.objects.order_by("text")[::-1]
        asking.dismiss(actor=manager, id=pool.pk, reason="没有游泳池")
        with pytest.raises(Conflict):
            asking.dismiss(actor=manager, id=pool.pk, reason="再次")
        with pytest.raises(NotFound):
            asking.draft(actor=cast.actor(cast.agent), id=locker.pk)
        article = asking.draft(actor=manager, id=locker.pk)
        with pytest.raises(Conflict):
            asking.draft(actor=manager, id=locker.pk)
        for words in ("游泳池几点开放呢", "快递柜超时收费吗"):
            asking.missed(words, Place.STAFF)
        assert listed(stand=Stand.DISMISSED) == [("游泳池几点开放", 1, Stand.DISMISSED)]
    with next_day(2):
        assert (asking.gather(), queries.undecided(manager)) == (0, 0)
        knowledge.withdraw(actor=manager, id=article.pk, reason="写错了")
        assert [row["text"] for row in queries.day_list(TODAY + timedelta(days=1)).rows] == ["快递柜超时收费"]
        assert asking.draft(actor=manager, id=locker.pk).pk != article.pk


def test_the_words_go_with_the_talk_and_after_their_time(cast):
    call = settled(cast, "快递柜超时收费")
    asking.missed("快递柜超时怎么收费", Place.PUBLIC)
    with next_day():
        asking.gather()
        erase_people.erase_contacts([call.pk])
        assert list(Question.objects.order_by("text").values_list("text", flat=True)) == ["", "快递柜超时怎么收费"]
        assert Topic.objects.get().text == "快递柜超时怎么收费"
        ids = asking.over(moment.now(), 10)
        assert (asking.erase(ids), Topic.objects.count(), Question.objects.count()) == (3, 0, 0)


def paged(**more):
    """All questions of the day, read page by page."""
    found, cursor = [], None
    while True:
        page = queries.day_list(TODAY, size=7, cursor=cursor, **more)
        found += [(row["count"], row["id"]) for row in page.rows]
        if (cursor := page.next) is None:
            return found


def asked(times):
    topics = Topic.objects.bulk_create([Topic(text=f"问题{n}", first_on=TODAY, last_on=TODAY) for n in range(len(times))])
    Question.objects.bulk_create(
        [Question(topic=topic, day=TODAY, at=NOW, source="staff", text=topic.text, times=n) for topic, n in zip(topics, times, strict=True)]
    )
    return topics


def test_a_long_list_is_read_page_by_page_the_commonest_first(db):
    topics = asked([n % 4 + 1 for n in range(260)])
    Question.objects.create(topic=topics[0], day=TODAY, at=NOW, source="public", text="也问了", times=9)
    found = paged()
    assert found == sorted(((count, pk) for count, pk in found), key=lambda one: (-one[0], one[1]))
    assert (len(found), len(set(found)), found[0]) == (260, 260, (10, topics[0].pk))
    assert paged(stand=Stand.DISMISSED) == []


def test_a_page_of_questions_costs_the_same_however_many_there_are(cast, signed_in, django_assert_num_queries):
    asked([1, 2, 3])
    with django_assert_num_queries(3):
        queries.day_list(TODAY)
    asked([1] * 120)
    with django_assert_num_queries(3):
        page = queries.day_list(TODAY)
    assert len(page.rows) == 50
    client = signed_in(cast.manager)
    first = client.get(f"/knowledge/questions?day={TODAY}&state=open").content.decode()
    assert f"after={page.next}" in first.replace("%3D", "=")
    assert f"day={TODAY}" in first
    told = client.get(f"/api/v1/knowledge/questions?day={TODAY}&limit=100").json()
    rest = client.get(f"/api/v1/knowledge/questions?day={TODAY}&limit=100&after={told['next']}").json()
    assert (len(told["items"]), len(rest["items"]), rest["next"]) == (100, 23, None)
    assert client.get("/api/v1/knowledge/questions?after=bad").status_code == 422
    assert client.get("/knowledge/questions?after=bad").status_code in (404, 422)
