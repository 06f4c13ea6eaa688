"""Stories 1 to 3: a resident calls; the order is done; he calls again; the clock runs out."""

from datetime import timedelta

import pytest

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.supervision.models import Urge
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.engines.clock.ticker import tick
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.timeline.models import Event, SealedCopy
from kefu.timeline.services import is_intact
from tests import cases
from tests.browser import Browser
from tests.property_centre import DAY, HOUR, MINUTE, NOW, at

SEVEN = {"name": "张伟", "address": "3栋1201", "content": "厨房水管漏水", "appointment_at": "2026-03-04T15:00"}


@pytest.fixture
def as_(signed_in, cast):
    return lambda name: Browser(signed_in(getattr(cast, name)))


def test_the_call_is_taken_and_dispatched(cast, as_):
    resident = cases.resident(cast)
    agent = as_("agent").open("/desk").press("新来电", number="138 1234 5678", rings="2")
    assert "张伟" in agent.text
    assert "绿洲物业，021号为您服务" in agent.text
    agent.press("提交工单", 422, order_type="repair.public.water", content="厨房水管漏水")
    assert "请填写，或说明未填原因。" in agent.told
    assert "请先向对方复述要点，再提交。" in agent.told
    assert WorkOrder.objects.count() == 0
    agent.press("提交工单", read_back="true", appointment_at="2026-03-04T15:00")
    order = WorkOrder.objects.select_related("subject", "unit").get()
    assert agent.url == f"/orders/{order.pk}"
    assert order.subject.number == "GD20260304000001"
    assert (order.customer_id, order.unit, order.state) == (resident.pk, cast.repair, "dispatched")
    assert (order.name, order.phone, order.address) == ("张伟", "+8613812345678", "3栋1201")
    assert (order.content, order.wishes, order.appointment_at) == ("厨房水管漏水", "无", at("2026-03-04 15:00"))
    contact = order.contact
    assert (contact.agent_id, contact.ring_count, contact.outcome, contact.read_back) == (cast.agent.pk, 2, "order", True)
    due = {row.code: row.due_at for row in Obligation.objects.filter(subject=order.pk)}
    assert due == {
        "repair.respond": NOW + 30 * MINUTE,
        "order.sign": NOW + 30 * MINUTE,
        "repair.arrive": NOW + DAY,
        "repair.finish": NOW + 2 * DAY,
    }
    assert Obligation.objects.get(subject=order.pk, code="repair.finish").frozen["amount"] == 48
    assert list(Event.objects.filter(subject=order.pk).values_list("kind", flat=True)) == ["order.opened", "order.dispatched"]


def test_a_missing_field_needs_a_reason(cast, as_):
    agent = as_("agent").open("/desk").press("新来电", number="13812345678")
    agent.press("提交工单", 422, order_type="repair.public.water", **{**SEVEN, "address": ""}, read_back="true")
    assert "请填写，或说明未填原因。" in agent.told
    agent.press("提交工单", address_missing="来电人不愿说")
    assert WorkOrder.objects.get().contact.record["address_missing"] == "来电人不愿说"


def test_paid_work_is_not_submitted_before_the_price_is_told(cast, as_):
    agent = as_("agent").open("/desk").press("新来电", number="13812345678")
    agent.press("提交工单", 422, order_type="repair.private.water", **SEVEN, read_back="true")
    assert "有偿服务须先告知基本价格，才能提交。" in agent.told
    assert "30.00" in agent.text
    assert WorkOrder.objects.count() == 0
    agent.press("提交工单", 422, price_told="true", confirmed="true")
    assert "请写明告知的收费项目和价格。" in agent.told
    agent.press("提交工单", price_item="更换水龙头", price="30", price_told_at="2026-03-04T10:01")
    quote = WorkOrder.objects.get().quote
    assert (quote["price_item"], quote["price"], quote["price_told"]) == ("更换水龙头", 30, True)


def test_a_visitor_is_recorded_like_a_caller(cast, as_):
    desk = as_("receptionist").open("/desk").press("来访登记")
    desk.press(
        "提交工单", order_type="service.release", **SEVEN, phone="13812345678", read_back="true", visit_need="elderly",
        visitor_opinion="电梯太慢",
    )  # fmt: skip
    order = WorkOrder.objects.get()
    assert (order.channel, order.unit) == ("visit", cast.guard)
    assert order.contact.record == {"visit_need": "elderly", "visitor_opinion": "电梯太慢"}


def test_the_crew_accepts_extends_and_completes(cast, as_):
    order = cases.order(cast)
    page = f"/orders/{order.pk}"
    crew = as_("crew_leader").open("/orders")
    assert order.subject.number in crew.text
    crew.give(f"{page}/do/accept")
    assert "钱师傅" in crew.text
    until = NOW + 3 * DAY
    crew.give(f"{page}/do/ask_extension", until="2026-03-07T10:00", text="配件要明天到货")
    crew.open(f"{page}/do/ask_extension", 409)
    crew.open(f"{page}/do/grant", 409)
    as_("dispatcher").give(f"{page}/do/grant", remark="可以")
    finish = Obligation.objects.get(subject=order.pk, code="repair.finish")
    assert (finish.due_at, finish.extended_from) == (until, NOW + 2 * DAY)
    crew.open(f"{page}/do/ask_extension", 409)
    crew.send(f"{page}/do/ask_extension", 409, until="2026-03-09T10:00", text="还要再等")
    with moment.frozen(NOW + 2 * HOUR):
        crew.give(f"{page}/do/arrive")
        crew.give(f"{page}/do/complete", result="已更换密封圈，不再漏水。")
    assert WorkOrder.objects.get().state == "completed"
    assert set(Obligation.objects.filter(subject=order.pk, state="met").values_list("code", flat=True)) == {
        "order.sign", "repair.arrive", "repair.finish",
    }  # fmt: skip
    assert Obligation.objects.get(subject=order.pk, code="repair.respond").state == "late"
    assert CallbackTask.objects.get().state == "open"


def test_an_order_is_returned_once_with_a_coded_reason(cast, as_):
    order = cases.order(cast)
    page = f"/orders/{order.pk}"
    head = as_("repair_head").give(f"{page}/do/return", 422, text="不属于本部门", _confirm="yes")
    assert "此项必填" in head.told or "请填写" in head.told
    head.give(f"{page}/do/return", 422, reason="not_ours", text="不属于本部门")
    assert "请勾选确认" in head.told
    head.give(f"{page}/do/return", reason="not_ours", text="不属于本部门", _confirm="yes")
    order.refresh_from_db()
    assert (order.state, order.unit, order.returned) == ("new", None, True)
    assert Notice.objects.filter(kind="order.to_dispatch", recipient=cast.dispatcher).count() == 1
    as_("dispatcher").give(f"{page}/do/dispatch", unit_id=cast.repair.pk, remark="请按裁定办理")
    head.send(f"{page}/do/return", 409, reason="not_ours", text="再次退单", _confirm="yes")
    assert "本单已退过一次" in head.text


def test_the_second_call_is_an_urge_and_a_leader_supervises(cast, as_):
    cases.resident(cast)
    order = cases.order(cast)
    agent = as_("receptionist").open("/desk").press("新来电", number="13812345678")
    assert order.subject.number in agent.text
    agent.press("同一事项：记为催办", content="水还在漏，怎么还没有人来")
    assert agent.url == f"/orders/{order.pk}"
    assert "水还在漏，怎么还没有人来" in agent.text
    assert Urge.objects.get().contact.content == Urge.objects.get().text == "水还在漏，怎么还没有人来"
    assert WorkOrder.objects.count() == 1
    assert Urge.objects.get().contact.outcome == "urge"
    assert Notice.objects.filter(kind="case.urged", recipient=cast.repair_head).count() == 1
    page = f"/orders/{order.pk}"
    as_("dispatcher").give(f"{page}/do/supervise", level="listed", demand="今天下班前办结")
    head = as_("repair_head").open(page)
    assert "挂牌督办" in head.text
    head.give(f"{page}/do/answer_urge", reply="师傅已在路上")
    assert Urge.objects.get().reply == "师傅已在路上"


def test_warning_overdue_and_escalation_come_once_each(cast):
    order = cases.order(cast)
    mine = Obligation.objects.filter(subject=order.pk, code="repair.finish")
    moments = [NOW + 24 * HOUR, NOW + 38.4 * HOUR, NOW + 48 * HOUR + timedelta(seconds=1), NOW + 72 * HOUR + timedelta(seconds=1)]
    seen = []
    for when in moments:
        with moment.frozen(when):
            tick(when)
            tick(when)
        row = mine.get()
        seen.append((row.warned, row.overdue_at is not None, row.escalated))
    assert seen == [(1, False, 0), (2, False, 0), (2, True, 1), (2, True, 2)]
    events = Event.objects.filter(subject=order.pk, data__code="repair.finish").values_list("kind", flat=True)
    assert sorted(events) == ["clock.escalated", "clock.escalated", "clock.overdue", "clock.warned", "clock.warned"]
    assert Notice.objects.filter(kind="clock.escalated", recipient=cast.repair_head, subject=order.pk).exists()
    assert Notice.objects.filter(kind="clock.escalated", recipient=cast.boss, subject=order.pk).exists()


def test_satisfied_closes_and_seals(cast, as_):
    order = cases.completed(cast)
    task = CallbackTask.objects.get()
    desk = as_("receptionist").open("/callbacks")
    assert order.subject.number in desk.text
    desk.give(f"/callbacks/{task.pk}/do/record", verdict="satisfied")
    order.refresh_from_db()
    assert (order.state, order.satisfaction) == ("archived", "satisfied")
    copy = SealedCopy.objects.get(subject=order.pk)
    assert is_intact(copy)
    assert copy.sha256 == order.seal
    assert "厨房水管漏水" in copy.body
    page = as_("dispatcher").open(f"/orders/{order.pk}")
    assert order.seal[:16] in page.text
    page.give(f"/orders/{order.pk}/do/correct", text="地址应为3栋1202")
    assert is_intact(SealedCopy.objects.get(subject=order.pk))


def test_not_satisfied_goes_back_and_the_second_time_becomes_a_complaint(cast, as_):
    order = cases.completed(cast)
    desk = as_("receptionist")
    for round_number in (1, 2):
        task = CallbackTask.objects.get(state="open")
        desk.give(f"/callbacks/{task.pk}/do/record", 422, verdict="not_satisfied")
        desk.give(f"/callbacks/{task.pk}/do/record", verdict="not_satisfied", words="还在漏水")
        order.refresh_from_db()
        assert (order.state, order.handler, order.redo_round) == ("working", cast.crew_leader, round_number)
        if round_number == 1:
            assert not order.complaints.exists()
            as_("crew_leader").give(f"/orders/{order.pk}/do/complete", result="重新拧紧接头。")
    complaint = order.complaints.get()
    assert (complaint.content, complaint.state) == ("还在漏水", "received")
    assert complaint.subject.unit_path == cast.centre.path
