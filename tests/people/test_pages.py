"""The settings pages and the API of people: what a person reads and can press."""

import pytest

from kefu.people import queries
from kefu.people.models import Holding, Post, Staff, Unit

PAGES = ("/settings/units", "/settings/units/new", "/settings/staff", "/settings/staff/new", "/settings/posts", "/settings/posts/agent")


@pytest.fixture
def admin(cast, signed_in):
    return signed_in(cast.admin)


@pytest.mark.parametrize("url", PAGES)
def test_only_who_manages_sees_the_settings(cast, signed_in, admin, url):
    assert admin.get(url).status_code == 200
    assert signed_in(cast.manager).get(url).status_code == 403


def test_units(cast, admin):
    text = admin.get("/settings/units").content.decode()
    assert text.index("工程部") < text.index("维修一班") < text.index("保洁部")
    made = admin.post("/settings/units/new", {"code": "n", "name": "北区", "kind": "branch", "parent": cast.company.pk})
    assert made.status_code == 303
    north = Unit.objects.get(code="n")
    again = admin.post("/settings/units/new", {"code": "n", "name": "北区"})
    assert again.status_code == 422
    assert 'value="北区"' in again.content.decode()
    url = f"/settings/units/{cast.team.pk}/do/move"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"parent": north.pk}).status_code == 422
    assert admin.post(url, {"parent": north.pk, "_confirm": "yes"}).status_code == 303
    assert Unit.objects.get(pk=cast.team.pk).parent_id == north.pk
    change = admin.get(f"/settings/units/{cast.team.pk}/do/change").content.decode()
    assert "维修一班" in change
    admin.post(f"/settings/units/{cast.team.pk}/do/change", {"name": "维修队", "kind": "team", "head": cast.crew.pk})
    held = Unit.objects.get(pk=cast.team.pk)
    assert (held.name, held.head_id, held.takes_orders) == ("维修队", cast.crew.pk, False)
    assert admin.get("/settings/units/999999/do/change").status_code == 404


def test_the_staff_list_searches_and_pages(cast, admin, django_assert_max_num_queries):
    assert "陈静" in admin.get("/settings/staff?q=02").content.decode()
    assert "陈静" not in admin.get("/settings/staff?q=03").content.decode()
    text = admin.get(f"/settings/staff?unit={cast.repair.pk}").content.decode()
    assert "李师傅" in text
    assert "陈静" not in text
    assert admin.get("/settings/staff?unit=abc&after=%21").status_code == 422
    with django_assert_max_num_queries(4):
        admin.get("/settings/staff")
    actor = cast.actor(cast.admin)
    seen, cursor = [], None
    while True:
        page = queries.staff_list(actor, cursor=cursor, size=5)
        seen += [row["number"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(Staff.objects.values_list("number", flat=True))


def test_opening_an_account_shows_the_password_once(cast, admin):
    made = admin.post("/settings/staff/new", {"username": "newbie", "number": "777", "name": "新人", "unit": cast.centre.pk})
    assert made.status_code == 200
    assert "user-select-all" in made.content.decode()
    new = Staff.objects.get(number="777")
    page = admin.get(f"/settings/staff/{new.pk}").content.decode()
    assert "新人" in page
    wrong = admin.post("/settings/staff/new", {"username": "x y", "number": "777", "name": ""})
    assert wrong.status_code == 422


def test_commands_on_an_account(cast, admin):
    base = f"/settings/staff/{cast.crew.pk}"
    post = Post.objects.get(code="unit_head")
    assert admin.get(f"{base}/do/grant").status_code == 200
    assert admin.post(f"{base}/do/grant", {"post": post.pk, "unit": cast.team.pk}).status_code == 303
    held = Holding.objects.get(staff=cast.crew, post=post)
    assert admin.post(f"{base}/do/end", {"holding": held.pk, "_confirm": "yes"}).status_code == 303
    assert admin.post(f"{base}/do/reset_password").status_code == 422
    assert "user-select-all" in admin.post(f"{base}/do/reset_password", {"_confirm": "yes"}).content.decode()
    assert admin.post(f"{base}/do/deactivate", {"_confirm": "yes"}).status_code == 303
    assert not Staff.objects.get(pk=cast.crew.pk).is_active
    text = admin.get(base).content.decode()
    assert "course-item" in text
    assert admin.get(f"/settings/staff/{cast.admin.pk}/do/reset_password").status_code == 404


def test_rights_of_a_post(cast, admin):
    sent = {"alias": "客服代表", "scope": "unit", "rights": ["people.see"], "_confirm": "yes"}
    assert admin.post("/settings/posts/agent", {**sent, "_confirm": ""}).status_code == 422
    assert admin.post("/settings/posts/agent", sent).status_code == 303
    post = Post.objects.get(code="agent")
    assert (post.alias, post.rights) == ("客服代表", ["people.see"])
    assert "客服代表" in admin.get("/settings/posts").content.decode()


def test_my_account(cast, signed_in):
    client = signed_in(cast.manager)
    assert "林经理" in client.get("/me").content.decode()
    sent = {"deputy": cast.agent.pk, "since": "2026-01-01T08:00", "until": "2099-01-02T08:00"}
    assert client.post("/me/deputies", sent).status_code == 303
    assert "陈静" in client.get("/me").content.decode()
    made = client.post("/me/tokens", {"name": "ERP", "rights": ["audit.see"], "days": "30"})
    assert "kefu_" in made.content.decode()
    assert "kefu_" not in client.get("/me").content.decode()
    (token,) = queries.tokens_of(cast.manager.pk)
    assert client.post(f"/me/tokens/{token['id']}/revoke").status_code == 303
    assert queries.tokens_of(cast.manager.pk) == []


def test_pickers_give_colleagues(cast, signed_in, client):
    assert client.get("/people/options?q=陈").status_code == 303
    text = signed_in(cast.agent).get("/people/options?q=陈").content.decode()
    assert f'<option value="{cast.agent.pk}">' in text


def test_the_api(cast, signed_in, admin):
    manager = signed_in(cast.manager)
    assert manager.get("/api/v1/me").json()["number"] == "010"
    assert {row["code"] for row in manager.get("/api/v1/units").json()["items"]} >= {"repair", "team1"}
    assert len(manager.get("/api/v1/staff").json()["items"]) == 13
    one = manager.get(f"/api/v1/staff/{cast.crew.pk}").json()
    assert one["posts"][0]["post"] == "unit_handler"
    assert one["allowed"] == []
    assert signed_in(cast.employee).get("/api/v1/staff").status_code == 403
    assert manager.post(f"/api/v1/staff/{cast.crew.pk}/commands/unlock").status_code == 404
    assert admin.post(f"/api/v1/staff/{cast.crew.pk}/commands/unlock").status_code == 200
    said = admin.post(f"/api/v1/staff/{cast.crew.pk}/commands/reset_password")
    assert len(said.json()["one_time_password"]) == 14
    assert admin.post(f"/api/v1/staff/{cast.admin.pk}/commands/reset_password").status_code == 403
    new = {"code": "n", "name": "北区"}
    assert admin.post("/api/v1/units", new, content_type="application/json").status_code == 201
    assert admin.post("/api/v1/units", new, content_type="application/json").status_code == 422
