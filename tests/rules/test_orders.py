"""Clauses of 002C and 003 that orders carry out."""

import pytest

from kefu.cases.supervision import services as supervision
from kefu.cases.workorders import asking, queries, services
from kefu.cases.workorders.models import OrderHelp, OrderReturn
from kefu.engines.clock import ticker
from kefu.engines.clock.models import Obligation, Pause
from kefu.engines.notify.models import Notice
from kefu.flows import archive, finish_work
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotAllowed, NotFound
from kefu.touch.contacts import services as contacts
from kefu.touch.customers import services as customers
from tests import cases
from tests.property_centre import HOUR, NOW, at


@pytest.mark.clause("R-02C-2c")
def test_an_order_is_dispatched_by_rule_and_signed_for(cast):
    order = cases.accepted(cast)
    assert (order.unit, order.signed_at) == (cast.repair, NOW)


@pytest.mark.clause("R-02C-2e2")
def test_arrival_on_site_is_recorded(cast):
    order = cases.accepted(cast)
    assert services.arrive(actor=cast.actor(cast.crew_leader), id=order.pk).arrived_at == NOW


@pytest.mark.clause("R-02C-4.1")
def test_an_urge_is_counted_and_told(cast):
    order = cases.order(cast)
    for _ in range(2):
        supervision.urge(actor=cast.actor(cast.agent), id=order.pk, text="什么时候来？")
    assert order.subject.urges.count() == 2


@pytest.mark.clause("R-02C-6.1")
def test_one_return_and_then_a_binding_ruling(cast):
    order = cases.order(cast)
    head = cast.actor(cast.repair_head)
    services.give_back(actor=head, id=order.pk, reason="not_ours", text="不属于本部门")
    services.dispatch(actor=cast.actor(cast.dispatcher), id=order.pk, unit_id=cast.repair.pk)
    with pytest.raises(Conflict) as refusal:
        services.give_back(actor=head, id=order.pk, reason="not_ours", text="再退")
    assert refusal.value.code == "returned_before"
    assert OrderReturn.objects.count() == 1


@pytest.mark.clause("R-02C-6.2")
def test_a_pause_has_a_reason_evidence_and_an_approval(cast):
    order = cases.accepted(cast)
    crew = cast.actor(cast.crew_leader)
    asking.ask_suspension(actor=crew, id=order.pk, reason="absent", text="家中无人", evidence="通话录音 0031")
    before = Obligation.objects.get(subject=order.pk, code="repair.finish").due_at
    asking.grant(actor=cast.actor(cast.repair_head), id=order.pk)
    assert Pause.objects.get().approved_by == cast.repair_head
    with moment.frozen(NOW + 5 * HOUR):
        asking.resume(actor=crew, id=order.pk)
    assert Obligation.objects.get(subject=order.pk, code="repair.finish").due_at == before + 5 * HOUR


@pytest.mark.clause("R-03-10.3.3")
def test_another_unit_helps_and_the_owner_stays(cast):
    order = cases.accepted(cast)
    crew = cast.actor(cast.crew_leader)
    asking.ask_helper(actor=crew, id=order.pk, unit_id=cast.cleaning.pk, demand="清理积水")
    order = asking.help_reply(actor=cast.actor(cast.cleaning_head), id=order.pk, reply="已清理")
    assert order.handler_id == cast.crew_leader.pk
    assert Obligation.objects.get(subject=order.pk, code="order.help").state == "met"


@pytest.mark.clause("R-03-10.3.3")
def test_a_helping_unit_has_a_limit_and_never_holds_an_order_up_for_ever(cast):
    order = cases.accepted(cast)
    crew, dispatcher = cast.actor(cast.crew_leader), cast.actor(cast.dispatcher)
    asking.ask_helper(actor=crew, id=order.pk, unit_id=cast.cleaning.pk, demand="清理积水")
    owed = Obligation.objects.get(subject=order.pk, code="order.help")
    assert (owed.owner, owed.name, owed.due_at) == (cast.cleaning_head, "协办回复 · 保洁部", at("2026-03-05 17:30"))
    with moment.frozen(owed.due_at + 25 * HOUR):
        ticker.tick()
        up = set(Notice.objects.filter(kind="clock.escalated", params__obligation=owed.pk).values_list("recipient__name", flat=True))
        assert up == {"高总", "钱师傅", "赵磊"}
        with pytest.raises(Conflict):
            finish_work.complete(actor=crew, id=order.pk, result="完成")
        row = OrderHelp.objects.get(order=order)
        with pytest.raises(NotAllowed):
            asking.withdraw_help(actor=cast.actor(cast.crew), id=order.pk, help_id=row.pk, reason="不等了")
        asking.withdraw_help(actor=dispatcher, id=order.pk, help_id=row.pk, reason="本班自行清理")
        assert Notice.objects.get(kind="order.help_withdrawn").recipient == cast.cleaning_head
        with pytest.raises(NotFound):
            queries.get(cast.actor(cast.cleaning_head), order.pk)
        assert finish_work.complete(actor=crew, id=order.pk, result="完成").state == "completed"
    owed.refresh_from_db()
    assert owed.state == "void"


@pytest.mark.clause("R-03-4.2.7")
def test_what_is_settled_is_sealed(cast):
    order = cases.completed(cast)
    task = order.subject.callbacks.get()
    finish_work.record_callback(actor=cast.actor(cast.receptionist), id=task.pk, verdict="satisfied")
    copy = order.subject.sealed_copies.get()
    assert copy.keep_until == archive.keep_until("workorder")


@pytest.mark.clause("R-03-3.3.1")
def test_what_is_not_ours_opens_no_order_but_is_kept(cast):
    contact = cases.call(cast)
    ended = contacts.refer(actor=cast.actor(cast.agent), id=contact.pk, answer="属供电公司", referred_to="95598")
    assert (ended.outcome, ended.referred_to) == ("referred", "95598")


@pytest.mark.clause("R-01-2.1a")
def test_what_can_be_answered_is_settled_at_once(cast):
    contact = cases.call(cast)
    assert contacts.settle(actor=cast.actor(cast.agent), id=contact.pk, answer="每月 5 日收费").outcome == "settled"


@pytest.mark.clause("R-03-5.1.2")
def test_customer_data_are_checked_with_the_customer(cast):
    made = cases.resident(cast)
    assert made.verified_at is None
    customers.verify(actor=cast.actor(cast.agent), id=made.pk)
    made.refresh_from_db()
    assert made.verified_at == NOW
