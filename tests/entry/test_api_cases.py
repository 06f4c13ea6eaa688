"""Orders, complaints, callbacks and customers over the API: the same commands as on the pages, the same judge."""

from __future__ import annotations

import pytest
from django.test import Client

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.workorders import routing
from kefu.cases.workorders.api import allowed_of
from kefu.cases.workorders.models import WorkOrder
from kefu.cases.workorders.queries import row
from kefu.engines.rulebook import loader
from kefu.entry.api import api as the_api
from kefu.kit.commands import command_sets, commands_of
from kefu.kit.errors import NotFound
from kefu.people.actor import SYSTEM
from kefu.people.services import make_token
from kefu.touch.customers.services import create as create_customer

RECORD = {"appointment_at_missing": "未约定", "wishes": "无"}
CONTACT = {"name": "张三", "phone": "13800001234", "address": "3-2-501", "content": "公共走廊灯不亮"}
PATHS = {"workorder": "orders", "complaint": "complaints", "callback": "callbacks", "customer": "customers"}


@pytest.fixture
def centre(cast):
    """The cast with the property pack; posts stay those of the tests."""
    from tests.cast import make_posts

    loader.load("property", actor=SYSTEM)
    make_posts()
    routing.forget()
    return cast


@pytest.fixture
def api(centre):
    def of(staff):
        actor = centre.actor(staff)
        client = Client(headers={"Authorization": f"Bearer {make_token(actor=actor, name='t', rights=sorted(actor.rights))[1]}"})
        client.say = lambda path, body=None: client.post(f"/api/v1{path}", body or {}, content_type="application/json")
        client.ask = lambda path, **query: client.get(f"/api/v1{path}", query)
        return client

    return of


@pytest.fixture
def order(api, centre):
    client = api(centre.agent)
    contact = client.say("/contacts", CONTACT).json()
    made = client.say("/orders", {"contact_id": contact["id"], "order_type": "repair.public.light", "record": RECORD})
    assert made.status_code == 201, made.content.decode()
    return made.json()


def test_every_declared_command_is_in_the_api_with_its_schema():
    paths = the_api.get_openapi_schema()["paths"]
    for kind, place in PATHS.items():
        declared = {one.name for one in commands_of(kind).commands}
        prefix = f"/api/v1/{place}/{{id}}/commands"
        offered = {path.removeprefix(f"{prefix}/") for path in paths if path.startswith(f"{prefix}/")}
        assert offered == declared, kind
        assert prefix in paths
    assert {one.kind for one in command_sets} >= set(PATHS)


def test_an_order_is_opened_from_a_contact_once(api, centre, order):
    assert (order["state"], order["unit"]) == ("dispatched", "工程部")
    held = WorkOrder.objects.get(pk=order["id"])
    assert (held.channel, held.type.code, held.phone) == ("api", "repair.public.light", "+8613800001234")
    client = api(centre.agent)
    again = client.say("/orders", {"contact_id": held.contact_id, "order_type": "repair.public.light", "record": RECORD})
    assert again.json()["id"] == order["id"]
    assert client.ask(f"/contacts/{held.contact_id}").json()["led_to"] == order["id"]


def test_an_incomplete_record_is_refused_field_by_field(api, centre):
    client = api(centre.agent)
    contact = client.say("/contacts", {"content": "灯不亮"}).json()
    answer = client.say("/orders", {"contact_id": contact["id"], "order_type": "repair.public.light"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} >= {"name", "phone", "address"}
    assert client.say("/orders", {"contact_id": contact["id"], "order_type": "none"}).json()["errors"][0]["field"] == "order_type"
    assert client.say("/orders", {"contact_id": 10**9, "order_type": "repair.public.light"}).status_code == 404
    assert not WorkOrder.objects.exists()


def test_the_list_is_masked_paged_and_filtered(api, centre, order, assert_queries):
    client = api(centre.agent)
    with assert_queries("api.orders.list"):
        page = client.ask("/orders").json()
    (line,) = page["items"]
    assert (line["id"], line["name"], line["phone"], line["unit"]) == (order["id"], "张**", "138****1234", "工程部")
    assert line["next_due"]
    assert page["next"] is None
    assert client.ask("/orders", state=["working", "new"]).json()["items"] == []
    assert client.ask("/orders", state="dispatched").json()["items"]
    assert client.ask("/orders", filter='{"field": "channel", "op": "eq", "value": "api"}').json()["items"]
    for wrong in ("{", "[1]", '{"field": "secret", "op": "eq", "value": 1}'):
        answer = client.ask("/orders", filter=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_condition"), wrong


def test_one_order_tells_limits_history_and_what_may_be_done(api, centre, order, assert_queries):
    client = api(centre.agent)
    with assert_queries("api.orders.one"):
        read = client.ask(f"/orders/{order['id']}").json()
    assert {line["code"] for line in read["obligations"]}
    assert [event["kind"] for event in read["events"]] == ["order.dispatched", "order.opened"]
    assert read["allowed"] == order["allowed"]
    assert "13800001234" not in str(read)
    assert api(centre.cleaning_head).ask(f"/orders/{order['id']}").status_code == 404


def test_the_quick_judge_agrees_with_the_full_one(api, centre, order):
    """At every step of an order's life, for everybody."""
    people = [centre.agent, centre.dispatcher, centre.crew_leader, centre.repair_head, centre.manager]
    head, asker = api(centre.repair_head), api(centre.dispatcher)
    here = f"/orders/{order['id']}/commands"
    steps = [
        lambda: None,
        lambda: head.say(f"{here}/accept"),
        lambda: head.say(f"{here}/ask_extension", {"reason": "等待配件", "text": "缺灯管", "until": "2026-12-31T10:00:00"}),
        lambda: asker.say(f"{here}/urge", {"text": "很急"}),
        lambda: asker.say(f"{here}/supervise", {"level": "unit", "demand": "请尽快"}),
        lambda: asker.say(f"{here}/grant", {"remark": "ok"}),
        lambda: head.say(f"{here}/complete", {"result": "已更换灯管"}),
        lambda: asker.say(f"/callbacks/{CallbackTask.objects.get().pk}/commands/record", {"verdict": "satisfied"}),
    ]
    seen = set()
    for step in steps:
        answer = step()
        assert answer is None or answer.status_code in (200, 409, 422), answer.content
        for person in people:
            actor = centre.actor(person)
            try:
                full = commands_of("workorder").allowed(actor, order["id"])
            except NotFound:
                continue
            quick = allowed_of(actor, row(actor, order["id"]))
            assert set(quick) == full, person
        seen.add(WorkOrder.objects.get(pk=order["id"]).state)
    assert {"dispatched", "working", "completed"} < seen


def test_a_command_answers_with_the_new_state_and_is_refused_when_it_is_not_its_time(api, centre, order):
    head, here = api(centre.repair_head), f"/orders/{order['id']}/commands"
    assert "accept" in [one["name"] for one in head.ask(here).json()["commands"]]
    done = head.say(f"{here}/accept").json()
    assert (done["state"], "complete" in done["allowed"]) == ("working", True)
    twice = head.say(f"{here}/accept")
    assert (twice.status_code, twice.json()["code"]) == (409, "not_now")


def test_a_complaint_is_passed_on_and_read_without_the_name_by_those_who_may_not_know(api, centre):
    client = api(centre.receptionist)
    made = client.say("/complaints", {"content": "保安态度差", "name": "李四", "phone": "13900001111", "heard_at": "2026-01-05T10:00"})
    assert made.status_code == 201, made.content.decode()
    read = client.ask(f"/complaints/{made.json()['id']}").json()
    assert (read["state"], read["name"], read["phone"]) == ("received", "李**", "139****1111")
    assert "classify" in read["allowed"]
    (line,) = client.ask("/complaints").json()["items"]
    assert "name" not in line
    classed = client.say(f"/complaints/{read['id']}/commands/classify", {"subject_type": "attitude", "severity_tests": ["media"]})
    assert classed.json()["state"] == "classed"


def test_callbacks_are_listed_and_answered(api, centre, order):
    head, agent = api(centre.repair_head), api(centre.agent)
    head.say(f"/orders/{order['id']}/commands/accept")
    assert head.say(f"/orders/{order['id']}/commands/complete", {"result": "已修好"}).json()["state"] == "completed"
    (task,) = agent.ask("/callbacks").json()["items"]
    assert (task["subject_id"], task["kind"], task["phone"]) == (order["id"], "workorder", "138****1234")
    assert agent.ask(f"/callbacks/{task['id']}").json()["allowed"] == ["record", "try_again", "give_up"]
    agent.say(f"/callbacks/{task['id']}/commands/record", {"verdict": "satisfied"})
    assert agent.ask(f"/orders/{order['id']}").json()["state"] == "archived"
    assert head.ask("/callbacks").status_code == 403


def test_customers_are_created_found_and_masked(api, centre):
    client = api(centre.agent)
    made = client.say("/customers", {"name": "王五", "phones": "13700001111, 0571-88880000", "code": "H-1", "area": "一期"})
    assert made.status_code == 201
    again = client.say("/customers", {"name": "王六", "code": "H-1"})
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "code")
    create_customer(actor=centre.actor(centre.agent), name="赵六")
    assert [one["name"] for one in client.ask("/customers").json()["items"]] == ["赵**", "王**"]
    assert [one["id"] for one in client.ask("/customers", code="H-1").json()["items"]] == [made.json()["id"]]
    read = client.ask(f"/customers/{made.json()['id']}").json()
    assert [point["value"] for point in read["points"]] == ["137****1111", "****00"]
    assert read["allowed"] == ["edit", "add_point", "change_point", "note_consent", "tag", "verify", "link", "add_contract"]
    verified = client.say(f"/customers/{read['id']}/commands/verify")
    assert verified.status_code == 200
    assert client.ask(f"/customers/{10**17}").status_code == 404
