"""Sources 003 and 004: what agents answer from."""

from datetime import timedelta

import pytest

from kefu.engines.measures.period import Period
from kefu.engines.measures.queries import figure
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.touch.contacts.models import Contact
from kefu.touch.knowledge import asking, queries, services
from kefu.touch.knowledge.choices import Domain, Stand
from kefu.touch.knowledge.models import Article, Topic
from tests import cases
from tests.chat.makers import Browser, widget
from tests.knowledge.making import approved, draft
from tests.property_centre import NOW


@pytest.mark.clause("R-03-3.2.2")
def test_answers_come_from_approved_knowledge_that_still_holds(cast, signed_in):
    article = draft(cast)
    services.submit(actor=cast.actor(cast.manager), id=article.pk)
    with pytest.raises(Conflict):
        services.approve(actor=cast.actor(cast.manager), id=article.pk)
    services.approve(actor=cast.actor(cast.boss), id=article.pk)
    label = services.label(queries.found(queries.in_force(), "停车月卡")[0])
    contact = cases.call(cast)
    signed_in(cast.agent).post(f"/desk/{contact.pk}", {"action": "settle", "answer": "三百元", "answer_source": label})
    assert " v1 " in Contact.objects.get(pk=contact.pk).answer_source
    with moment.frozen(NOW + timedelta(days=91)), pytest.raises(NotFound):
        queries.get(cast.actor(cast.agent), article.pk)


@pytest.mark.clause("R-04-3.6.3d")
def test_there_are_explanation_cards_for_each_reason_of_an_invalid_complaint(cast):
    card = approved(cast, domain=Domain.EXPLANATION, reason="ignorance", title="收费标准怎么解释")
    rows = queries.rows(cast.actor(cast.agent), domain=Domain.EXPLANATION, reason="ignorance").rows
    assert [row["subject_id"] for row in rows] == [card.pk]
    with pytest.raises(Invalid):
        draft(cast, domain=Domain.EXPLANATION, reason="")


@pytest.mark.clause("R-02F-3.4")
def test_questions_without_an_answer_are_summed_up_daily_and_become_knowledge(cast, signed_in):
    widget(cast, robot=True, robot_tries=5)
    guest, agent, manager = Browser().start(name="张伟"), signed_in(cast.agent), signed_in(cast.manager)
    guest.send("我是张伟，电梯卡丢了怎么补办？", "id-000001")
    guest.send("电梯卡补办", "id-000002")
    call = cases.call(cast, name="李女士", content="李女士13812345678来电：电梯卡丢了怎么补办")
    agent.post(f"/desk/{call.pk}", {"action": "settle", "answer": "带身份证来", "content": call.content, "name": call.name})
    agent.get("/knowledge?q=补办电梯卡要什么材料")
    with moment.frozen(NOW + timedelta(days=1)):
        assert (asking.gather(), asking.gather()) == (1, 0)
        told = Notice.objects.get(kind=asking.READY, recipient=cast.manager)
        page = manager.get(told.params["url"]).content.decode()
        assert all(word in page for word in ("我是**，电梯卡丢了怎么补办？", "**138****5678来电", "待处理", "起草知识"))
        topic = Topic.objects.get()
        assert (queries.day_list(NOW.date()).rows[0]["count"], queries.undecided(cast.actor(cast.manager))) == (3, 1)
        went = manager.post(f"/knowledge/questions/{topic.pk}/do/draft")["Location"]
        article = Article.objects.get()
        assert went == f"/knowledge/{article.pk}/do/edit"
        assert "- 补办电梯卡要什么材料" in queries.version(article, 1).body
        assert "已起草" in manager.get(told.params["url"]).content.decode()
        guest.send("电梯卡丢了补办多少钱", "id-000003")
        services.submit(actor=cast.actor(cast.manager), id=article.pk)
        services.approve(actor=cast.actor(cast.boss), id=article.pk)
    with moment.frozen(NOW + timedelta(days=2)):
        assert asking.gather() == 0
        assert queries.day_list(NOW.date() + timedelta(days=1)).rows == []
        later = queries.day_list(NOW.date() + timedelta(days=1), stand=Stand.PUBLISHED)
        assert [(row["article_id"], row["count"], row["total"]) for row in later.rows] == [(article.pk, 1, 4)]
        first = queries.day_list(NOW.date())
        assert [row["standing"] for row in first.rows] == [Stand.PUBLISHED]
    found = figure("knowledge.unanswered", Period.of("day", NOW.date()), ["source"])
    assert [int(one.numerator) for one in found] == [1, 1, 1]
