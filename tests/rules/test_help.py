"""Help of a superior on a call and on an order (the one in a conversation: tests/conversations)."""

from datetime import timedelta

import pytest

from kefu.cases.supervision import asking, declares, queries
from kefu.engines.clock import queries as clock
from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.timeline.models import Event
from tests import cases
from tests.browser import Browser
from tests.conversations.makers import written


def told(staff):
    return list(Notice.objects.filter(recipient=staff, kind__startswith="case.help").values_list("kind", flat=True))


@pytest.mark.clause("R-01-3.1b", "R-00-3.2b")
def test_on_a_call_a_superior_is_asked_by_one_form_and_answers_within_five_minutes(cast, signed_in):
    call, agent, superior = cases.call(cast), cast.actor(cast.agent), cast.actor(cast.manager)
    assert queries.first_superior(agent, call.pk) == {"staff_id": cast.manager.pk}
    with pytest.raises(Invalid):
        asking.ask_superior(actor=agent, id=call.pk, staff_id=cast.crew.pk, text="客户要求退费")
    Browser(signed_in(cast.agent)).give(f"/contacts/{call.pk}/do/ask_superior", text="客户要求退费")
    assert (told(cast.manager), [one["code"] for one in clock.my_open(superior)]) == (["case.help_asked"], ["conversation.help"])
    assert "客户要求退费" in Browser(signed_in(cast.agent)).open(f"/desk/{call.pk}").text
    with pytest.raises(NotAllowed):
        asking.give_help(actor=agent, id=call.pk, answer="可以")
    with moment.frozen(moment.now() + timedelta(minutes=4)):
        asking.give_help(actor=superior, id=call.pk, answer="可以减免一个月")
    limit = Obligation.objects.get(subject_id=call.pk, code="conversation.help")
    assert (limit.state, limit.owner_id, limit.due_at - limit.started_at) == ("met", cast.manager.pk, timedelta(minutes=5))
    assert told(cast.agent) == ["case.help_given"]
    assert "可以减免一个月" in Browser(signed_in(cast.agent)).open(f"/contacts/{call.pk}").text
    cited = dict(Event.objects.filter(subject_id=call.pk, kind__startswith="case.help").values_list("kind", "clauses"))
    assert cited == {f"case.help_{what}": ["R-01-3.1b", "R-00-3.2b"] for what in ("asked", "given")}


@pytest.mark.clause("R-01-3.1b")
def test_on_an_order_the_superior_is_asked_sees_it_and_is_late_in_the_end(cast, signed_in):
    order, leader = cases.accepted(cast), cast.actor(cast.crew_leader)
    asking.ask_superior(actor=leader, id=order.pk, staff_id=cast.repair_head.pk, text="要停水两小时，请批准")
    assert {"give_help"} == declares.allowed(cast.actor(cast.repair_head), order.pk) & {"give_help", "ask_superior"}
    page = Browser(signed_in(cast.repair_head)).open(f"/orders/{order.pk}").text
    assert ("要停水两小时" in page, f"已求助 {cast.repair_head.name}" in page) == (True, True)
    assert f"已求助 {cast.repair_head.name}" in Browser(signed_in(cast.manager)).open("/orders").text
    with pytest.raises(Conflict) as refused:
        asking.ask_superior(actor=leader, id=order.pk, staff_id=cast.manager.pk, text="再问一次")
    assert "已求助" in refused.value.message()
    with moment.frozen(moment.now() + timedelta(hours=5)):
        asking.give_help(actor=cast.actor(cast.manager), id=order.pk, answer="同意，先通知住户")
    assert Obligation.objects.get(subject_id=order.pk, code="order.superior").state == "late"
    assert "已求助" not in Browser(signed_in(cast.manager)).open("/orders").text


@pytest.mark.clause("R-01-3.1b")
def test_the_list_of_complaints_marks_who_waits_for_a_superior(cast, signed_in):
    complaint = cases.judged(cast)
    asker = cast.actor(cast.receptionist)
    asking.ask_superior(actor=asker, id=complaint.pk, staff_id=queries.first_superior(asker, complaint.pk)["staff_id"], text="可否赔偿")
    page = Browser(signed_in(cast.receptionist))
    assert "已求助" in page.open("/complaints").text
    asking.withdraw_call(actor=asker, id=complaint.pk)
    assert "已求助" not in page.open("/complaints").text


def test_where_there_is_a_talk_or_nothing_is_seen_nobody_is_asked_here(cast):
    talk = written(cast)
    assert declares.allowed(cast.actor(cast.agent), talk.pk) == set()
    with pytest.raises((Conflict, NotAllowed)):
        asking.ask_superior(actor=cast.actor(cast.agent), id=talk.pk, staff_id=cast.manager.pk, text="请支援")
    order = cases.order(cast)
    with pytest.raises(NotFound):
        asking.ask_superior(actor=cast.actor(cast.cleaning_head), id=order.pk, staff_id=cast.manager.pk, text="请支援")


def test_who_asked_withdraws_it_and_nothing_is_owed_any_more(cast, signed_in):
    case, agent = cases.heard(cast), cast.actor(cast.receptionist)
    asking.ask_superior(actor=agent, id=case.pk, staff_id=cast.manager.pk, text="对方要求当面道歉")
    assert "complaint.superior" in [one["code"] for one in clock.my_open(cast.actor(cast.manager))]
    page = Browser(signed_in(cast.manager)).open(f"/complaints/{case.pk}").text
    assert ("对方要求当面道歉" in page, f"已求助 {cast.manager.name}" in page) == (True, True)
    with pytest.raises(NotAllowed):
        asking.withdraw_call(actor=cast.actor(cast.manager), id=case.pk)
    Browser(signed_in(cast.receptionist)).give(f"/complaints/{case.pk}/do/withdraw_call")
    assert Obligation.objects.get(subject_id=case.pk, code="complaint.superior").state == "void"
    assert told(cast.manager) == ["case.help_asked", "case.help_withdrawn"]
    assert "已撤回" in Browser(signed_in(cast.receptionist)).open(f"/complaints/{case.pk}").text
    assert "ask_superior" in declares.allowed(agent, case.pk)
