"""The public pages, as a resident and an employee without an account use them."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.cases.callbacks.models import CallbackTask
from kefu.cases.complaints.models import Complaint
from kefu.cases.supervision.models import Urge
from kefu.cases.workorders import services as orders
from kefu.engines.files.models import StoredFile
from kefu.entry.portal import guard, pass_on
from kefu.flows import finish_work, open_from_contact
from kefu.kit import moment
from kefu.timeline.models import Event, Watcher
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations.models import Account
from tests.chat.makers import widget

GOOD = {"name": "张三", "phone": "138 0000 1234", "address": "3-2-501", "content": "走廊灯不亮"}


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff"))
    + _chunk(b"IEND", b"")
)


def filled(client, path="/portal/new", **more):
    """The form as the page gives it, filled."""
    page = client.get(path).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    version = re.search(r'name="agree" value="([^"]+)"', page)[1]
    return {**GOOD, "token": token, "agree": version, **more}


def test_a_request_is_sent_stored_and_shows_its_code(guest, cast):
    photo = SimpleUploadedFile("灯.png", PNG, "image/png")
    answer = guest.post("/portal/new", filled(guest, photos=photo))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/track/one?new=1")
    contact = Contact.objects.get()
    assert (contact.channel, contact.phone, contact.agent_id, contact.outcome) == ("portal", "+8613800001234", None, "open")
    page = guest.get("/portal/track/one?new=1").content.decode()
    assert contact.tracking_code in page
    assert "客服人员会尽快处理" in page
    assert StoredFile.objects.get().subject_id == contact.pk
    event = Event.objects.get(kind="portal.submitted")
    assert (len(event.data["privacy_version"]), event.data["photos"]) == (12, 1)


def test_the_agent_sees_the_photos_of_the_contact(guest, cast, signed_in):
    guest.post("/portal/new", filled(guest, photos=SimpleUploadedFile("灯.png", PNG, "image/png")))
    page = signed_in(cast.agent).get(f"/contacts/{Contact.objects.get().pk}").content.decode()
    assert f"/files/{StoredFile.objects.get().pk}/" in page


def test_a_double_click_is_one_contact(guest):
    form = filled(guest)
    assert [guest.post("/portal/new", form).status_code for _time in range(2)] == [303, 303]
    assert Contact.objects.count() == 1
    assert Event.objects.filter(kind="portal.submitted").count() == 1
    assert guest.post("/portal/new", filled(guest)).status_code == 303
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"phone": "abc"}, "请填写能联系到您的电话"),
        ({"content": ""}, "请告诉我们是什么事"),
        ({"agree": ""}, "请阅读说明并同意"),
        ({"agree": "0123456789ab"}, "请阅读说明并同意"),
        ({"appointment_at": "2001-01-01T10:00"}, "请选择将来的时间"),
        ({"appointment_at": "nonsense"}, "请选择将来的时间"),
        ({"content": "x" * 2001}, "2000"),
        ({"token": "forged"}, "请重新提交"),
        ({"website": "http://localhost"}, "请致电"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_stored(guest, wrong, told):
    answer = guest.post("/portal/new", filled(guest, **wrong))
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert told in page
    assert "138 0000 1234" in page or "phone" in wrong
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("name", "body"), [("a.png", b"MZ\x90\x00"), ("a.png", b"<script>alert(1)</script>"), ("a.pdf", b"%PDF-1.4 ..."), ("a.jpg", b"")]
)
def test_a_photo_that_is_none_is_refused_and_nothing_is_stored(guest, name, body):
    answer = guest.post("/portal/new", filled(guest, photos=SimpleUploadedFile(name, body, "image/png")))
    assert answer.status_code in (413, 422)
    assert not Contact.objects.exists()
    assert not StoredFile.objects.exists()


def test_too_many_photos(guest):
    photos = [SimpleUploadedFile(f"{number}.png", PNG, "image/png") for number in range(4)]
    assert "最多 3 张" in guest.post("/portal/new", filled(guest, photos=photos)).content.decode()


def test_an_address_has_only_so_many_tries(guest):
    for _time in range(guard.SUBMISSIONS):
        assert guest.post("/portal/new", filled(guest)).status_code == 303
    assert guest.post("/portal/new", filled(guest)).status_code == 429
    assert guest.post("/portal/new", filled(guest), REMOTE_ADDR="10.9.8.7").status_code == 303
    with moment.frozen(moment.now() + guard.WINDOW + timedelta(seconds=1)):
        assert guest.post("/portal/new", filled(guest)).status_code == 303


def test_forms_need_their_csrf_token(cast):
    strict = Client(enforce_csrf_checks=True)
    form = filled(strict)
    assert strict.post("/portal/new", form).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', strict.get("/portal/new").content.decode())[1]
    assert strict.post("/portal/new", {**form, "csrfmiddlewaretoken": token}).status_code == 303


def test_tracking_needs_code_and_number(guest):
    guest.post("/portal/new", filled(guest))
    contact = Contact.objects.get()
    other = Client()
    assert other.get("/portal/track/one").headers["Location"] == "/portal/track"
    for code, digits in ((contact.tracking_code, "0000"), ("AAAAAAAAAA", "1234"), ("", ""), ("\x00", "1234")):
        answer = other.post("/portal/track", {"code": code, "digits": digits})
        assert answer.status_code == 404
        assert "请核对" in answer.content.decode()
    code = contact.tracking_code.lower()
    answer = other.post("/portal/track", {"code": f" {code[:5]} {code[5:]}", "digits": "1234"})
    assert answer.headers["Location"] == "/portal/track/one"
    assert "走廊灯不亮" in other.get("/portal/track/one").content.decode()
    other.cookies["kefu-track"] = f"{contact.pk}:forged"
    assert other.get("/portal/track/one").status_code == 303


def _order(centre):
    contact = Contact.objects.get(outcome="open")
    record = {"wishes": "无", "appointment_at_missing": "随时"}
    order = open_from_contact.open_order(
        actor=centre.actor(centre.agent), contact_id=contact.pk, order_type="repair.public.light", record=record
    )
    head = centre.actor(centre.repair_head)
    orders.accept(actor=head, id=order.pk)
    return order, head


def test_the_customer_follows_urges_once_a_day_and_rates(guest, centre):
    guest.post("/portal/new", filled(guest))
    order, head = _order(centre)
    page = guest.get("/portal/track/one").content.decode()
    assert "工程部正在处理" in page
    assert "孙工" not in page
    assert guest.post("/portal/track/urge", {"text": "请快一点"}).status_code == 303
    page = guest.get("/portal/track/one").content.decode()
    assert "您今天已催办" in page
    assert guest.post("/portal/track/urge", {"text": "再催"}).status_code == 409
    assert Urge.objects.get().text == "请快一点"
    with moment.frozen(moment.now() + timedelta(days=1)):
        assert guest.post("/portal/track/urge", {"text": "第二天"}).status_code == 303 or not guest.cookies["kefu-track"].value
    finish_work.complete(actor=head, id=order.pk, result="已换灯管")
    assert "您是否满意" in guest.get("/portal/track/one").content.decode()
    assert guest.post("/portal/track/rate", {"grade": "not_satisfied"}).status_code == 422
    assert guest.post("/portal/track/rate", {"grade": "not_satisfied", "text": "还是不亮"}).status_code == 303
    assert guest.post("/portal/track/rate", {"grade": "satisfied"}).status_code == 409
    task = CallbackTask.objects.get()
    assert task.state == "open"
    rated = Event.objects.get(kind="portal.rated")
    assert (rated.subject_id, rated.data) == (order.pk, {"verdict": "not_satisfied", "words": "还是不亮"})


def test_the_callback_desk_reads_the_rating(guest, centre, signed_in):
    guest.post("/portal/new", filled(guest))
    order, head = _order(centre)
    finish_work.complete(actor=head, id=order.pk, result="已换灯管")
    guest.post("/portal/track/rate", {"grade": "satisfied", "text": "很快"})
    page = signed_in(centre.agent).get(f"/callbacks/{CallbackTask.objects.get().pk}").content.decode()
    assert "客户在网上评价" in page
    assert "很快" in page


def test_a_complaint_is_opened_at_once(guest, centre):
    answer = guest.post("/portal/complain", filled(guest, "/portal/complain", content="保洁态度差"))
    assert answer.status_code == 303
    complaint = Complaint.objects.get()
    assert (complaint.channel, complaint.content, complaint.contact.outcome) == ("portal", "保洁态度差", "complaint")
    assert "您的投诉已登记" in guest.get("/portal/track/one").content.decode()
    assert guest.post("/portal/track/urge", {"text": "请尽快"}).status_code == 303


def test_a_contact_settled_on_the_spot_tells_the_answer(guest, centre):
    guest.post("/portal/new", filled(guest))
    agent = centre.actor(centre.agent)
    contacts.settle(actor=agent, id=Contact.objects.get().pk, answer="今晚 22 点恢复供水")
    page = guest.get("/portal/track/one").content.decode()
    assert "今晚 22 点恢复供水" in page
    assert "陈静" not in page


@pytest.mark.clause("R-04-3.1")
def test_an_employee_without_account_passes_on_a_complaint(guest, centre, signed_in):
    code = pass_on.code_of(pass_on.today())
    assert code in signed_in(centre.receptionist).get("/settings/pass-on").content.decode()
    assert signed_in(centre.crew).get("/settings/pass-on").status_code == 403
    form = {"code": code, "number": "201", "content": "业主说电梯常停", "name": "李四", "phone": "13900001111"}
    wrong = "000000" if code != "000000" else "111111"
    assert "不是今天的通行码" in guest.post("/portal/pass-on", {**form, "code": wrong}).content.decode()
    assert guest.post("/portal/pass-on", {**form, "number": "9999"}).status_code == 422
    answer = guest.post("/portal/pass-on", form)
    complaint = Complaint.objects.get()
    assert complaint.subject.number in answer.content.decode()
    assert (complaint.receiver_id, complaint.channel) == (centre.employee.pk, "passed_on")
    assert Watcher.objects.get(subject_id=complaint.pk, staff=centre.employee).kept
    with moment.frozen(moment.now() + timedelta(days=1)):
        assert pass_on.code_of(pass_on.today()) != code


def test_the_pages_are_light_and_open_to_guests(guest):
    for path in ("/portal", "/portal/new", "/portal/complain", "/portal/track", "/portal/pass-on"):
        answer = guest.get(path)
        assert answer.status_code == 200
        assert len(answer.content) < 20_000
    english = Client(headers={"Accept-Language": "en"})
    assert "How may we help you?" in english.get("/portal").content.decode()


def test_the_chat_stands_on_the_public_pages_where_its_widget_says_so(guest, cast):
    widget(cast, key="a" * 20)
    for path in ("/portal", "/portal/help"):
        assert b"widget.js" not in guest.get(path).content
    held = widget(cast, key="b" * 20, sites=[], portal=True)
    for path in ("/portal", "/portal/help", "/portal/track", "/portal/new"):
        assert f'data-key="{"b" * 20}" data-language="zh"' in guest.get(path).content.decode()
    begun = guest.post("/chat/begin", f'{{"key":"{"b" * 20}"}}', content_type="text/plain", headers={"Origin": "http://testserver"})
    assert begun.json()["name"] == "官网"
    Account.objects.filter(pk=held.pk).update(active=False)
    assert b"widget.js" not in guest.get("/portal").content
