"""People who come to the centre: a number, a wait that is measured, a window, the record, and the register on paper."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.touch.channels.visits import queries, services
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts.models import Contact
from tests import cases
from tests.browser import Browser
from tests.property_centre import DAY, NOW


def came(cast, by="receptionist", **words):
    return services.arrive(actor=cast.actor(getattr(cast, by)), **words)


def test_numbers_run_by_day_and_counter(cast):
    assert [came(cast).ticket, came(cast).ticket, came(cast, counter="B").ticket] == ["A001", "A002", "B001"]
    with moment.frozen(NOW + DAY):
        assert came(cast).ticket == "A001"
    held = Visit.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(contact=cases.call(cast), day=held.day, counter=held.counter, number=held.number)
    with pytest.raises(Invalid):
        came(cast, counter="Z")
    with pytest.raises(NotAllowed):
        came(cast, by="crew")


def test_who_waited_longest_is_called_first_and_the_board_names_nobody(cast, signed_in):
    first, second = came(cast, name="张伟", purpose="电梯投诉"), came(cast, name="李女士")
    agent = cast.actor(cast.agent)
    assert services.call_next(actor=agent, window="1号").pk == first.pk
    assert services.call_next(actor=agent, counter="A", window="2号").pk == second.pk
    with pytest.raises(Conflict) as refused:
        services.call_next(actor=agent)
    assert refused.value.code == "nobody_waits"
    came(cast, name="王五")
    text = Browser(signed_in(cast.agent)).open("/visits/board").text
    assert "A002" in text
    assert "2号" in text
    assert not any(word in text for word in ("张", "李", "王", "电梯"))


def test_turned_away_with_a_reason_of_the_list_and_kept_in_the_register(cast, signed_in):
    visit = came(cast, name="赵六", organisation="某保险公司", purpose="推销")
    desk = Browser(signed_in(cast.receptionist))
    desk.give(f"/visits/{visit.pk}/do/refuse", refusal="insurance")
    visit.refresh_from_db()
    assert (visit.state, visit.left_at, Contact.objects.get(pk=visit.pk).outcome) == ("refused", NOW, "void")
    sheet = desk.open(f"/visits/{visit.pk}/sheet").text
    assert "推销保险" in sheet
    assert "某保险公司" in sheet
    assert "赵六" not in sheet


def test_another_level_needs_its_reason(cast):
    with pytest.raises(Invalid) as refused:
        came(cast, protocol="lower")
    assert set(refused.value.fields) == {"protocol_reason"}
    assert came(cast, protocol="higher", protocol_reason="市局来访").protocol == "higher"


def test_from_the_door_to_an_order_with_everything_filled_in(cast, signed_in):
    cases.resident(cast)
    desk = Browser(signed_in(cast.receptionist))
    desk.give("/visits/new", phone="13812345678", purpose="厨房水管漏水")
    visit = Visit.objects.get()
    assert "张**" in desk.text
    desk.open("/visits").press("请下一位", window="1号")
    desk.give(f"/visits/{visit.pk}/do/serve")
    assert desk.url == f"/desk/{visit.pk}"
    page = desk.page.one("form", id="desk-record")
    filled = {node.get("name"): node.get("value") for node in page.all("input")}
    assert (filled["name"], filled["address"]) == ("张伟", "3栋1201")
    desk.press("提交工单", order_type="repair.public.water", appointment_at="2026-03-04T15:00", read_back="true")
    order = WorkOrder.objects.get()
    assert (desk.url, order.channel, order.content) == (f"/orders/{order.pk}", "visit", "厨房水管漏水")
    desk.give(f"/visits/{visit.pk}/do/leave", opinion="窗口太少")
    visit.refresh_from_db()
    assert (visit.state, visit.opinion) == ("left", "窗口太少")


def test_a_visitor_who_goes_before_being_received_leaves_no_open_contact(cast):
    visit = came(cast)
    services.leave(actor=cast.actor(cast.agent), id=visit.pk)
    assert (Contact.objects.get(pk=visit.pk).outcome, Obligation.objects.get(subject=visit.pk).state) == ("void", "void")
    with pytest.raises(Conflict):
        services.serve(actor=cast.actor(cast.agent), id=visit.pk)


def test_the_desk_takes_visitors_into_the_same_register(cast, signed_in):
    desk = Browser(signed_in(cast.agent))
    desk.send("/desk/new", channel="visit", number="13812345678")
    visit = Visit.objects.get()
    assert (visit.ticket, visit.state, visit.served_at) == ("A001", "serving", NOW)
    waiting = came(cast)
    desk.open(f"/desk/{waiting.pk}")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.contact.agent_id) == ("serving", cast.agent.pk)
    assert [row["ticket"] for row in queries.of_day(cast.actor(cast.agent), here=True)] == ["A001", "A002"]


def test_by_interface(cast, signed_in):
    client = signed_in(cast.agent)
    made = client.post("/api/v1/visits", data=json.dumps({"counter": "B"}), content_type="application/json")
    assert (made.status_code, made.json()["ticket"]) == (201, "B001")
    given = client.post(f"/api/v1/visits/{made.json()['id']}/commands/call", data='{"window": "3"}', content_type="application/json")
    assert given.json()["state"] == "called"
    assert [(row["ticket"], row["window"]) for row in client.get("/api/v1/visits").json()["rows"]] == [("B001", "3")]
