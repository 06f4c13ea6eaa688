"""Order types, dispatch rules and prices over the API: the same services and the same judge as on the pages."""

import pytest

from kefu.cases.workorders import queries, routing, settings
from kefu.cases.workorders.models import DispatchRule, OrderType, Price
from kefu.kit import moment
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event
from tests.clock.test_vectors import at

API = "/api/v1/settings"
LIFT = {"field": "content", "op": "contains", "value": "电梯"}
NOW = at("2036-11-20 10:00")


@pytest.fixture
def api(cast, signed_in):
    routing.forget()
    OrderType.objects.create(code="repair", path="repair", name="报修", kind="repair", default_unit="repair")

    def of(staff):
        client = signed_in(staff)

        def call(method, path, body=None):
            sent = {"data": body or {}, "content_type": "application/json"} if method != "get" else {}
            answer = getattr(client, method)(f"{API}/{path}", **sent)
            return answer.status_code, answer.json()

        return call

    return of


def wrong(answer):
    """The refused fields."""
    status, said = answer
    assert (status, said["status"]) == (422, 422)
    return [one["field"] for one in said["errors"]]


def test_a_type_is_made_read_changed_and_switched(api, cast):
    admin = api(cast.admin)
    roof = {"code": "repair.roof", "parent": "repair", "name": "屋面", "kind": "repair", "default_unit": "repair", "urgency": "urgent"}
    status, made = admin("post", "order-types", roof)
    assert (status, made["path"], made["parent"], made["allowed"]) == (201, "repair/repair.roof", "repair", ["change", "switch_off"])
    assert wrong(admin("post", "order-types", roof)) == ["code"]
    assert wrong(admin("post", "order-types", {**roof, "code": "r2", "parent": "none"})) == ["parent"]
    assert wrong(admin("post", "order-types", {**roof, "code": "r2", "default_unit": "none"})) == ["default_unit"]
    assert wrong(admin("post", "order-types", {**roof, "code": "r2", "kind": "none"})) == ["kind"]
    place = f"order-types/{made['id']}"
    changed = admin("post", f"{place}/commands/change", {"name": "屋面渗漏", "kind": "repair", "paid": True})
    assert changed == (200, {"id": made["id"], "allowed": ["change", "switch_off"]})
    assert admin("post", f"{place}/commands/switch_off")[1]["allowed"] == ["change", "switch_on"]
    read = admin("get", place)[1]
    assert (read["name"], read["paid"], read["active"], read["allowed"]) == ("屋面渗漏", True, False, ["change", "switch_on"])
    assert [row["code"] for row in admin("get", "order-types")[1]["rows"]] == ["repair", "repair.roof"]
    assert Event.objects.filter(kind=settings.TYPE).count() == 3


def test_a_rule_is_written_whole_and_dispatches(api, cast):
    admin = api(cast.admin)
    body = {"name": "电梯派一班", "unit_id": cast.team.pk, "position": 5, "active": True, "condition": LIFT}
    status, made = admin("post", "dispatch-rules", body)
    assert (status, made["unit"], made["condition"], made["allowed"]) == (201, "维修一班", LIFT, ["switch_off", "remove"])
    assert "电梯" in made["words"]
    place = f"dispatch-rules/{made['id']}"
    assert admin("get", place) == (200, made)
    status, written = admin("put", place, {**body, "unit_id": cast.cleaning.pk, "condition": {}})
    assert (status, written["unit"], written["condition"], written["id"]) == (200, "保洁部", {}, made["id"])
    rule = DispatchRule.objects.get()
    assert (rule.unit_id, rule.active, rule.position) == (cast.cleaning.pk, True, 5)
    assert admin("post", f"{place}/commands/switch_off")[1]["allowed"] == ["remove"]
    assert admin("post", f"{place}/commands/remove") == (200, {"id": made["id"], "state": None, "allowed": []})
    assert admin("get", "dispatch-rules") == (200, {"rows": []})
    assert admin("put", place, body)[0] == 404


def test_a_rule_that_does_not_fit_is_refused(api, cast):
    admin = api(cast.admin)
    body = {"name": "x", "unit_id": cast.team.pk, "condition": {}}
    unread = {"field": "handler", "op": "eq", "value": 1}
    for condition in (unread, {"all": [unread]}, {"none": 1}, {**LIFT, "op": "near"}):
        status, said = admin("post", "dispatch-rules", {**body, "condition": condition})
        assert (status, said["code"]) == (422, "bad_condition"), condition
    assert wrong(admin("post", "dispatch-rules", {**body, "unit_id": 987_654})) == ["unit_id"]
    assert wrong(admin("post", "dispatch-rules", {**body, "position": -1})) == ["position"]
    assert DispatchRule.objects.count() == 0
    packed = DispatchRule.objects.create(code="p", name="包", unit=cast.team, pack="property")
    assert admin("get", f"dispatch-rules/{packed.pk}")[1]["allowed"] == ["switch_off"]
    status, said = admin("post", f"dispatch-rules/{packed.pk}/commands/remove")
    assert (status, said["code"]) == (409, "from_pack")


def test_a_price_is_made_changed_from_a_date_on_and_ended(api, cast):
    admin = api(cast.admin)
    tap = {"name": "更换水龙头", "base_price": "30.00", "unit_name": "个", "order_type": "repair"}
    with moment.frozen(NOW):
        status, made = admin("post", "prices", {"code": "tap", **tap})
        assert (status, [row["base_price"] for row in made["rows"]], made["allowed"]) == (201, ["30.00"], ["change", "end"])
        assert wrong(admin("post", "prices", {"code": "tap", **tap})) == ["code"]
        assert wrong(admin("post", "prices", {"code": "t2", **tap, "base_price": "-1"})) == ["base_price"]
        place = f"prices/{made['rows'][0]['id']}"
        assert admin("post", f"{place}/commands/change", {**tap, "base_price": "35", "valid_from": "2036-12-01"})[0] == 200
        assert wrong(admin("post", f"{place}/commands/change", {**tap, "valid_from": "2036-11-01"})) == ["valid_from"]
        assert [row["base_price"] for row in admin("get", place)[1]["rows"]] == ["35.00", "30.00"]
    with moment.frozen(at("2036-12-02 10:00")):
        assert [one.base_price for one in queries.prices()] == [35]
        assert admin("post", f"{place}/commands/end")[0] == 200
        assert queries.prices() == []
    assert len(admin("get", "prices")[1]["rows"]) == Price.objects.count() == 2


def test_who_sets_nothing_reads_and_writes_nothing(api, cast):
    agent = api(cast.agent)
    rule = settings.keep_rule(actor=SYSTEM, condition={}, unit_id=cast.team.pk, name="全部", position=5, active=True)
    kind = OrderType.objects.get()
    for place in ("order-types", "dispatch-rules", "prices"):
        status, said = agent("get", place)
        assert (status, said["code"]) == (403, "not_allowed"), place
    assert agent("get", f"dispatch-rules/{rule.pk}")[0] == agent("get", f"order-types/{kind.pk}")[0] == 404
    assert agent("get", f"dispatch-rules/{rule.pk}/commands")[0] == agent("post", f"order-types/{kind.pk}/commands/switch_off")[0] == 404
    body = {"name": "x", "unit_id": cast.team.pk}
    assert agent("put", f"dispatch-rules/{rule.pk}", body)[0] == agent("post", "dispatch-rules", body)[0] == 403
    assert agent("post", "order-types", {"code": "x", "name": "x", "kind": "repair"})[0] == 403
    assert agent("post", "order-types", {"code": "x", "name": "x", "kind": "repair", "default_unit": "none"})[0] == 403
    assert agent("post", "prices", {"code": "x", "name": "x", "base_price": "1"})[0] == 403
    rule.refresh_from_db(), kind.refresh_from_db()
    assert (rule.name, rule.active, kind.active) == ("全部", True, True)
