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
