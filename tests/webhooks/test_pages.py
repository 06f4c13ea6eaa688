"""Receivers as an administrator sets them up and looks at them."""

from django.db import connection

from kefu.engines.webhooks import tasks
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.entry import doctor
from kefu.timeline.models import Event
from tests.browser import Browser


def test_a_receiver_is_set_up_tested_and_looked_at(cast, signed_in, hearing, settings):
    page = Browser(signed_in(cast.admin)).open("/settings/webhooks")
    assert "还没有接收方" in page.text
    settings.WEBHOOK_INSIDE = []
    page.open("/settings/webhooks/new").press("保存", 422, name="ERP", url=hearing.url, active=True)
    assert "内网" in page.told
    settings.WEBHOOK_INSIDE = ["127.0.0.1"]
    page.press("保存", name="ERP", url=hearing.url, active=True, kinds=["workorder"], events=["order.accepted"])
    made = Receiver.objects.get()
    assert made.secret in page.text
    assert (made.kinds, made.events, made.active) == (["workorder"], ["order.accepted"], True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM webhooks_receiver")
        assert made.secret not in cursor.fetchone()[0]
    hearing.answers = 500
    page.give(f"/settings/webhooks/{made.pk}/do/ping")
    tasks.deliver_due(made.pk)
    home = page.open("/settings/webhooks").text
    assert "接收方拒收 (HTTP 500)" in home
    assert [(one.level, "HTTP 500" in one.text) for one in doctor.channels()] == [("warn", True)]
    assert "HTTP 500" in page.open("/settings/channels").text
    sent = Delivery.objects.get()
    page.open(f"/settings/webhooks/{made.pk}?state=waiting")
    assert "webhook.ping" in page.text
    page.open(f"/settings/webhooks/deliveries/{sent.pk}")
    assert "no <b>zzz" in page.text
    hearing.answers = 204
    page.give(f"/settings/webhooks/deliveries/{sent.pk}/do/send_again")
    tasks.deliver_due(made.pk)
    assert "已送达" in page.open(f"/settings/webhooks/deliveries/{sent.pk}").text
    page.open(f"/settings/webhooks/{made.pk}/secret").press("保存", 422, secret="whsec_short")
    page.press("保存", secret="")
    old = made.secret
    made.refresh_from_db()
    assert (made.old_secret, made.secret in page.text) == (old, True)
    trail = str(list(Event.objects.filter(kind="setting.webhook").values_list("data", flat=True)))
    assert old not in trail + made.secret
    assert made.secret not in trail
    page.open(f"/settings/webhooks/{made.pk}/edit").press("保存", active=False)
    made.refresh_from_db()
    assert not made.active
    page.give(f"/settings/webhooks/{made.pk}/do/remove", _confirm="yes")
    assert not Receiver.objects.exists()
    assert not Delivery.objects.exists()
    assert "删除接收方" in page.open("/settings/webhooks").text


def test_who_sets_up_no_webhooks_sees_none(cast, signed_in):
    client = signed_in(cast.manager)
    urls = ("/settings/webhooks", "/settings/webhooks/new", "/settings/webhooks/1", "/settings/webhooks/deliveries/1")
    assert {client.get(url).status_code for url in urls} == {403}
    assert client.get("/settings/webhooks/1/do/ping").status_code == 404
