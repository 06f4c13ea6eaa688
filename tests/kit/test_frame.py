"""The frame around every page: menu by rights, languages, messages that survive a redirect, refusals, plain pages without a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from kefu.kit import assets, flash, validation
from kefu.kit.choices_registry import ChoiceFamily, ChoiceSource, choice_families, source_of
from kefu.kit.errors import Unavailable
from kefu.kit.fields import Field, as_field
from kefu.kit.menu import MenuItem, entries, menu
from kefu.kit.paging import next_url_of
from tests.kit.reading import read


@dataclass
class Person:
    rights: set[str] = field(default_factory=set)

    def can(self, right: str) -> bool:
        return right in self.rights


@pytest.fixture
def own_menu(monkeypatch):
    monkeypatch.setattr(menu, "_items", {})
    menu.add(
        MenuItem("home", "Home", "/", "home", order=0),
        MenuItem("orders", "Orders", "/orders", "list", rights=("orders.see",)),
        MenuItem("late", "Late orders", "/orders/late", "clock", order=60),
        MenuItem("units", "Units", "/settings/units", "sitemap", group="settings", rights=("a", "b")),
    )


def test_the_menu_shows_what_the_rights_open(own_menu):
    def shown(*rights: str, path: str = "/"):
        return [[(entry.item.code, entry.current) for entry in found] for _label, found in entries(Person(set(rights)), path)]

    assert shown() == [[("home", True), ("late", False)]]
    assert shown("orders.see", "b", path="/orders/7") == [[("home", False), ("orders", True), ("late", False)], [("units", False)]]
    assert shown("orders.see", path="/orders/late/x") == [[("home", False), ("orders", False), ("late", True)]]
    assert shown("orders.see", path="/ordersandmore") == [[("home", False), ("orders", False), ("late", False)]]


@pytest.fixture
def gallery(cast, signed_in, settings):
    settings.DEBUG = True

    def get(staff, path="/-/components") -> HttpResponse:
        return signed_in(staff).get(path)

    return get


def test_the_frame_in_chinese(cast, gallery):
    page = read(gallery(cast.agent).content)
    assert page.one("html")["lang"] == "zh-Hans"
    assert page.one("title").text == "页面部件 · 绿洲物业"
    assert page.one("h1").text == "页面部件"
    assert page.link("跳到主要内容")["href"] == "#main"
    assert page.one(id="main").tag == "main"
    assert page.one("nav", aria_label="主菜单").link("首页")["href"] == "/"
    assert "陈静" in page.one("header").text
    assert page.link("English").tag == "button"
    assert page.one(id="drawer").tag == "kefu-drawer"


def test_the_frame_in_english_with_the_chosen_theme(cast, gallery):
    cast.agent.language, cast.agent.theme = "en", "dark"
    cast.agent.save()
    page = read(gallery(cast.agent).content)
    assert (page.one("html")["lang"], page.one("html")["data-bs-theme"]) == ("en", "dark")
    assert page.one("h1").text == "Page pieces"
    assert page.link("中文").tag == "button"


def test_the_page_stays_readable_without_a_bundle(cast, gallery, monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "BUNDLE", tmp_path)
    page = read(gallery(cast.agent).content)
    assert page.all("link", rel="stylesheet") == []
    assert page.all("svg") == []
    assert page.link("接单")["href"].endswith("/accept")


def test_assets_carry_the_hash_of_their_content(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "BUNDLE", tmp_path)
    monkeypatch.setattr(assets, "LOOK_SECONDS", 0.0)
    (tmp_path / "app.css").write_text("x")
    assert assets.asset("app.css") == "/static/bundle/app.css"
    (tmp_path / "manifest.json").write_text('{"app.css": "abc", "app.js": {"file": "app-1.js", "hash": ""}}')
    assert assets.asset("app.css") == "/static/bundle/app.css?v=abc"
    assert assets.asset("app.js") == "/static/bundle/app-1.js"
    assert assets.asset("other.js") == ""
    (tmp_path / "manifest.json").write_text("broken")
    assert assets.asset("other.js") == ""


def test_an_unknown_address_says_so_with_a_way_home(cast, signed_in, settings):
    settings.DEBUG = False
    answer = signed_in(cast.agent).get("/nothing/here")
    assert answer.status_code == 404
    page = read(answer.content)
    assert "未找到相关内容。" in page.text
    assert page.link("返回首页")["href"] == "/"
    guest = Client().get("/nothing/here")
    assert (guest.status_code, "未找到相关内容。" in guest.content.decode()) == (404, True)


def test_a_refused_fragment_becomes_a_notice(cast, signed_in, settings):
    settings.DEBUG = False
    answer = signed_in(cast.agent).get("/nothing/here", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (404, "#messages")
    assert read(answer.content).one(role="alert").text == "未找到相关内容。"
    boosted = signed_in(cast.agent).get("/nothing/here", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert boosted.headers["HX-Retarget"] == "body"


def test_a_message_survives_one_redirect(rf: RequestFactory):
    told = flash.tell(HttpResponse(status=303), "已保存；<b>")
    request = rf.get("/")
    request.COOKIES[flash.COOKIE] = told.cookies[flash.COOKIE].value
    assert flash.shown(request) == "已保存；<b>"
    answer = HttpResponse()
    flash.clear(request, answer)
    assert answer.cookies[flash.COOKIE]["max-age"] == 0


def test_the_next_page_keeps_the_filters(rf: RequestFactory):
    request = rf.get("/orders", {"q": "停水", "after": "old"})
    assert next_url_of(request, "new") == "/orders?q=%E5%81%9C%E6%B0%B4&after=new"
    assert next_url_of(request, None) == ""


def test_every_error_text_can_be_filled_and_none_is_left_to_pydantic():
    for kind, text in validation.TEXTS.items():
        told = validation.message({"type": kind, "ctx": {}})
        assert "%(" not in told, text
    assert validation.message({"type": "string_too_long", "ctx": {"max_length": 5}}) == "最多 5 个字。"
    assert validation.message({"type": "never_heard_of", "msg": "English words"}) == "格式不正确。"
    assert validation.message({"type": "value_error", "ctx": {"error": ValueError("own words")}}) == "own words"
    assert validation.messages([{"loc": ("body", "a", 0), "type": "missing"}], skip=1) == {"a.0": "此项必填。"}


def test_choices_by_family(monkeypatch):
    monkeypatch.setattr(choice_families, "_items", {})
    choice_families.add(ChoiceFamily("pets", lambda code: ChoiceSource(code, lambda actor, id: [(code, code)])))
    assert source_of("pets:cat").give(None, None) == [("cat", "cat")]
    with pytest.raises(KeyError):
        source_of("plants:oak")


def test_uploads_need_an_engine(monkeypatch):
    from kefu.kit import uploads

    monkeypatch.setattr(uploads, "_keep", [])
    with pytest.raises(Unavailable):
        uploads.keep(None, 1, object())
    uploads.keep_with(lambda actor, subject_id, uploaded: 42)
    assert uploads.keep(None, 1, object()) == 42


def test_fields_from_mappings_and_their_bounds():
    made = as_field({"name": "x", "maxlength": 5, "unknown": 1}, pattern='"><b>')
    assert isinstance(made, Field)
    assert str(made.bounds) == ' maxlength="5" pattern="&#34;&gt;&lt;b&gt;"'
