"""What people read and press: filling in, signing, printing, building forms."""

import pytest

from kefu.engines.files.models import StoredFile
from kefu.engines.forms import drawing, queries
from kefu.engines.forms.definition import Definition
from kefu.engines.forms.models import FormDefinition
from tests.files.makers import picture
from tests.forms.makers import stored, subject

ON = ["place", "kind", "lift_number", "phone", "finds", "photos"]


@pytest.fixture
def case(cast):
    stored()
    return subject(cast.team)


@pytest.fixture
def desk(signed_in, cast):
    client = signed_in(cast.crew)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def test_a_person_fills_in_adds_a_photo_and_signs(desk, cast, case):
    url = f"/forms/subjects/{case.pk}/inspection"
    page = desk.get(url).content.decode()
    assert 'name="place"' in page
    assert 'name="remark"' not in page
    assert "举报人" not in page
    sent = {
        "_on": ON,
        "place": "一楼",
        "phone": "13800138000",
        "finds.0.what": "漏水",
        "finds.0.points": "3",
        "photos__new": [picture(), picture()],
    }
    wrong = desk.post(url, {**sent, "phone": "1", "photos__new": []})
    assert wrong.status_code == 422
    assert 'value="漏水"' in wrong.content.decode()
    assert desk.post(url, {**sent, "_do": "sign:look"}).status_code == 303
    held = queries.answer_of(case.pk, "inspection")
    assert len(held.data["photos"]) == 2
    assert set(queries.signed(held)) == {"look"}
    assert StoredFile.objects.filter(subject=case).count() == 2
    page = desk.get(url).content.decode()
    assert "13800138000" in page
    assert desk.post(f"/forms/answers/{held.pk}/unsign/look", {"reason": "写错"}).status_code == 303


def test_rows_are_added_and_taken_away_without_losing_what_was_typed(desk, case):
    url = f"/forms/subjects/{case.pk}/inspection"
    page = desk.post(url, {"_on": ON, "finds.0.what": "漏水", "_add": "finds"}).content.decode()
    assert 'name="finds.1.what"' in page
    assert 'value="漏水"' in page
    page = desk.post(url, {"_on": ON, "finds.0.what": "漏水", "finds.1.what": "渗水", "_drop": "finds.0"}).content.decode()
    assert 'value="渗水"' in page
    assert 'value="漏水"' not in page


def test_a_redraw_shows_the_field_that_the_answer_asks_for(desk, case):
    shown = desk.post("/forms/inspection/redraw", {"_on": ON, "kind": "lift", "_subject": case.pk}).content.decode()
    assert 'name="lift_number"' in shown
    hidden = desk.post("/forms/inspection/redraw", {"_on": ON, "kind": "fire", "_facts": "{broken"}).content.decode()
    assert 'name="lift_number"' not in hidden


def test_a_form_prints_like_the_paper(desk, case):
    url = f"/forms/subjects/{case.pk}/inspection"
    desk.post(url, {"_on": ON, "place": "一楼 <b>", "phone": "13800138000", "photos__new": [picture()]})
    paper = desk.get(url + "?print=1").content.decode()
    assert "T-1" in paper
    assert "一楼 &lt;b&gt;" in paper
    assert "举报人" not in paper
    made = desk.get(url + "?pdf=1")
    assert made.headers["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF-")


def test_nobody_opens_a_form_of_what_they_cannot_see(signed_in, cast, case):
    assert signed_in(cast.cleaning_head).get(f"/forms/subjects/{case.pk}/inspection").status_code == 404
    assert signed_in(cast.crew).get("/settings/forms").status_code == 403
    assert signed_in(cast.crew).get("/forms/pick/staff?q=1").content.decode().count("<option") == 3


def test_an_administrator_builds_a_new_version(signed_in, cast, case):
    client = signed_in(cast.admin)
    assert "现场检查" in client.get("/settings/forms").content.decode()
    assert client.get("/settings/forms/inspection").status_code == 200
    assert client.get("/settings/forms/inspection?print=1").status_code == 200
    page = client.get("/settings/forms/inspection/edit").content.decode()
    draft = page.split('name="draft" value="')[1].split('"')[0].replace("&#34;", '"').replace("&amp;", "&").replace("&quot;", '"')
    page = client.post("/settings/forms/inspection/edit", {"draft": draft, "_step": "add.2"}).content.decode()
    assert 'value="field_1"' in page
    changed = {"draft": draft, "name": "检查单", "s.0.name": "检查", "f.0.0.name": "位置", "f.0.0.code": "place", "f.0.0.kind": "text"}
    assert client.post("/settings/forms/inspection/edit", {**changed, "_publish": "1"}).status_code == 303
    newest = queries.current("inspection")
    assert (newest.version, newest.name, newest.by_code["place"].name) == (2, "检查单", "位置")
    assert not newest.by_code["place"].required
    twice = client.post("/settings/forms/inspection/edit", {**changed, "f.0.0.code": "kind", "_publish": "1"})
    assert "used twice" in twice.content.decode()
    assert FormDefinition.objects.count() == 2


def test_an_expert_writes_yaml_and_sees_the_line_of_a_mistake(signed_in, cast, case):
    client = signed_in(cast.admin)
    text = client.get("/settings/forms/inspection/yaml").content.decode()
    assert "witness_name" in text
    wrong = client.post("/settings/forms/new/yaml", {"yaml": "code: a\nname: 甲\nsections: []\n"})
    assert wrong.status_code == 422
    assert "3" in wrong.content.decode()
    good = "code: note\nname: 便条\nsections:\n  - code: a\n    name: 甲\n    fields: [{code: f, name: 内容}]\n"
    assert client.post("/settings/forms/new/yaml", {"yaml": good, "_publish": "1"}).status_code == 303
    assert queries.current("note").name == "便条"


def test_the_api_fills_in_and_answers_with_problems(signed_in, cast, case):
    client = signed_in(cast.crew)
    assert [row["code"] for row in client.get("/api/v1/forms").json()] == ["inspection"]
    assert client.get("/api/v1/forms/inspection").json()["sections"][0]["code"] == "look"
    url = f"/api/v1/subjects/{case.pk}/forms/inspection"
    wrong = client.put(url, {"data": {"place": "一楼", "nobody": 1}}, content_type="application/json")
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "nobody"
    made = client.put(url, {"data": {"place": "一楼", "phone": "12345"}}, content_type="application/json").json()
    assert made["data"] == {"place": "一楼", "phone": "12345", "total": 0}
    assert "sign" in made["allowed"]
    signed = client.post(f"/api/v1/forms/answers/{made['id']}/sections/look/sign", content_type="application/json")
    assert signed.json()["signatures"][0]["section"] == "look"
    assert len(client.get(f"/api/v1/subjects/{case.pk}/forms").json()) == 1


def test_what_a_browser_types_as_text_is_read_before_conditions_ask_it():
    """A browser sends "true" and "3", never true and 3."""
    fields = [
        {"code": "told", "name": "told", "kind": "yes_no"},
        {"code": "told_at", "name": "told at", "kind": "datetime", "show_when": {"field": "told", "op": "eq", "value": True}},
        {"code": "count", "name": "count", "kind": "number"},
        {"code": "why", "name": "why", "show_when": {"field": "count", "op": "gt", "value": 2}},
    ]
    gate = {"code": "first", "when": {"not": {"field": "told", "op": "eq", "value": True}}, "text": "先告知", "field": "told"}
    made = Definition.model_validate(
        {"code": "t", "name": "t", "sections": [{"code": "s", "name": "s", "fields": fields}], "gates": [gate]}
    )
    view = drawing.view(made, {"told": "true", "count": "3"})
    assert [one.field.code for part in view.parts for one in part.fields] == ["told", "told_at", "count", "why"]
    assert view.gates == []
