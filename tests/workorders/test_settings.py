"""Order types, dispatch rules and prices as an administrator reads and presses them; a pack leaves alone what was changed by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from kefu.cases.workorders import queries, routing, services, settings
from kefu.cases.workorders.models import DispatchRule, OrderType, Price, WorkOrder
from kefu.engines.filters import rule_form
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.loader import load
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event, Subject
from kefu.touch.customers.services import create as create_customer
from tests.clock.test_vectors import at

LIFT = {"field": "content", "op": "contains", "value": "电梯"}
NOW = at("2036-11-20 10:00")


@pytest.fixture
def admin(cast, signed_in):
    routing.forget()
    return signed_in(cast.admin)


@pytest.fixture
def repair(cast):
    routing.forget()
    return OrderType.objects.create(code="repair", path="repair", name="报修", kind="repair", default_unit="repair")


def order(kind, content="电梯停了", **more):
    subject = Subject.objects.create(kind="workorder", number=f"GD{Subject.objects.count():05}", title=content[:80])
    return WorkOrder.objects.create(subject=subject, type=kind, channel="phone", content=content, **more)


def rule_typed(cast, **more):
    return {"name": "电梯派一班", "unit_id": cast.team.pk, "position": "5", "tree": orjson.dumps(LIFT).decode(), **more}


def test_a_type_is_added_below_changed_and_switched_off_with_what_is_below(admin, repair):
    typed = {"code": "repair.roof", "parent": "repair", "name": "屋面", "kind": "repair", "urgency": "urgent", "callback": "all"}
    assert admin.post("/settings/order-types/new", typed).status_code == 303
    roof = OrderType.objects.get(code="repair.roof")
    assert (roof.path, roof.parent_id, roof.active) == ("repair/repair.roof", repair.pk, True)
    assert admin.post("/settings/order-types/new", typed).status_code == 422
    address = f"/settings/order-types/{roof.pk}/do/change"
    assert 'value="屋面"' in admin.get(address).content.decode()
    assert admin.post(address, {**typed, "name": "屋面渗漏", "paid": "true"}).status_code == 303
    roof.refresh_from_db()
    assert (roof.name, roof.paid) == ("屋面渗漏", True)
    assert admin.post(f"/settings/order-types/{repair.pk}/do/switch_off", {"_confirm": "yes"}).status_code == 303
    assert list(OrderType.objects.values_list("active", flat=True)) == [False, False]
    assert admin.post(f"/settings/order-types/{roof.pk}/do/switch_on").status_code == 409
    assert admin.post(f"/settings/order-types/{repair.pk}/do/switch_on").status_code == 303
    page = admin.get("/settings/order-types").content.decode()
    assert "屋面渗漏" in page
    assert "屋面 → 屋面渗漏" in page
    assert Event.objects.filter(kind=settings.TYPE).count() == 5


def test_the_trail_says_names_and_codes_only_where_nothing_has_the_name(cast, repair):
    describe = settings.EVENT_KINDS[0].describe
    said = describe({"name": "屋面", "changed": {"default_unit": ["", cast.team.code], "form": ["", "no.such.form"]}})
    assert cast.team.name in said
    assert cast.team.code not in said
    assert "no.such.form" in said
    assert "报修" in settings.EVENT_KINDS[2].describe({"name": "换锁芯", "changed": {"order_type": ["", "repair"]}})


def test_a_rule_works_only_after_its_finds_were_seen(admin, cast, repair):
    from kefu.people.models import Holding, Post

    Holding.objects.create(staff=cast.admin, post=Post.objects.get(code="auditor"), unit=cast.company)
    order(repair), order(repair, "灯不亮")
    new = "/settings/dispatch-rules/new"
    assert admin.get(new).status_code == 200
    first = admin.post(new, rule_typed(cast, active="true"))
    assert (first.status_code, DispatchRule.objects.count()) == (422, 0)
    said = first.content.decode()
    assert "找到 1 条" in said or "1" in said
    assert f'name="seen" value="{rule_form.digest(LIFT)}"' in said
    assert admin.post(new, rule_typed(cast, active="true", seen=rule_form.digest(LIFT))).status_code == 303
    rule = DispatchRule.objects.get()
    assert (rule.active, rule.condition, rule.unit_id) == (True, LIFT, cast.team.pk)
    page = f"/settings/dispatch-rules/{rule.pk}"
    assert "电梯" in admin.get(page).content.decode()
    assert admin.post(page, rule_typed(cast, active="true", name="电梯")).status_code == 303
    other = orjson.dumps({**LIFT, "value": "扶梯"}).decode()
    assert admin.post(page, rule_typed(cast, active="true", tree=other)).status_code == 422
    assert admin.post(page, rule_typed(cast, tree=other)).status_code == 303
    rule.refresh_from_db()
    assert (rule.active, rule.condition["value"]) == (False, "扶梯")
    assert Event.objects.filter(kind=settings.RULE, data__code=rule.code).count() == 3


def test_a_rule_may_test_only_what_the_facts_hold(admin, cast, repair):
    tree = orjson.dumps({"field": "handler", "op": "eq", "value": 1}).decode()
    assert admin.post("/settings/dispatch-rules/new", rule_typed(cast, tree=tree)).status_code == 422
    facts = set(services.facts_of(WorkOrder(type=repair, content="x")))
    assert set(rule_form.tested(queries.KIND)) <= facts


def test_which_unit_would_this_order_go_to(admin, cast, repair):
    settings.keep_rule(actor=SYSTEM, condition=LIFT, unit_id=cast.team.pk, name="电梯派一班", position=5, active=True)
    routing.forget()
    assert "维修一班" in admin.get("/settings/dispatch-rules", {"type": "repair", "content": "电梯困人"}).content.decode()
    by_type = admin.get("/settings/dispatch-rules", {"type": "repair", "content": "灯"}).content.decode()
    assert "工程部" in by_type
    settings.keep_rule(actor=SYSTEM, condition={}, unit_id=cast.cleaning.pk, name="全部", position=5, active=True)
    routing.forget()
    both = admin.get("/settings/dispatch-rules", {"type": "repair", "content": "电梯"}).content.decode()
    assert "alert-warning" in both
    assert admin.get("/settings/dispatch-rules", {"order": "GD404"}).status_code == 404


def test_own_rules_are_removed_those_of_a_pack_switched_off(admin, cast):
    own = settings.keep_rule(actor=SYSTEM, condition={}, unit_id=cast.team.pk, name="自有", position=5, active=True)
    packed = DispatchRule.objects.create(code="p", name="包", unit=cast.team, pack="property")
    with pytest.raises(Conflict):
        settings.remove_rule(actor=cast.actor(cast.admin), id=packed.pk)
    assert admin.post(f"/settings/dispatch-rules/{packed.pk}/do/switch_off", {"_confirm": "yes"}).status_code == 303
    assert admin.post(f"/settings/dispatch-rules/{own.pk}/do/remove", {"_confirm": "yes"}).status_code == 303
    assert list(DispatchRule.objects.values_list("code", "active")) == [("p", False)]


def price(cast, **more):
    values = {"code": "tap", "name": "更换水龙头", "base_price": Decimal(30), "unit_name": "个"}
    return settings.add_price(actor=cast.actor(cast.admin), **{**values, **more})


def change(cast, row, amount, day=None):
    return settings.change_price(
        actor=cast.actor(cast.admin), id=row.pk, valid_from=day, base_price=Decimal(amount), name="更换水龙头", unit_name="个"
    )


@pytest.mark.clause("R-04-1.5")
def test_a_changed_price_closes_the_old_row_and_begins_a_new_one(cast):
    with moment.frozen(NOW):
        row = price(cast)
    with moment.frozen(at("2036-11-21 10:00")):
        change(cast, row, 35, date(2036, 12, 1))
        assert [one.base_price for one in queries.prices()] == [30]
    with moment.frozen(at("2036-12-01 00:00")):
        assert [one.base_price for one in queries.prices()] == [35]
        with pytest.raises(Invalid):
            change(cast, row, 40, date(2036, 11, 30))
        change(cast, row, 45, date(2037, 1, 1))
        change(cast, row, 50, date(2036, 12, 15))
    assert list(Price.objects.order_by("valid_from").values_list("base_price", "valid_to")) == [
        (Decimal(30), at("2036-12-01 00:00")),
        (Decimal(35), at("2036-12-15 00:00")),
        (Decimal(50), None),
    ]
    with moment.frozen(at("2036-12-20 00:00")):
        settings.end_price(actor=cast.actor(cast.admin), id=row.pk)
    with moment.frozen(at("2036-12-20 00:01")):
        assert queries.prices() == []
    assert Event.objects.filter(kind=settings.PRICE, data__code="tap").count() == 5


def test_prices_on_their_pages(admin, cast):
    typed = {"code": "lamp", "name": "更换灯具", "base_price": "20.00", "unit_name": "盏"}
    assert admin.post("/settings/prices/new", typed).status_code == 303
    assert admin.post("/settings/prices/new", {**typed, "base_price": "-1", "code": "x"}).status_code == 422
    row = Price.objects.get()
    assert "20.00" in admin.get("/settings/prices").content.decode()
    assert admin.get(f"/settings/prices/{row.pk}/do/change").status_code == 200
    assert admin.post(f"/settings/prices/{row.pk}/do/change", {**typed, "base_price": "22.50"}).status_code == 303
    page = admin.get(f"/settings/prices/{row.pk}").content.decode()
    assert "22.50" in page
    assert "20.00" in page


def test_who_has_no_right_sees_and_changes_nothing(cast, signed_in, repair):
    agent = signed_in(cast.agent)
    rule = DispatchRule.objects.create(code="p", name="包", unit=cast.team)
    for address in ("order-types", "order-types/new", "dispatch-rules", "dispatch-rules/new", f"dispatch-rules/{rule.pk}", "prices"):
        assert agent.get(f"/settings/{address}").status_code == 403
    assert agent.post(f"/settings/order-types/{repair.pk}/do/switch_off", {"_confirm": "yes"}).status_code == 404
    with pytest.raises(NotAllowed):
        settings.add_type(actor=cast.actor(cast.agent), code="x", name="x", kind="repair")
    with pytest.raises(NotAllowed):
        settings.add_price(actor=cast.actor(cast.agent), code="x", name="x", base_price=Decimal(1))


PACK = """
pack: {code: hand, name: 手, version: "1", valid_from: 2026-01-01}
order_types:
  - {code: fix, name: 报修, kind: repair, urgency: PLACE}
dispatch_rules:
  - {code: fix, name: 报修派工程部, when: {field: type, op: eq, value: fix}, unit: repair}
prices:
  - {code: tap, name: 水龙头, base_price: "30.00"}
callback_rules:
  - {code: all, name: 全部, share: 1.0}
"""


def write_pack(folder: Path, urgency: str) -> Path:
    file = folder / "hand.yaml"
    file.write_text(PACK.replace("PLACE", urgency), encoding="utf-8")
    return file


def test_a_pack_leaves_alone_what_the_centre_changed_by_hand(cast, tmp_path):
    from kefu.cases.callbacks import settings as callbacks
    from kefu.cases.callbacks.models import CallbackRule

    load(write_pack(tmp_path, "normal"), actor=SYSTEM)
    fix, rule, tap, call = OrderType.objects.get(), DispatchRule.objects.get(), Price.objects.get(), CallbackRule.objects.get()
    actor = cast.actor(cast.admin)
    settings.change_type(actor=actor, id=fix.pk, name="维修")
    settings.keep_rule(actor=actor, id=rule.pk, condition={}, unit_id=cast.team.pk, name="派一班", position=7, active=True)
    change(cast, tap, 35)
    callbacks.keep_rule(actor=actor, id=call.pk, condition={}, percent=50, name="一半", active=True)
    assert [one.what for one in load(write_pack(tmp_path, "normal"), actor=SYSTEM)] == []
    fix.refresh_from_db(), rule.refresh_from_db(), call.refresh_from_db()
    assert (fix.name, rule.unit_id, call.share) == ("维修", cast.team.pk, 0.5)
    assert Price.objects.get(valid_to=None).base_price == 35
    assert [(one.kind, one.what) for one in load(write_pack(tmp_path, "urgent"), actor=SYSTEM)] == [("order_types", "changed")]
    settings.end_price(actor=actor, id=tap.pk)
    assert load(write_pack(tmp_path, "urgent"), actor=SYSTEM) == []
    assert not Price.objects.filter(valid_to=None).exists()


def test_the_region_is_told_by_the_form_else_by_the_customers_file(cast):
    load("power-95598", actor=SYSTEM)
    rulebook.forget()
    assert routing.region_of("rural", "city") == "rural"
    assert routing.region_of("", "remote") == "remote"
    assert routing.region_of("nowhere", "") == ""
    customer = create_customer(actor=SYSTEM, name="张三", region="rural")
    kind = OrderType.objects.filter(kind="emergency").first()
    row = order(kind, region=routing.region_of("", customer.region), customer=customer)
    assert services.facts_of(row)["region"] == "rural"
