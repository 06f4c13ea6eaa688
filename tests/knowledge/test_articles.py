"""The life of an article: written, approved by a second person, rewritten, found wrong, ended."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kefu.engines.clock.choices import State as LimitState
from kefu.engines.clock.models import Obligation
from kefu.engines.search import queries as search
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event
from kefu.touch.knowledge import policies, queries, services
from kefu.touch.knowledge.choices import MOVES, Care, Domain, Reach, State
from kefu.touch.knowledge.models import Article, ArticleVersion, Use
from tests.knowledge.making import approved, draft, fields
from tests.property_centre import NOW


def found(question, wanted=None):
    return [row["subject_id"] for row in queries.found(queries.in_force() if wanted is None else wanted, question)]


def test_a_draft_is_seen_by_writers_only_and_found_by_nobody(cast):
    article = draft(cast)
    assert queries.get(cast.actor(cast.manager), article.pk) == article
    with pytest.raises(NotFound):
        queries.get(cast.actor(cast.agent), article.pk)
    assert found("停车月卡") == []
    with pytest.raises(NotAllowed):
        services.write(actor=cast.actor(cast.agent), **fields())


def test_a_second_person_approves_and_then_everybody_finds_it(cast):
    article = draft(cast)
    manager, boss, agent = (cast.actor(one) for one in (cast.manager, cast.boss, cast.agent))
    services.submit(actor=manager, id=article.pk)
    with pytest.raises(Conflict):
        services.approve(actor=manager, id=article.pk)
    assert queries.waiting(boss) == 1
    assert queries.waiting(manager) == 0
    services.approve(actor=boss, id=article.pk)
    assert queries.waiting(boss) == 0
    assert found("请问我想长期停车要办什么卡") == [article.pk]
    assert queries.get(agent, article.pk).in_force == 1
    assert Event.objects.get(subject_id=article.pk, kind="knowledge.approved").clauses == ["R-03-3.2.2"]


def test_the_database_itself_wants_two_persons(cast):
    article = draft(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVersion.objects.filter(article=article).update(approved_by_id=cast.manager.pk)


def test_the_approved_text_holds_until_the_new_one_does(cast):
    article = approved(cast)
    manager = cast.actor(cast.manager)
    later = queries.today() + timedelta(days=200)
    services.edit(actor=manager, id=article.pk, **fields(title="停车月卡与年卡", valid_until=later))
    article.refresh_from_db()
    assert (article.state, article.in_force, article.newest) == (State.DRAFT, 1, 2)
    assert article.valid_until != later
    row = queries.found(queries.in_force(), "停车月卡")[0]
    assert row["title"] == "停车月卡怎么办理"
    services.submit(actor=manager, id=article.pk)
    services.approve(actor=cast.actor(cast.boss), id=article.pk)
    article.refresh_from_db()
    assert (article.in_force, article.valid_until) == (2, later)
    assert queries.found(queries.in_force(), "停车年卡")[0]["title"] == "停车月卡与年卡"
    lines = queries.steps(article)[0].lines
    assert "+停车月卡与年卡" in lines
    assert "-停车月卡怎么办理" in lines
    assert Obligation.objects.get(subject_id=article.pk, code=services.REVIEW, state=LimitState.RUNNING).due_at.date() >= later


def test_what_is_given_back_can_be_mended(cast):
    article = draft(cast)
    manager, boss = cast.actor(cast.manager), cast.actor(cast.boss)
    services.submit(actor=manager, id=article.pk)
    with pytest.raises(Conflict):
        services.edit(actor=manager, id=article.pk, **fields(title="x"))
    services.give_back(actor=boss, id=article.pk, reason="价格不对")
    services.edit(actor=manager, id=article.pk, **fields(title="停车月卡", body="四百元"))
    article.refresh_from_db()
    assert (article.newest, article.versions.get().body) == (1, "四百元")


def test_expired_and_coming_articles_are_hidden_and_turn_by_the_day(cast):
    article = approved(cast, valid_until=queries.today() + timedelta(days=2))
    coming = approved(cast, title="游泳池开放", body="六月开放", valid_from=queries.today() + timedelta(days=3))
    agent = cast.actor(cast.agent)
    assert found("游泳池开放") == []
    assert services.turn_day() == 0
    with moment.frozen(NOW + timedelta(days=3)):
        with pytest.raises(NotFound):
            queries.get(agent, article.pk)
        assert services.turn_day() == 2
        assert services.turn_day() == 0
        assert article.pk not in found("停车月卡")
        assert found("游泳池开放") == [coming.pk]
        assert [hit.subject_id for hit in search.find(actor=SYSTEM, text="停车月卡")] == []


def test_an_article_whose_time_has_ended_is_not_approved(cast):
    article = draft(cast, valid_until=queries.today())
    services.submit(actor=cast.actor(cast.manager), id=article.pk)
    with moment.frozen(NOW + timedelta(days=1)), pytest.raises(Conflict):
        services.approve(actor=cast.actor(cast.boss), id=article.pk)


def test_a_withdrawn_article_is_gone_for_readers_and_can_come_back(cast):
    article = approved(cast)
    services.withdraw(actor=cast.actor(cast.manager), id=article.pk, reason="制度已废止")
    assert found("停车月卡") == []
    with pytest.raises(NotFound):
        queries.get(cast.actor(cast.agent), article.pk)
    assert not Obligation.objects.filter(subject_id=article.pk, state=LimitState.RUNNING).exists()
    services.edit(actor=cast.actor(cast.manager), id=article.pk, **fields())
    article.refresh_from_db()
    assert (article.state, article.newest) == (State.DRAFT, 2)


def test_a_reader_who_finds_it_wrong_makes_a_to_do_for_the_owner(cast):
    article = approved(cast)
    agent, manager = cast.actor(cast.agent), cast.actor(cast.manager)
    services.report(actor=agent, id=article.pk, text="价格已改为四百元")
    services.report(actor=agent, id=article.pk, text="电话也不对")
    duty = Obligation.objects.get(subject_id=article.pk, code=services.ANSWER)
    assert (duty.owner_id, duty.state, duty.due_at) == (cast.manager.pk, LimitState.RUNNING, NOW + services.ANSWER_WITHIN)
    assert len(queries.open_remarks(article.pk)) == 2
    assert "settle" not in policies.allowed(agent, queries.get(agent, article.pk))
    services.settle(actor=manager, id=article.pk, answer="已更新")
    duty.refresh_from_db()
    assert duty.state == LimitState.MET
    assert queries.open_remarks(article.pk) == []
    with pytest.raises(Conflict):
        services.settle(actor=manager, id=article.pk, answer="x")


def test_use_and_usefulness_are_counted(cast):
    article = approved(cast)
    agent, dispatcher = cast.actor(cast.agent), cast.actor(cast.dispatcher)
    services.helped(actor=agent, id=article.pk)
    services.useless(actor=agent, id=article.pk)
    services.helped(actor=dispatcher, id=article.pk)
    label = services.label(queries.found(queries.in_force(), "停车月卡")[0])
    assert services.cite(actor=agent, source=label)
    assert services.cite(actor=agent, source=label)
    assert not services.cite(actor=agent, source="同事告知")
    assert not services.cite(actor=agent, source="ZS20260101000000 v1 没有")
    assert queries.figures(article.pk) == {"opened": 0, "offered": 0, "cited": 2, "helped": 1, "useless": 1}
    assert Use.objects.filter(version=1).count() == 4


def test_public_pages_show_only_public_articles(cast):
    inner, public = approved(cast), approved(cast, reach=Reach.PUBLIC, title="停车月卡对外说明")
    assert set(found("停车月卡")) == {inner.pk, public.pk}
    assert found("停车月卡", queries.in_public()) == [public.pk]


def test_an_article_for_certain_posts_is_read_by_who_holds_one(cast):
    article = approved(cast, reach=Reach.POSTS, posts=["dispatcher"], title="停车派单内部口径")
    agent, dispatcher = cast.actor(cast.agent), cast.actor(cast.dispatcher)
    assert queries.get(dispatcher, article.pk) == article
    with pytest.raises(NotFound):
        queries.get(agent, article.pk)
    assert found("停车派单", queries.readable(dispatcher)) == [article.pk]
    assert found("停车派单", queries.readable(agent)) == found("停车派单") == found("停车派单", queries.in_public()) == []
    assert [hit.subject_id for hit in search.find(actor=agent, text="停车派单")] == []
    assert not services.cite(actor=agent, source=f"{article.subject.number} v1 x")


def test_the_search_over_everything_finds_what_everybody_may_read(cast):
    open_to_all = approved(cast)
    clerk = cast.actor(cast.clerk)
    assert [hit.subject_id for hit in search.find(actor=clerk, text="停车月卡")] == [open_to_all.pk]
    services.edit(actor=cast.actor(cast.manager), id=open_to_all.pk, **fields(reach=Reach.POSTS, posts=["dispatcher"]))
    services.submit(actor=cast.actor(cast.manager), id=open_to_all.pk)
    assert [hit.subject_id for hit in search.find(actor=clerk, text="停车月卡")] == [open_to_all.pk]
    services.approve(actor=cast.actor(cast.boss), id=open_to_all.pk)
    assert search.find(actor=clerk, text="停车月卡") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"body": ""}, "body"),
        ({"valid_until": NOW.date() - timedelta(days=1)}, "valid_until"),
        ({"domain": Domain.EXPLANATION, "reason": ""}, "reason"),
        ({"domain": Domain.EXPLANATION, "reason": "nonsense"}, "reason"),
        ({"category": "product.faults"}, "category"),
        ({"reach": Reach.POSTS}, "posts"),
        ({"reach": Reach.POSTS, "posts": ["nonsense"]}, "posts"),
    ],
)
def test_what_does_not_fit_is_named(cast, changes, field):
    with pytest.raises(Invalid) as refusal:
        draft(cast, **changes)
    assert set(refusal.value.fields) == {field}


def test_every_move_is_a_command(cast):
    from kefu.kit.commands import commands_of

    assert set(commands_of(queries.KIND).by_name) == set(MOVES)


def test_a_writer_finds_what_needs_looking_after(cast):
    manager, agent = cast.actor(cast.manager), cast.actor(cast.agent)
    used, useless, ending = (approved(cast, title=f"第{number}篇") for number in range(3))
    services.cite(actor=agent, source=services.label({"subject__number": used.subject.number, "in_force": 1, "title": "x"}))
    services.helped(actor=agent, id=used.pk)
    services.useless(actor=agent, id=useless.pk)
    Article.objects.filter(pk=ending.pk).update(
        valid_until=queries.today() + timedelta(days=5), changed_at=moment.now() - timedelta(days=366)
    )
    draft(cast)
    found = {care.value: {row["subject_id"] for row in queries.rows(manager, care=care).rows} for care in Care}
    assert found == {"unused": {useless.pk, ending.pk}, "useless": {useless.pk}, "old": {ending.pk}, "ending": {ending.pk}}
