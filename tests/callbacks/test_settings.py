"""Callback rules as an administrator reads and presses them."""

import orjson

from kefu.cases.callbacks import queries, settings
from kefu.cases.callbacks.models import CallbackRule
from kefu.engines.filters import rule_form
from kefu.people.actor import SYSTEM
from kefu.timeline.models import Event

REPAIRS = {"field": "type_kind", "op": "eq", "value": "repair"}


def typed(**more):
    return {"name": "报修一半", "percent": "50", "position": "10", "tree": orjson.dumps(REPAIRS).decode(), **more}


def test_a_rule_is_written_seen_switched_on_and_off(cast, signed_in):
    admin = signed_in(cast.admin)
    assert admin.get("/settings/callback-rules/new?of=complaint").status_code == 200
    new = "/settings/callback-rules/new?of=workorder"
    assert admin.post(new, typed(active="true")).status_code == 422
    assert CallbackRule.objects.count() == 0
    assert admin.post(new, typed(active="true", seen=rule_form.digest(REPAIRS))).status_code == 303
    rule = CallbackRule.objects.get()
    assert (rule.share, rule.subject_kind, rule.active) == (0.5, "workorder", True)
    page = f"/settings/callback-rules/{rule.pk}"
    assert 'value="50"' in admin.get(page).content.decode()
    assert admin.post(page, typed(percent="100", active="true")).status_code == 303
    assert queries.rule_for("workorder", {"type_kind": "repair"}, "GD1") is not None
    assert admin.post(f"{page}/do/switch_off", {"_confirm": "yes"}).status_code == 303
    assert queries.rule_for("workorder", {"type_kind": "repair"}, "GD1") is None
    assert "报修一半" in admin.get("/settings/callback-rules").content.decode()
    assert Event.objects.filter(kind=settings.RULE).count() == 3
    assert admin.post(f"{page}/do/remove", {"_confirm": "yes"}).status_code == 303
    assert CallbackRule.objects.count() == 0


def test_shares_stay_within_their_bounds_and_rights_are_asked(cast, signed_in):
    admin, agent = signed_in(cast.admin), signed_in(cast.agent)
    for percent in ("-1", "101", "x"):
        assert admin.post("/settings/callback-rules/new", typed(percent=percent)).status_code == 422
    rule = settings.keep_rule(actor=SYSTEM, condition={}, percent=100, name="x")
    assert agent.get("/settings/callback-rules").status_code == 403
    assert agent.get(f"/settings/callback-rules/{rule.pk}").status_code == 403
    assert agent.post(f"/settings/callback-rules/{rule.pk}/do/switch_off", {"_confirm": "yes"}).status_code == 404


def test_the_same_over_the_api(cast, signed_in):
    api, agent = signed_in(cast.admin), signed_in(cast.agent)
    place = "/api/v1/settings/callback-rules"
    body = {"name": "报修一半", "percent": 50, "post": "receptionist", "position": 10, "active": True, "condition": REPAIRS}

    def sent(client, method, address, said):
        return getattr(client, method)(address, said, content_type="application/json")

    made = sent(api, "post", place, body)
    assert made.status_code == 201, made.content.decode()
    rule = made.json()
    assert {name: rule[name] for name in body} == body
    assert (rule["subject_kind"], rule["allowed"]) == ("workorder", ["switch_off", "remove"])
    assert queries.rule_for("workorder", {"type_kind": "repair"}, "GD3").post == "receptionist"
    one = f"{place}/{rule['id']}"
    assert api.get(one).json() == rule
    written = sent(api, "put", one, {**body, "percent": 100, "subject_kind": "complaint"}).json()
    assert (written["percent"], written["subject_kind"]) == (100, "workorder")
    refused = ({"post": "nobody"}, {"percent": 101}, {"subject_kind": "duty"}, {"condition": {"field": "handler", "op": "eq", "value": 1}})
    for more in refused:
        answer = sent(api, "post", place, {**body, **more})
        assert (answer.status_code, answer["content-type"]) == (422, "application/problem+json"), more
    assert [row["id"] for row in api.get(place).json()["rows"]] == [rule["id"]]
    assert (agent.get(place).status_code, agent.get(one).status_code) == (403, 404)
    assert sent(agent, "put", one, body).status_code == sent(agent, "post", place, body).status_code == 403
    assert sent(agent, "post", place, {**body, "post": "nobody"}).status_code == 403
    assert sent(agent, "post", f"{one}/commands/remove", {}).status_code == 404
    assert sent(api, "post", f"{one}/commands/switch_off", {}).json()["allowed"] == ["remove"]
    assert sent(api, "post", f"{one}/commands/remove", {}).json()["state"] is None
    assert CallbackRule.objects.count() == 0
