"""What people and machines send: twice, too long, in strange letters, for what is not there."""

import pytest
from django.test import Client

from kefu.cases.complaints.models import Complaint
from kefu.cases.workorders import services
from kefu.cases.workorders.models import WorkOrder
from kefu.flows.open_from_contact import open_order, urge_instead
from kefu.kit.errors import Conflict, KefuError
from kefu.timeline.models import Event
from kefu.touch.contacts.models import Contact
from tests import cases
from tests.browser import Browser

STRANGE = ["水管💧漏水", "\u202eغرفة\u202c 301", "𠮷野家㍿", "a\u0301 é", "a\x00b\x07c"]


def test_the_same_form_twice_is_one_order(cast):
    contact = cases.call(cast)
    asked = {"actor": cast.actor(cast.agent), "contact_id": contact.pk, "order_type": "repair.public.water", "record": cases.RECORD}
    assert open_order(**asked).pk == open_order(**asked).pk
    assert WorkOrder.objects.count() == 1


def test_the_same_urge_twice_is_one_urge(cast):
    order = cases.order(cast)
    contact = cases.call(cast)
    asked = {"actor": cast.actor(cast.agent), "contact_id": contact.pk, "order_id": order.pk}
    assert urge_instead(**asked).pk == urge_instead(**asked).pk


def test_a_second_accept_is_refused_in_words(cast):
    order = cases.order(cast)
    services.accept(actor=cast.actor(cast.crew_leader), id=order.pk)
    before = Event.objects.count()
    with pytest.raises(Conflict) as refusal:
        services.accept(actor=cast.actor(cast.crew), id=order.pk)
    assert refusal.value.message()
    assert Event.objects.count() == before


@pytest.mark.parametrize("text", STRANGE)
def test_strange_letters_are_kept_or_cleaned(cast, signed_in, text):
    agent = Browser(signed_in(cast.agent)).open("/desk").press("新来电", number="13812345678")
    agent.press(
        "提交工单", order_type="repair.public.water", name=text[:40], address=text, content=text, read_back="true",
        appointment_at="2026-03-04T15:00",
    )  # fmt: skip
    assert WorkOrder.objects.get().content == text.replace("\x00", "").replace("\x07", "").replace("a\u0301", "á")
    employee = Browser(signed_in(cast.employee))
    employee.send("/complaints/new", content=text + text, name=text)
    assert "\x00" not in Complaint.objects.get().content


def test_twenty_megabytes_are_refused_in_words(cast, signed_in):
    agent = Browser(signed_in(cast.agent)).open("/desk").press("新来电", number="13812345678")
    agent.press("提交工单", 422, order_type="repair.public.water", content="水" * 7_000_000, read_back="true")
    employee = signed_in(cast.employee)
    answer = employee.post("/complaints/new", {"content": "水" * 7_000_000})
    assert answer.status_code in {413, 422}
    assert WorkOrder.objects.count() == Complaint.objects.count() == 0


def test_gb18030_bytes_do_no_harm(cast, signed_in):
    client = signed_in(cast.employee)
    body = b"content=" + "保洁态度差".encode("gb18030")
    answer = client.generic("POST", "/complaints/new", body, content_type="application/x-www-form-urlencoded; charset=gb18030")
    assert answer.status_code < 500


@pytest.mark.parametrize("url", ["/orders/{}", "/complaints/{}", "/callbacks/{}", "/contacts/{}", "/customers/{}", "/desk/{}", "/s/{}"])
@pytest.mark.parametrize("number", [0, 987654321, 10**18, 10**30])
def test_unknown_numbers_are_not_found(cast, signed_in, url, number):
    assert signed_in(cast.manager).get(url.format(number)).status_code == 404


@pytest.mark.parametrize(
    "query", ["content=%00", "number=%00&after=x", "after=!!", "after=WzFd", "view=99999999999999999999", "unit=x", "tab=zzz"]
)
@pytest.mark.parametrize("url", ["/orders", "/complaints", "/customers", "/callbacks"])
def test_no_query_breaks_a_list(cast, signed_in, url, query):
    assert signed_in(cast.manager).get(f"{url}?{query}").status_code < 500


@pytest.mark.parametrize("field", ["unit_id", "handler_id"])
@pytest.mark.parametrize("value", ["987654321", "-1", "x", "99999999999999999999999"])
def test_ids_that_nobody_offered_are_refused(cast, signed_in, field, value):
    order = cases.order(cast)
    command = {"unit_id": "redirect", "handler_id": "assign"}[field]
    client = signed_in(cast.dispatcher if command == "redirect" else cast.repair_head)
    assert client.post(f"/orders/{order.pk}/do/{command}", {field: value, "reason": "换部门办理"}).status_code == 422


def test_every_refusal_speaks_chinese():
    def below(kind):
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    for kind in {KefuError, *below(KefuError)}:
        if not kind.__module__.startswith("kefu."):
            continue
        text = str(kind.text)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text), f"{kind.__name__}: {text}"


def test_a_guest_is_led_to_the_door(db):
    assert Client().get("/desk")["Location"].startswith("/sign-in")
    assert Contact.objects.count() == 0
