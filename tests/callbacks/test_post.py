"""The limit of a callback is answered for by the post that the rule names."""

import pytest

from kefu.cases.callbacks import settings
from kefu.cases.callbacks.models import CallbackRule
from kefu.cases.workorders import routing
from kefu.engines.clock import queries as clock
from kefu.engines.clock.models import Obligation
from kefu.engines.rulebook import loader
from kefu.flows import complaint_steps
from kefu.kit.errors import Invalid
from kefu.people.actor import SYSTEM
from kefu.people.models import Holding, Post
from tests import cases
from tests.cast import make_posts


@pytest.fixture
def centre(cast):
    loader.load("property", actor=SYSTEM)
    make_posts()
    Holding.objects.create(staff=cast.crew_leader, post=Post.objects.get(code="unit_handler"), unit=cast.repair)
    routing.forget()
    return cast


def told(rule: CallbackRule, **more):
    values = {"name": rule.name, "position": rule.position, "active": True, **more}
    return settings.keep_rule(actor=SYSTEM, id=rule.pk, condition=rule.condition, percent=100, **values)


def test_the_limit_goes_to_the_post_of_the_rule(centre):
    rule = CallbackRule.objects.get(code="repairs")
    usual = cases.completed(centre)
    told(rule, post="receptionist")
    other = cases.completed(centre)
    addressed = dict(Obligation.objects.filter(code="order.callback").values_list("subject_id", "addressed_to"))
    assert addressed == {usual.pk: "post:callback_agent", other.pk: "post:receptionist"}
    waits = [row["subject_id"] for row in clock.my_open(centre.actor(centre.receptionist)) if row["code"] == "order.callback"]
    assert waits == [other.pk]
    assert not Obligation.objects.filter(subject_id=other.pk, addressed_to="post:receptionist").exclude(code="order.callback").exists()


def test_a_rule_names_a_post_that_there_is(centre):
    rule = CallbackRule.objects.get(code="repairs")
    with pytest.raises(Invalid) as refused:
        told(rule, post="nobody")
    assert list(refused.value.fields) == ["post"]
    rule.refresh_from_db()
    assert rule.post == "callback_agent"


def test_the_page_shows_and_takes_the_post(centre, signed_in):
    admin, rule = signed_in(centre.admin), CallbackRule.objects.get(code="others")
    page = f"/settings/callback-rules/{rule.pk}"
    assert 'name="post"' in admin.get(page).content.decode()
    typed = {"name": "抽样", "percent": "30", "position": "90", "tree": "{}", "post": "agent"}
    assert admin.post(page, typed).status_code == 303
    rule.refresh_from_db()
    assert rule.post == "agent"
    assert admin.post(page, {**typed, "post": "nobody"}).status_code == 422
    assert "回访员 → agent" in admin.get("/settings/callback-rules").content.decode()


def test_so_does_the_limit_of_a_complaint(centre):
    told(CallbackRule.objects.get(code="complaints"), post="receptionist")
    made = cases.judged(centre, valid=False, unit_id=centre.repair.pk)
    complaint_steps.explain(actor=centre.actor(centre.receptionist), id=made.pk, explanation="已说明情况")
    limit = Obligation.objects.get(subject_id=made.pk, code="complaint.callback")
    assert limit.addressed_to == "post:receptionist"
