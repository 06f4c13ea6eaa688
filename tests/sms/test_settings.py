"""Lines and templates as people set them up."""

import json

import pytest
from django.db import connection

from kefu.entry import doctor
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.touch.channels.sms import handling, queries
from kefu.touch.channels.sms.models import Line, Template, Text
from tests.browser import Browser
from tests.sms.makers import line, recipe, texted


def test_a_line_is_set_up_its_secret_sealed_and_its_description_checked(cast, signed_in):
    page = Browser(signed_in(cast.admin)).open("/settings/sms")
    assert "还没有短信线路" in page.text
    words = {
        "name": "通知短信",
        "address": " 1069012345 ",
        "unit_id": str(cast.centre.pk),
        "active": True,
        "key": "app",
        "secret": "hunter2",
    }
    page.open("/settings/sms/new").press("保存", 422, **words, recipe='{"send": {"url": "ftp://x", "body": {}}}')
    assert "send.url" in page.text
    page.open("/settings/sms/new").press("保存", **words, recipe=json.dumps(recipe(9)))
    held = Line.objects.get()
    assert (held.account.address, held.secret, held.recipe) == ("1069012345", "hunter2", recipe(9))
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM sms_line")
        assert "hunter2" not in cursor.fetchone()[0]
    page.open(f"/settings/sms/{held.pk}").press("保存", **{**words, "name": "短信", "secret": ""}, recipe=json.dumps(recipe(9)))
    held.refresh_from_db()
    assert (held.account.name, held.secret) == ("短信", "hunter2")
    shown = page.open("/settings/sms").text
    assert f"/sms/{held.hook}/arrived" in shown
    assert "hunter2" not in shown + page.open(f"/settings/sms/{held.pk}").text


def test_who_writes_a_template_does_not_approve_it(cast, signed_in):
    writer = Browser(signed_in(cast.manager)).open("/settings/sms/templates/new")
    text = "【测试】您的工单{number}已受理，详询{hotline}。"
    writer.press("保存", name="受理通知", occasion="order.accepted", text=text)
    made = Template.objects.get()
    assert (made.state, queries.templates(cast.actor(cast.manager))[0]["length"].parts) == ("draft", 1)
    with pytest.raises(NotAllowed):
        handling.approve(actor=cast.actor(cast.manager), id=made.pk)
    handling.approve(actor=cast.actor(cast.boss), id=made.pk)
    page = writer.open(f"/settings/sms/templates/{made.pk}")
    assert "已批准" in page.text
    with pytest.raises(Conflict):
        handling.refuse(actor=cast.actor(cast.boss), id=made.pk, remark="再看看")
    second = handling.write(actor=cast.actor(cast.boss), name="新受理通知", occasion="order.accepted", text="工单{number}已受理。")
    handling.approve(actor=cast.actor(cast.manager), id=second.pk)
    assert dict(Template.objects.values_list("name", "state")) == {"受理通知": "retired", "新受理通知": "approved"}


@pytest.mark.parametrize("text", ["您好{name}，工单已受理", "请拨13800001234", "工单{number}已受理"])
def test_a_template_holds_no_personal_data_and_no_unknown_place(cast, text):
    with pytest.raises(Invalid):
        handling.write(actor=cast.actor(cast.manager), name="x", text=text)


def test_who_has_no_right_sees_no_lines_and_no_templates(cast, signed_in):
    line(cast)
    client = signed_in(cast.agent)
    urls = ("/settings/sms", "/settings/sms/new", "/settings/sms/templates/new", "/settings/sms/templates/1")
    assert {client.get(url).status_code for url in urls} == {403}
    assert signed_in(cast.admin).get("/settings/sms/templates/new").status_code == 403
    assert signed_in(cast.manager).get("/settings/sms/new").status_code == 403


def test_the_doctor_says_what_is_wrong_with_a_line(cast):
    held = line(cast, send_trouble="HTTP 401 bad key")
    texted(held)
    assert [one.level for one in doctor.channels()] == ["warn"]
    Line.objects.update(send_trouble="")
    assert [one.level for one in doctor.channels()] == ["ok"]
    Text.objects.create(account=held.account, once="x:1", word="w", number="+8613800001234", body="x", state="failed")
    found = list(doctor.channels())
    assert [one.level for one in found] == ["warn"]
    assert found[0].remedy
