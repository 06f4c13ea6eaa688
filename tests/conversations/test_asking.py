"""Others in a conversation: help of a superior, a second agent, a lead who steps in."""

from datetime import timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.models import Staff
from kefu.timeline.models import Event
from kefu.timeline.queries import history
from kefu.touch.assignment import queries as assignment
from kefu.touch.conversations import asking, handling, queries
from kefu.touch.conversations.choices import Role, State
from kefu.touch.conversations.models import Companion
from tests.browser import Browser
from tests.conversations.makers import written


@pytest.fixture
def talk(cast):
    made = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=made.pk)
    return made


def may(cast, staff, talk):
    actor = cast.actor(staff)
    return handling.policies.allowed(actor, queries.facts(queries.get(actor, talk.pk)))


def told(staff):
    return sorted(Notice.objects.filter(recipient=staff).values_list("kind", flat=True))


@pytest.mark.clause("R-01-3.1b", "R-00-3.2b")
def test_a_superior_is_asked_comes_within_the_limit_and_all_of_it_stands_on_the_line(cast, talk):
    agent, lead = cast.actor(cast.agent), cast.actor(cast.manager)
    assert asking.superiors(agent, talk.pk)[0][0] == cast.manager.pk
    asking.ask_help(actor=agent, id=talk.pk, staff_id=cast.manager.pk, text="客户要求退费，超出我的权限")
    assert told(cast.manager) == ["conversation.help_asked"]
    limit = Obligation.objects.get(subject_id=talk.pk, code="conversation.help")
    assert (limit.state, limit.due_at - limit.started_at) == ("running", timedelta(minutes=5))
    assert queries.messages(talk.pk)[-1]["direction"] == "note"
    asking.join(actor=lead, id=talk.pk)
    limit.refresh_from_db()
    assert (limit.state, told(cast.agent)) == ("met", ["conversation.joined"])
    told_of = dict(Event.objects.filter(subject_id=talk.pk).values_list("kind", "clauses"))
    assert told_of["conversation.help_asked"] == told_of["conversation.joined"] == ["R-01-3.1b", "R-00-3.2b"]


def test_the_inbox_shows_where_help_is_asked_until_it_comes(cast, talk, signed_in):
    asking.ask_help(actor=cast.actor(cast.agent), id=talk.pk, staff_id=cast.manager.pk, text="请支援")

    def shown(staff):
        page = Browser(signed_in(staff)).open("/inbox?tab=help").text
        return "水管漏水" in page, "向您求助" in page, f"已求助 {cast.manager.name}" in page

    assert (shown(cast.manager), shown(cast.receptionist)) == ((True, True, False), (True, False, True))
    assert (queries.how_many_ask(cast.actor(cast.manager)), queries.how_many_ask(cast.actor(cast.receptionist))) == (1, 0)
    asking.take_over(actor=cast.actor(cast.manager), id=talk.pk)
    assert (shown(cast.manager), queries.how_many_ask(cast.actor(cast.manager))) == ((False, False, False), 0)


def test_help_that_does_not_come_is_late(cast, talk):
    asking.ask_help(actor=cast.actor(cast.agent), id=talk.pk, staff_id=cast.manager.pk, text="请支援")
    with moment.frozen(moment.now() + timedelta(minutes=6)):
        asking.take_over(actor=cast.actor(cast.manager), id=talk.pk)
    assert Obligation.objects.get(subject_id=talk.pk, code="conversation.help").state == "late"


def test_a_second_agent_answers_beside_and_leaves(cast, talk):
    agent, second = cast.actor(cast.agent), cast.actor(cast.receptionist)
    assert "join" not in may(cast, cast.receptionist, talk)
    asking.invite(actor=agent, id=talk.pk, staff_id=cast.receptionist.pk)
    assert {"join"} == may(cast, cast.receptionist, talk) & {"join", "reply", "leave"}
    with pytest.raises(Conflict):
        asking.invite(actor=agent, id=talk.pk, staff_id=cast.receptionist.pk)
    asking.join(actor=second, id=talk.pk)
    assert {"reply", "leave"} <= may(cast, cast.receptionist, talk)
    assert queries.get(second, talk.pk).contact.agent_id == cast.agent.pk
    assert [(one["staff__number"], one["role"]) for one in queries.companions(talk.pk)] == [("022", Role.SECOND)]
    asking.leave(actor=second, id=talk.pk)
    with pytest.raises(NotAllowed):
        handling.reply(actor=second, id=talk.pk, text="好")


def test_mine_holds_what_a_colleague_is_asked_into_until_he_leaves(cast, talk):
    beside = cast.actor(cast.receptionist)

    def mine(actor):
        return [row["contact_id"] for row in queries.rows(actor, tab="mine").rows]

    assert mine(beside) == []
    assert beside.id not in {one.id for one in assignment.colleagues(beside, talk.pk)}
    asking.invite(actor=cast.actor(cast.agent), id=talk.pk, staff_id=beside.id)
    assert mine(beside) == mine(cast.actor(cast.agent)) == [talk.pk]
    asking.join(actor=beside, id=talk.pk)
    asking.leave(actor=beside, id=talk.pk)
    assert mine(beside) == []


def test_a_lead_steps_in_unasked_and_takes_over(cast, talk):
    lead = cast.actor(cast.manager)
    assert {"join", "take_over"} <= may(cast, cast.manager, talk)
    assert not {"join", "take_over"} & may(cast, cast.agent, talk) | {"take_over"} & may(cast, cast.receptionist, talk)
    asking.join(actor=lead, id=talk.pk)
    asking.take_over(actor=lead, id=talk.pk)
    talk.contact.refresh_from_db()
    assert (talk.contact.agent_id, told(cast.agent)) == (cast.manager.pk, ["conversation.joined", "conversation.taken_over"])
    assert [(one.staff_id, one.left_at) for one in Companion.objects.filter(left_at=None)] == [(cast.agent.pk, None)]


def test_a_note_whispers_to_the_agent_and_points_those_it_names(cast, talk):
    handling.note(actor=cast.actor(cast.manager), id=talk.pk, text="先安抚客户，@022 请查一下缴费记录，@吴敏 谢谢")
    assert (told(cast.agent), told(cast.receptionist)) == (["conversation.whispered"], ["conversation.mentioned"])
    handling.note(actor=cast.actor(cast.agent), id=talk.pk, text="邮箱 a@b.example 已核对")
    assert told(cast.agent) == ["conversation.whispered"]


def test_who_is_no_superior_is_not_asked(cast, talk):
    for staff in (cast.crew, cast.agent, cast.receptionist):
        with pytest.raises(Invalid):
            asking.ask_help(actor=cast.actor(cast.agent), id=talk.pk, staff_id=staff.pk, text="请支援")
    assert Companion.objects.count() == 0


def test_what_a_lead_took_over_or_a_colleague_gave_is_given_back(cast, talk):
    agent, lead, other = cast.actor(cast.agent), cast.actor(cast.manager), cast.actor(cast.receptionist)
    assert "give_back" not in may(cast, cast.agent, talk), "who took it himself has nobody to give it back to"
    asking.take_over(actor=lead, id=talk.pk)
    assert "give_back" in may(cast, cast.manager, talk)
    with pytest.raises(NotAllowed):
        asking.give_back(actor=agent, id=talk.pk, reason="我来")
    with pytest.raises(Invalid):
        asking.give_back(actor=lead, id=talk.pk, reason="  ")
    asking.give_back(actor=lead, id=talk.pk, reason="已与客户谈妥，请继续办理")
    talk.refresh_from_db()
    assert (talk.contact.agent_id, talk.state, queries.companions(talk.pk)) == (cast.agent.pk, State.OPEN, [])
    assert "conversation.given_back" in told(cast.agent)
    assert "give_back" not in may(cast, cast.agent, talk), "it does not go to and fro"

    handling.transfer(actor=agent, id=talk.pk, agent_id=cast.receptionist.pk, reason="客户在前台")
    asking.give_back(actor=other, id=talk.pk, reason="不属于前台业务")
    assert queries.get(agent, talk.pk).contact.agent_id == cast.agent.pk
    assert history(talk.pk)[0]["data"] == {"to": f"{cast.agent.number} {cast.agent.name}", "reason": "不属于前台业务"}


def test_given_back_to_who_works_here_no_more_it_waits_for_anybody(cast, talk):
    agent, other = cast.actor(cast.agent), cast.actor(cast.receptionist)
    handling.transfer(actor=agent, id=talk.pk, agent_id=cast.receptionist.pk, reason="请接手")
    Staff.objects.filter(pk=cast.agent.pk).update(is_active=False)
    asking.give_back(actor=other, id=talk.pk, reason="不属于前台业务")
    talk.refresh_from_db()
    assert (talk.contact.agent_id, talk.state) == (None, State.WAITING)
