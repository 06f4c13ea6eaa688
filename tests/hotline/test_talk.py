"""An order of the city hotline is a talk: it lies in the inbox with its clocks, is offered, and moves with its order in both directions."""

from __future__ import annotations

import json

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.engines.search import queries as search
from kefu.flows import erase_people, open_passed_on
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.people.models import Staff
from kefu.touch.assignment import services as assignment
from kefu.touch.assignment.models import Offer
from kefu.touch.channels.hotline import handling, services
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts import services as contact_services
from kefu.touch.conversations import asking, queries
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations.models import Conversation, Message
from tests.assignment.makers import ready
from tests.hotline.test_orders import PASSED, TYPE, opened, taken
from tests.knowledge.making import approved
from tests.property_centre import DAY, HOUR, MINUTE, NOW


def talk_of(passed_on):
    return Conversation.objects.select_related("contact", "account").get(pk=passed_on.pk)


def test_it_lies_in_the_inbox_with_its_clocks_and_no_longer_on_the_desk(cast, signed_in):
    taken(cast)
    again = taken(cast)
    talk = talk_of(again.order)
    assert (again.what, Message.objects.count(), talk.state, talk.account.channel) == ("same", 1, "waiting", "hotline12345")
    assert set(Obligation.objects.filter(subject=talk.pk).values_list("code", flat=True)) == {"hotline.report", "conversation.other_reply"}
    agent = signed_in(cast.agent)
    assert "路灯不亮" in agent.get("/inbox?tab=waiting").content.decode()
    assert contacts.open_contacts(cast.actor(cast.agent), but=queries.is_conversation()) == []
    page = agent.get(f"/inbox/{talk.pk}").content.decode()
    assert all(word in page for word in (PASSED["number"], f"/hotline/{talk.pk}", "12345 2026030400012345"))
    assert "13812345678" not in page


def test_it_is_offered_and_nothing_is_sent_from_there(cast, signed_in):
    talk = talk_of(taken(cast).order)
    ready(cast, cast.agent)
    with moment.frozen(NOW + MINUTE):
        assert assignment.turn() == 1
    assert Offer.objects.get().staff_id == cast.agent.pk
    agent = cast.actor(cast.agent)
    talks.take(actor=agent, id=talk.pk)
    with pytest.raises(Conflict) as refused:
        talks.reply(actor=agent, id=talk.pk, text="已处理")
    assert refused.value.code == "no_way_out"
    page = signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
    assert 'id="reply-text"' not in page
    assert "先开立工单" in page


def test_articles_beside_it_are_answered_with_and_not_put_into_a_box_that_is_not_there(cast, signed_in):
    approved(cast, title="小区路灯不亮怎么办", body="路灯不亮由工程部当日查看，线路故障三天内修复。")
    talk = talk_of(taken(cast).order)
    agent = signed_in(cast.agent)
    for page in (agent.get(f"/inbox/{talk.pk}"), agent.post(f"/inbox/{talk.pk}/hits", {"text": ""})):
        told = page.content.decode()
        assert "小区路灯不亮怎么办" in told
        assert "用于答复" in told
        assert "data-insert" not in told


def test_opening_the_case_ends_the_talk_and_meets_the_first_reply(cast):
    passed_on, order = opened(cast)
    talk = talk_of(passed_on)
    assert (talk.state, talk.wrap_up, talk.contact.led_to_id) == ("closed", "case_opened", order.pk)
    states = dict(Obligation.objects.filter(subject=talk.pk).values_list("code", "state"))
    assert (states["conversation.other_reply"], states["hotline.report"]) == ("met", "running")


def test_settled_in_the_inbox_it_can_be_reported(cast):
    passed_on = taken(cast).order
    agent = cast.actor(cast.agent)
    talks.take(actor=agent, id=passed_on.pk)
    with pytest.raises(Invalid):
        talks.close(actor=agent, id=passed_on.pk, wrap_up="junk")
    talks.close(actor=agent, id=passed_on.pk, wrap_up="answered")
    assert Obligation.objects.get(subject=passed_on.pk, code="hotline.report").state == "running"
    handling.report(actor=cast.actor(cast.dispatcher), id=passed_on.pk, text="已答复诉求人。", solved="solved", way="platform")
    assert talk_of(passed_on).state == "closed"


@pytest.mark.parametrize("days", [1, 40])  # within the days of reopening, and long after
def test_a_redo_of_what_was_settled_comes_back_to_who_settled_it(cast, days):
    passed_on = taken(cast).order
    agent, desk = cast.actor(cast.agent), cast.actor(cast.dispatcher)
    talks.take(actor=agent, id=passed_on.pk)
    talks.close(actor=agent, id=passed_on.pk, wrap_up="answered")
    handling.report(actor=desk, id=passed_on.pk, text="已答复诉求人。", solved="solved", way="platform")
    with moment.frozen(NOW + days * DAY):
        services.redo(actor=desk, id=passed_on.pk, words="诉求人不认可", due_at=NOW + (days + 2) * DAY)
        talk = talk_of(passed_on)
        assert (talk.state, talk.contact.agent_id, talk.contact.outcome, Conversation.objects.count()) == ("open", cast.agent.pk, "open", 1)
        assert Message.objects.filter(conversation_id=talk.pk).latest("pk").text == "诉求人不认可"
        assert Notice.objects.filter(recipient=cast.agent, kind="conversation.answered").exists()
        talks.close(actor=agent, id=passed_on.pk, wrap_up="answered")
        handling.report(actor=desk, id=passed_on.pk, text="再次答复。", solved="solved", way="platform")
        assert talk_of(passed_on).state == "closed"


def test_a_redo_waits_for_others_when_who_settled_it_has_gone(cast):
    passed_on = taken(cast).order
    talks.take(actor=cast.actor(cast.agent), id=passed_on.pk)
    talks.close(actor=cast.actor(cast.agent), id=passed_on.pk, wrap_up="answered")
    desk = cast.actor(cast.dispatcher)
    handling.report(actor=desk, id=passed_on.pk, text="已答复诉求人。", solved="solved", way="platform")
    Staff.objects.filter(pk=cast.agent.pk).update(is_active=False)
    services.redo(actor=desk, id=passed_on.pk, words="诉求人不认可", due_at=NOW + 5 * HOUR)
    assert (talk_of(passed_on).state, talk_of(passed_on).contact.agent_id) == ("waiting", None)
    ready(cast, cast.receptionist)
    with moment.frozen(NOW + MINUTE):
        assert assignment.turn() == 1


def test_returned_to_the_hotline_it_is_over(cast):
    passed_on = taken(cast, passed_on_at=NOW - HOUR).order
    desk = cast.actor(cast.dispatcher)
    handling.ask_return(actor=desk, id=passed_on.pk, reason="wrong_area", text="不属本单位", way="platform")
    assert talk_of(passed_on).state == "waiting"
    handling.decide(actor=desk, id=passed_on.pk, verdict="granted")
    talk = talk_of(passed_on)
    assert (talk.state, talk.wrap_up, talk.contact.outcome) == ("closed", "not_ours", "referred")


def test_a_redo_is_the_next_turn_while_the_talk_runs_and_goes_on_in_the_case_afterwards(cast):
    running, (led, _order) = taken(cast).order, opened(cast, number="B-1")
    desk = cast.actor(cast.dispatcher)
    for one in (running, led):
        services.redo(actor=desk, id=one.pk, words="诉求人催促", due_at=NOW + 5 * HOUR)
    assert Message.objects.filter(conversation_id=running.pk).count() == 2
    assert (Message.objects.filter(conversation_id=led.pk).count(), talk_of(led).state) == (1, "closed")


def test_who_may_not_know_a_secret_caller_learns_nothing_by_the_talk(cast, signed_in):
    passed_on = taken(cast, secret=True, content="保密诉求：楼上噪声").order
    talk = talk_of(passed_on)
    assert not any(word in f"{talk.address} {Message.objects.get().sender}" for word in ("138", "张伟"))
    agent = signed_in(cast.agent)
    assert not cast.actor(cast.agent).can("secrets.see")
    assert "噪声" not in agent.get("/inbox?tab=waiting").content.decode()
    assert (agent.get(f"/inbox/{talk.pk}").status_code, agent.get(f"/api/v1/conversations/{talk.pk}").status_code) == (404, 404)
    assert json.loads(agent.get("/api/v1/conversations?tab=waiting").content)["items"] == []
    for words in ("噪声", "张伟", "13812345678", PASSED["number"]):
        assert [row for row in search.find(actor=cast.actor(cast.agent), text=words) if row.subject_id == talk.pk] == []
    with pytest.raises(NotFound):
        talks.take(actor=cast.actor(cast.agent), id=talk.pk)
    ready(cast, cast.agent)
    with moment.frozen(NOW + MINUTE):
        assert assignment.turn() == 0  # it waits for somebody who may know
    ready(cast, cast.manager)
    with moment.frozen(NOW + 2 * MINUTE):
        assert assignment.turn() == 1
    assert Offer.objects.get().staff_id == cast.manager.pk
    talks.take(actor=cast.actor(cast.manager), id=talk.pk)
    lead, other = cast.actor(cast.manager), cast.agent.pk
    draws = (
        lambda: talks.transfer(actor=lead, id=talk.pk, agent_id=other),
        lambda: talks.mention(actor=lead, id=talk.pk, staff_id=other, text="请看"),
        lambda: talks.note(actor=lead, id=talk.pk, text="@021 请看"),
        lambda: asking.invite(actor=lead, id=talk.pk, staff_id=other),
    )
    for draw in draws:
        with pytest.raises(Invalid):
            draw()
    assert agent.get(f"/inbox/{talk.pk}").status_code == 404
    case = open_passed_on.open_order(actor=cast.actor(cast.manager), id=talk.pk, order_type=TYPE)
    assert (case.name, case.phone, talk_of(passed_on).state) == ("", "", "closed")


def test_what_another_system_reported_first_and_was_worked_on_stays_a_contact(cast):
    agent = cast.actor(cast.agent)
    contact, _new = contact_services.receive(
        actor=agent, channel="hotline12345", foreign_id=PASSED["number"], waits=True, content="路灯", received_at=NOW - HOUR
    )
    contact_services.settle(actor=agent, id=contact.pk, answer="已答复")
    assert taken(cast).order.pk == contact.pk
    assert not Conversation.objects.exists()


def test_erased_it_says_nothing_any_more(cast):
    passed_on, _order = opened(cast)
    assert passed_on.pk not in erase_people.talks_over(NOW + 10 * HOUR, 10)  # the term of hotline orders holds
    erase_people.erase_contacts([passed_on.pk])
    assert (Message.objects.get().text, talk_of(passed_on).title, talk_of(passed_on).contact.name) == ("", "", "")
