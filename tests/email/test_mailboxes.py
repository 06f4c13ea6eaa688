"""Mailboxes as an administrator sets them up."""

from kefu.touch.channels.email import services
from kefu.touch.conversations.models import Account
from tests.browser import Browser
from tests.conversations.makers import account

BOX = {"name": "报修邮箱", "address": " Repair@Kefu.example ", "active": True}


def test_a_mailbox_is_set_up_and_changed(cast, signed_in):
    page = Browser(signed_in(cast.admin)).open("/settings/mailboxes")
    assert "还没有邮箱" in page.text
    page.open("/settings/mailboxes/new").press(
        "保存", name="报修邮箱", address=" Repair@Kefu.example ", unit_id=str(cast.repair.pk), active=True
    )
    made = Account.objects.get()
    assert (made.address, made.unit_id, made.active) == ("repair@kefu.example", cast.repair.pk, True)
    text = page.open("/settings/mailboxes").text
    assert "报修邮箱" in text
    assert "repair@kefu.example" in text


def test_one_address_has_one_mailbox(cast, signed_in):
    box = account(cast, "repair@kefu.example")
    client = signed_in(cast.admin)
    refused = client.post("/api/v1/settings/mailboxes", {**BOX, "unit_id": cast.repair.pk}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "address")
    kept = client.put(f"/api/v1/settings/mailboxes/{box.pk}", {**BOX, "unit_id": cast.repair.pk}, content_type="application/json")
    assert (kept.status_code, kept.json()["name"], kept.json()["unit_id"]) == (200, "报修邮箱", cast.repair.pk)


def test_an_address_that_is_none_is_refused_under_its_field(cast, signed_in):
    client = signed_in(cast.admin)
    for wrong in ("", "nobody", "a b@c.example", "x" * 300 + "@c.example"):
        body = {**BOX, "address": wrong, "unit_id": cast.repair.pk}
        refused = client.post("/api/v1/settings/mailboxes", body, content_type="application/json")
        assert refused.status_code == 422, wrong
        assert {one["field"] for one in refused.json()["errors"]} == {"address"}


def test_only_who_sets_up_mailboxes_sees_them(cast, signed_in):
    account(cast)
    client = signed_in(cast.agent)
    assert client.get("/settings/mailboxes").status_code == 403
    assert client.get("/api/v1/settings/mailboxes").status_code == 403
    assert client.get("/api/v1/quarantine").status_code == 403


def test_who_sets_up_mailboxes_opens_no_letters(cast, signed_in):
    kept = services.ingest(b"rubbish")
    admin, lead = signed_in(cast.admin), signed_in(cast.manager)
    url = f"/settings/mailboxes/quarantine/{kept.id}"
    assert [client.get(one).status_code for client in (admin, lead) for one in (url, f"{url}/raw")] == [403, 403, 200, 200]
    assert [client.get("/settings/mailboxes/new").status_code for client in (admin, lead)] == [200, 403]
