"""The pages: who opens them, what they show, what their commands do."""

import pytest
from django.utils import translation

from kefu.engines.rulebook import loader, queries, services
from kefu.engines.rulebook.models import CodeItem, CodeList, Pack, ReadReceipt, Regulation, Setting
from kefu.engines.rulebook.pages import shown_value
from kefu.kit.errors import NotAllowed
from kefu.people.actor import SYSTEM
from kefu.people.models import Post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def admin(cast, signed_in):
    client = signed_in(cast.admin)
    Post.objects.filter(code="sysadmin").update(rights=["settings.manage", "people.manage"])
    return client


@pytest.fixture
def loaded(cast):
    loader.load("property", actor=SYSTEM)
    assert loader.load("property", actor=SYSTEM) == []
    Post.objects.filter(code="sysadmin").update(rights=["settings.manage", "people.manage"])


def test_the_packs_page_shows_what_loading_would_change_and_loads_it(admin):
    assert "general" in admin.get("/settings/packs").content.decode()
    text = admin.get("/settings/packs/general").content.decode()
    assert "voice.answer_ring" in text
    answer = admin.post("/settings/packs/general/load")
    assert answer.status_code == 303
    assert Pack.objects.get(code="general").loaded_by.number == "999"
    again = admin.get("/settings/packs/general").content.decode()
    assert "voice.answer_ring" not in again
    assert admin.get("/settings/packs/nowhere").status_code == 404


def test_only_readers_open_the_settings(cast, signed_in):
    client = signed_in(cast.agent)
    for address in ("/settings/packs", "/settings/packs/general", "/settings/lists", "/settings/values"):
        assert client.get(address).status_code == 403
    assert client.post("/settings/packs/general/load").status_code == 403
    assert not Pack.objects.exists()


def test_a_regulation_shows_each_clause_with_what_carries_it_out(loaded, cast, signed_in):
    client = signed_in(cast.employee)
    assert "/regulations/004" in client.get("/regulations").content.decode()
    text = client.get("/regulations/004").content.decode()
    assert text.count('<tr id="R-04-') == 38
    assert "R-04-3.7.1" in text
    assert client.get("/regulations/999").status_code == 404


def test_a_person_confirms_to_have_read_a_version_once(loaded, cast, signed_in):
    client = signed_in(cast.employee)
    book = Regulation.objects.get(code="004")
    address = f"/regulations/by-id/{book.pk}/do/read"
    assert client.post(address).status_code in (200, 303)
    assert ReadReceipt.objects.get().version == book.version
    assert address not in client.get("/regulations/004").content.decode()
    services.confirm_read(actor=cast.actor(cast.employee), id=book.pk)
    assert ReadReceipt.objects.count() == 1
    Regulation.objects.filter(pk=book.pk).update(version="2")
    assert address in client.get("/regulations/004").content.decode()


def test_a_value_by_hand_begins_now_and_survives_the_next_loading(loaded, admin):
    held = Setting.objects.get(key="voice.answer_ring", valid_to=None)
    assert "voice.answer_ring" in admin.get("/settings/values?q=voice").content.decode()
    assert admin.get(f"/settings/values/{held.pk}").status_code == 200
    assert admin.post(f"/settings/values/{held.pk}/do/set", {"value": "5", "valid_from": ""}).status_code == 303
    queries.forget()
    assert queries.setting("voice.answer_ring") == 5
    assert queries.setting("voice.answer_ring", at=held.valid_from) == 2
    assert loader.load("property", actor=SYSTEM) == []
    queries.forget()
    assert queries.setting("voice.answer_ring") == 5


@pytest.mark.parametrize(("value", "told"), [
    (True, "是"), (2, "2"), ([60, 90], "60、90"), ({"chat": 20, "other": 60}, "在线客服 20、other 60"), ("24x7", "24x7"), ([], "--"),
    ({"a": [1, 2]}, "a (1、2)"),
])  # fmt: skip
def test_a_value_is_told_in_words_not_as_json(value, told):
    with translation.override("zh-hans"):
        assert shown_value(value) == told


def test_a_value_cannot_begin_in_the_past(loaded, admin):
    held = Setting.objects.get(key="voice.answer_ring", valid_to=None)
    answer = admin.post(f"/settings/values/{held.pk}/do/set", {"value": "5", "valid_from": "2020-01-01T00:00"})
    assert answer.status_code == 422
    assert queries.setting("voice.answer_ring") == 2


def test_choices_are_added_changed_taken_out_and_offered_again(loaded, admin):
    home = CodeList.objects.get(code="return_reasons")
    assert admin.get("/settings/lists").status_code == 200
    assert admin.post(f"/settings/lists/{home.pk}/do/add", {"code": "night", "name": "夜间无人"}).status_code == 303
    item = CodeItem.objects.get(code="night")
    assert admin.post(f"/settings/lists/{home.pk}/do/add", {"code": "night", "name": "又"}).status_code == 409
    assert admin.post(f"/settings/items/{item.pk}/do/change", {"name": "夜间无人值守"}).status_code == 303
    assert admin.post(f"/settings/items/{item.pk}/do/retire", {"_confirm": "yes"}).status_code == 303
    queries.forget()
    assert "night" not in [one["code"] for one in queries.code_items("return_reasons")]
    assert queries.code_name("return_reasons", "night") == "夜间无人值守"
    assert admin.post(f"/settings/items/{item.pk}/do/restore").status_code == 303
    assert "夜间无人值守" in admin.get(f"/settings/lists/{home.pk}").content.decode()


def test_nobody_else_changes_values_or_lists(loaded, cast):
    setting, home = Setting.objects.first(), CodeList.objects.first()
    for who in (cast.agent, cast.manager, cast.auditor):
        with pytest.raises(NotAllowed):
            services.set_value(actor=cast.actor(who), id=setting.pk, value="1")
        with pytest.raises(NotAllowed):
            services.add_item(actor=cast.actor(who), id=home.pk, code="x", name="x")
        with pytest.raises(NotAllowed):
            services.load_pack(actor=cast.actor(who), pack="general")


def test_other_systems_read_and_change_the_same(loaded, cast, signed_in, admin):
    reader = signed_in(cast.agent)
    assert len(reader.get("/api/v1/regulations/004").json()["clauses"]) == 38
    assert [row["code"] for row in reader.get("/api/v1/code-lists/complaint_closing_ways/items").json()["rows"]] == ["rework", "concession"]
    assert reader.get("/api/v1/settings").status_code == 403
    held = Setting.objects.get(key="voice.answer_ring", valid_to=None)
    page = admin.get("/api/v1/settings").json()
    assert page["next"]
    assert len(page["rows"]) == 50
    answer = admin.post(f"/api/v1/settings/{held.pk}/commands/set", {"value": "4"}, content_type="application/json")
    assert answer.status_code == 200
    queries.forget()
    assert queries.setting("voice.answer_ring") == 4
    assert "property" in [row["code"] for row in admin.get("/api/v1/packs").json()["rows"]]
