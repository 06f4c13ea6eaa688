"""Accounts: opened, changed, closed; posts, deputies, keys; each with its audit."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import translation

from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people import incompatible, services
from kefu.people.actor import SYSTEM, actor_of
from kefu.people.api_auth import actor_of_token
from kefu.people.models import ApiToken, Holding, Post, Staff
from kefu.people.policies import allowed_staff
from kefu.timeline.choices import Secrecy
from kefu.timeline.models import Event
from kefu.timeline.queries import visible_to
from kefu.timeline.registry import event_kinds


@pytest.fixture
def admin(cast):
    return cast.actor(cast.admin)


def kinds(staff) -> list[str]:
    return list(Event.objects.filter(subject__account=staff).order_by("id").values_list("kind", flat=True))


def test_an_account_is_opened_with_a_one_time_password(cast, admin):
    made, word = services.create_staff(actor=admin, number="777", username="newbie", name="新人", unit=cast.centre.pk)
    assert check_password(word, made.password)
    assert made.must_change_password
    assert kinds(made) == ["account.created"]
    with pytest.raises(Invalid) as refused:
        services.create_staff(actor=admin, number="777", username="newbie", name=" ", unit=0, email="x")
    assert set(refused.value.fields) == {"number", "username", "name", "unit", "email"}


def test_the_audit_keeps_no_phone_number(cast, admin):
    services.change_staff(actor=admin, id=cast.agent.pk, name="陈静静", phone="13812341234")
    event = Event.objects.get(kind="account.changed")
    assert "138" not in str(event.data)
    assert event.data["changed"]["name"] == ["陈静", "陈静静"]
    with translation.override("en"):
        assert event_kinds["account.changed"].describe(event.data) == "changed the account: Name 陈静 → 陈静静; Phone"


def test_the_history_of_accounts_shows_to_nobody_by_scope(cast, admin):
    services.change_staff(actor=admin, id=cast.crew.pk, name="李")
    subject = Staff.objects.get(pk=cast.crew.pk).subject
    assert subject.secrecy == Secrecy.SECRET
    assert not visible_to(cast.actor(cast.repair_head)).filter(pk=subject.pk).exists()


def test_a_closed_account_loses_sessions_keys_and_posts(cast, admin, signed_in):
    client = signed_in(cast.agent)
    assert client.get("/api/v1/me").status_code == 200
    token = services.make_token(actor=cast.actor(cast.agent), name="x", rights=["privacy.reveal"])[1]
    assert actor_of_token(token) is not None
    services.deactivate(actor=admin, id=cast.agent.pk)
    assert client.get("/api/v1/me").status_code == 401
    assert actor_of_token(token) is None
    assert actor_of(cast.agent.pk) is None
    word = services.reactivate(actor=admin, id=cast.agent.pk)
    again = cast.actor(Staff.objects.get(pk=cast.agent.pk))
    assert again.rights == frozenset()
    assert again.must_change_password
    assert check_password(word, Staff.objects.get(pk=cast.agent.pk).password)


def test_nobody_acts_on_the_own_account_and_someone_always_manages(cast, admin):
    assert allowed_staff(admin, admin.person_id) == {"change", "set_deputy"}
    with pytest.raises(NotAllowed):
        services.grant(actor=admin, id=admin.person_id, post=Post.objects.get(code="agent").pk, unit=cast.centre.pk)
    with pytest.raises(services.LastManager):
        services.deactivate(actor=SYSTEM, id=cast.admin.pk)
    with pytest.raises(services.LastManager):
        services.end_holding(actor=SYSTEM, id=cast.admin.pk, holding=Holding.objects.get(staff=cast.admin).pk)


def test_only_who_manages_may(cast):
    for who in (cast.manager, cast.agent, cast.boss):
        with pytest.raises(NotFound):
            services.reset_password(actor=cast.actor(who), id=cast.crew.pk)


def test_posts_begin_and_end_at_once(cast, admin):
    unit_head = Post.objects.get(code="unit_head")
    before = actor_of(cast.crew.pk)
    made = services.grant(actor=admin, id=cast.crew.pk, post=unit_head.pk, unit=cast.team.pk)
    after = actor_of(cast.crew.pk)
    assert before is not None
    assert after is not None
    assert "unit_head" in after.posts - before.posts
    with pytest.raises(Conflict):
        services.grant(actor=admin, id=cast.crew.pk, post=unit_head.pk, unit=cast.team.pk)
    services.end_holding(actor=admin, id=cast.crew.pk, holding=made.pk)
    ended = actor_of(cast.crew.pk)
    assert ended is not None
    assert ended.posts == before.posts
    assert kinds(cast.crew) == ["account.post_granted", "account.post_ended"]


def test_a_post_for_a_time_ends_by_itself(cast, admin):
    until = moment.now() + timedelta(days=3)
    services.grant(actor=admin, id=cast.crew.pk, post=Post.objects.get(code="unit_head").pk, unit=cast.team.pk, until=until)
    assert "unit_head" in cast.actor(cast.crew).posts
    with moment.frozen(until + timedelta(seconds=1)):
        assert "unit_head" not in cast.actor(cast.crew).posts


def test_deputies(cast):
    manager = cast.actor(cast.manager)
    at = moment.now()
    with pytest.raises(Invalid):
        services.set_deputy(actor=manager, id=manager.person_id, deputy=manager.person_id, since=at, until=at + timedelta(days=1))
    with pytest.raises(Invalid):
        services.set_deputy(actor=manager, id=manager.person_id, deputy=cast.agent.pk, since=at, until=at)
    with pytest.raises(NotFound):
        services.set_deputy(actor=manager, id=cast.agent.pk, deputy=cast.crew.pk, since=at, until=at + timedelta(days=1))
    row = services.set_deputy(actor=manager, id=manager.person_id, deputy=cast.agent.pk, since=at, until=at + timedelta(days=1))
    with pytest.raises(NotFound):
        services.end_deputy(actor=cast.actor(cast.agent), id=cast.agent.pk, deputy=row.pk)
    services.end_deputy(actor=manager, id=manager.person_id, deputy=row.pk)
    with pytest.raises(NotFound):
        services.end_deputy(actor=manager, id=manager.person_id, deputy=row.pk)


def test_a_key_carries_no_more_than_its_rights_and_its_owner_has(cast, admin, client):
    with pytest.raises(Invalid):
        services.make_token(actor=admin, name="ERP", rights=["secrets.see"])
    with pytest.raises(Invalid):
        services.make_token(actor=admin, name="ERP", rights=[])
    made, text = services.make_token(actor=admin, name="ERP", rights=["settings.manage"], days=30)
    assert text not in str(ApiToken.objects.values().get())
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert client.get("/api/v1/me", **bearer).json()["rights"] == ["settings.manage"]
    assert client.get("/api/v1/staff", **bearer).status_code == 403
    Post.objects.filter(code="sysadmin").update(rights=["people.manage"])
    services.forget()
    assert client.get("/api/v1/me", **bearer).json()["rights"] == []
    with moment.frozen(moment.now() + timedelta(days=31)):
        assert actor_of_token(text) is None
    with pytest.raises(NotFound):
        services.revoke_token(actor=cast.actor(cast.manager), id=made.pk)
    services.revoke_token(actor=admin, id=made.pk)
    assert client.get("/api/v1/me", **bearer).status_code == 401


def test_the_one_complained_of_never_handles_or_judges():
    incompatible.not_complained_of(staff_id=1, complained_of={2, 3})
    incompatible.not_complained_of(staff_id=None, complained_of={2})
    with pytest.raises(incompatible.ComplainedOf):
        incompatible.not_complained_of(staff_id=2, complained_of={2, 3})
    left = incompatible.without_judging({"see", "judge"}, staff_id=2, complained_of={2}, judging={"judge"})
    assert left == {"see"}
    assert incompatible.without_judging({"judge"}, staff_id=1, complained_of={2}, judging={"judge"}) == {"judge"}
    assert incompatible.fit([3, 1, 2], barred={1}) == [3, 2]


def test_the_scorer_is_never_the_scored():
    incompatible.not_the_scored(scorer_id=1, scored=[2])
    with pytest.raises(incompatible.OwnScore):
        incompatible.not_the_scored(scorer_id=1, scored=[1, 2])
