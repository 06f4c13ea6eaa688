"""The order list: saved views, conditions of the drawer, commands for many rows."""

import json

import pytest

from kefu.cases.workorders import routing
from kefu.cases.workorders.models import OrderType, WorkOrder
from kefu.engines.filters.models import SavedView
from kefu.timeline.models import Subject
from tests.kit.reading import read

LIFT = json.dumps({"field": "content", "op": "contains", "value": "电梯"})


@pytest.fixture
def kind(cast):
    routing.forget()
    return OrderType.objects.create(code="repair", path="repair", name="报修", kind="repair")


def order(cast, kind, content, state="new", unit=None):
    number = f"GD{Subject.objects.count():05}"
    subject = Subject.objects.create(kind="workorder", number=number, title=content, unit_path=unit.path if unit else "")
    return WorkOrder.objects.create(subject=subject, type=kind, channel="phone", content=content, state=state, unit=unit)


def test_what_is_shown_is_kept_as_a_view_shared_put_first_renamed_and_removed(cast, signed_in, kind):
    order(cast, kind, "电梯困人"), order(cast, kind, "灯不亮")
    dispatcher = signed_in(cast.dispatcher)
    page = dispatcher.get("/orders", {"tree": LIFT}).content.decode()
    assert ("电梯困人" in page, "灯不亮" in page) == (True, False)
    kept = {"kind": "workorder", "tree": LIFT, "next": "/orders?tab=open"}
    assert dispatcher.post("/filters/views", {**kept, "view_name": "灯", "shared_with": "none"}).status_code == 303
    answer = dispatcher.post("/filters/views", {**kept, "view_name": "电梯", "shared_with": "unit"})
    view = SavedView.objects.get(name="电梯")
    assert answer.headers["Location"] == f"/orders?view={view.pk}"
    shown = dispatcher.get(f"/orders?view={view.pk}").content.decode()
    assert ("电梯困人" in shown, "灯不亮" in shown) == (True, False)
    assert f'href="/orders?view={view.pk}"' in signed_in(cast.agent).get("/orders").content.decode()
    assert f'href="/orders?view={view.pk}"' not in signed_in(cast.crew).get("/orders").content.decode()
    assert signed_in(cast.crew).get(f"/orders?view={view.pk}").status_code == 404
    dispatcher.post(f"/filters/views/{view.pk}/first", {"next": "/orders"})
    assert list(SavedView.objects.order_by("position").values_list("name", flat=True)) == ["电梯", "灯"]
    dispatcher.post("/filters/views", {**kept, "id": view.pk, "view_name": "扶梯", "shared_with": "none"})
    view.refresh_from_db()
    assert (view.name, view.shared_with) == ("扶梯", "none")
    assert dispatcher.post(f"/filters/views/{view.pk}/remove", {"next": "/orders"}).headers["Location"] == "/orders"
    assert SavedView.objects.count() == 1


def test_the_drawer_builds_conditions_and_keeps_what_was_asked(cast, signed_in, kind):
    dispatcher = signed_in(cast.dispatcher)
    address = "/filters/builder?kind=workorder&next=/orders%3Ftab%3Dnew%26after%3Dx"
    drawer = dispatcher.get(address, headers={"HX-Request": "true"}).content.decode()
    assert '<input type="hidden" name="tab" value="new">' in drawer
    assert 'name="after"' not in drawer
    assert "kefu-builder" in drawer
    assert dispatcher.get(address).status_code == 200
    assert dispatcher.get("/orders", {"tree": "{nonsense"}).status_code == 422
    assert dispatcher.get("/orders", {"tree": json.dumps({"field": "nothing", "op": "eq", "value": 1})}).status_code == 422
    assert signed_in(cast.employee).get(address).status_code == 404


def test_a_view_keeps_its_columns_and_needs_no_condition(cast, signed_in, kind):
    order(cast, kind, "电梯困人")
    dispatcher = signed_in(cast.dispatcher)
    assert "data-keeps-columns" in dispatcher.get("/orders?tab=all").content.decode()
    kept = {"kind": "workorder", "tree": "{}", "next": "/orders", "view_name": "窄", "shared_with": "none", "columns": ["due", "state"]}
    where = dispatcher.post("/filters/views", kept).headers["Location"]
    assert read(dispatcher.get(where).content).one(class_="saved-views")["data-columns"] == "due state"
    assert not read(dispatcher.get("/orders").content).one(class_="saved-views").get("data-columns")


@pytest.mark.parametrize(("who", "address"), [("receptionist", "/complaints"), ("agent", "/customers")])
def test_complaints_and_customers_have_views_too(cast, signed_in, who, address):
    client = signed_in(getattr(cast, who))
    kind = address.strip("/").removesuffix("s")
    tree = json.dumps({"field": "number", "op": "contains", "value": "1"})
    assert client.get(address, {"tree": tree}).status_code == 200
    answer = client.post("/filters/views", {"kind": kind, "tree": tree, "next": address, "view_name": "我的"})
    assert "我的" in client.get(answer.headers["Location"]).content.decode()


def test_many_rows_are_dispatched_each_judged_by_itself(cast, signed_in, kind):
    fresh, other = order(cast, kind, "电梯困人"), order(cast, kind, "灯不亮")
    there = order(cast, kind, "门坏了", "dispatched", cast.cleaning)
    dispatcher = signed_in(cast.dispatcher)
    assert "/orders/batch/dispatch" in dispatcher.get("/orders").content.decode()
    ids = [fresh.pk, other.pk, there.pk, 999_999]
    asked = dispatcher.get("/orders/batch/dispatch", {"id": ids}).content.decode()
    assert fresh.subject.number in asked
    assert dispatcher.post("/orders/batch/dispatch", {"id": ids}).status_code == 422
    told = dispatcher.post("/orders/batch/dispatch", {"id": ids, "unit_id": cast.team.pk}).content.decode()
    assert (told.count("bg-success-lt"), told.count("bg-danger-lt")) == (2, 1)
    units = dict(WorkOrder.objects.values_list("pk", "unit__code"))
    assert units == {fresh.pk: "team1", other.pk: "team1", there.pk: "cleaning"}
    urged = dispatcher.post("/orders/batch/supervise", {"id": ids[:2], "level": "daily", "demand": "今天办完"})
    assert urged.content.decode().count("bg-success-lt") == 2
    assert dispatcher.get("/orders/batch/dispatch").status_code == 422
    assert dispatcher.get("/orders/batch/void", {"id": ids}).status_code == 404


def test_who_may_not_gets_no_batch_and_changes_nothing(cast, signed_in, kind):
    fresh = order(cast, kind, "电梯困人", "dispatched", cast.team)
    crew = signed_in(cast.crew)
    assert "/orders/batch/" not in crew.get("/orders").content.decode()
    told = crew.post("/orders/batch/dispatch", {"id": [fresh.pk], "unit_id": cast.cleaning.pk}).content.decode()
    assert "bg-danger-lt" in told
    fresh.refresh_from_db()
    assert fresh.unit_id == cast.team.pk


def test_the_home_page_counts_what_is_his_to_take_up_and_nothing_else(cast, signed_in, kind):
    order(cast, kind, "漏水", "dispatched", cast.team)
    order(cast, kind, "落叶", "dispatched", cast.cleaning)
    order(cast, kind, "走失", "new")
    for staff, queue, url in (
        (cast.crew_leader, "1 待接单", "/orders?tab=dispatched"),
        (cast.dispatcher, "1 待派单", "/orders?tab=new"),
    ):
        found = read(signed_in(staff).get("/").content).all("a", class_="todo-queue")
        assert [(link.text, link["href"]) for link in found if link["href"].startswith("/orders")] == [(queue, url)]
    assert read(signed_in(cast.employee).get("/").content).all("a", class_="todo-queue") == []
