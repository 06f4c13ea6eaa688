"""A web site says who is signed in there, signed with the secret of the widget."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from kefu.kit import moment
from kefu.kit.errors import NotAllowed
from kefu.touch.channels.chat import settings
from kefu.touch.channels.chat.models import Visitor
from kefu.touch.conversations.models import Conversation
from kefu.touch.customers import services as customers
from kefu.touch.customers.choices import PointKind
from tests.chat.makers import Browser, widget

SECRET = "s" * 43


def word(secret: str = SECRET, minutes: float = 60, **claims: object) -> str:
    return jwt.encode({"sub": "A-1001", "exp": moment.now() + timedelta(minutes=minutes), **claims}, secret, algorithm="HS256")


@pytest.fixture
def held(cast):
    return widget(cast, secret=SECRET)


def begun(**claims: object) -> Browser:
    return Browser().start(identity=word(**claims))


def test_the_same_number_is_the_same_visitor_on_every_device(held):
    begun(name="张三", phone="13800138000").send("在电脑上写的", "id-000001")
    there = begun(name="张三", phone="+8613800138000")
    there.send("在手机上写的", "id-000002")
    assert there.turns() == [(True, "在电脑上写的"), (True, "在手机上写的")]
    made = Visitor.objects.get()
    assert (made.number, made.name, made.phone) == ("A-1001", "张三", "+8613800138000")
    assert begun(sub="A-1002").turns() == []


def test_the_talk_belongs_to_the_customer_whom_the_site_names(cast, held):
    manager = cast.actor(cast.manager)
    by_number = customers.create(actor=manager, name="王芳", code="A-1001")
    by_phone = customers.create(actor=manager, name="李娜")
    customers.add_point(actor=manager, id=by_phone.pk, kind=PointKind.PHONE, value="13900139000")
    begun(name="w", phone="13900139000").send("在吗", "id-000001")  # her number names her, though the phone is of another file
    begun(sub="B-1", phone="139-0013-9000").send("在吗", "id-000002")
    begun(sub="B-2", name="陌生人", phone="13700137000").send("在吗", "id-000003")
    rows = Conversation.objects.order_by("pk").values_list("contact__customer_id", "contact__name", "contact__phone")
    assert list(rows) == [
        (by_number.pk, "王芳", "+8613900139000"),
        (by_phone.pk, "李娜", "+8613900139000"),
        (None, "陌生人", "+8613700137000"),
    ]


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param(lambda: word("x" * 43), id="another secret"),
        pytest.param(lambda: word(minutes=-5), id="over"),
        pytest.param(lambda: word(sub=""), id="nobody"),
        pytest.param(lambda: word(sub="9" * 65), id="too long a number"),
        pytest.param(lambda: word(sub=["A-1001"]), id="no number"),
        pytest.param(lambda: jwt.encode({"sub": "A-1001"}, SECRET, algorithm="HS256"), id="without an end"),
        pytest.param(lambda: jwt.encode({"sub": "A-1001", "exp": 2_000_000_000}, None, algorithm="none"), id="unsigned"),
        pytest.param(lambda: word() + "x" * 4000, id="endless"),
        pytest.param(lambda: "a.b.c", id="no word"),
    ],
)
def test_a_word_that_proves_nothing_is_refused(held, proof):
    answer = Browser().ask("start", identity=proof())
    assert answer.status_code == 422
    assert "未能核实您的登录身份" in answer.content.decode()
    assert not Visitor.objects.exists()


def test_without_a_secret_nobody_is_proven(cast):
    widget(cast, secret="")
    assert Browser().ask("start", identity=word()).status_code == 422


def test_a_new_secret_ends_the_old_one(cast, held, signed_in):
    old, admin = word(), signed_in(cast.admin)
    page = f"/settings/chat/{held.pk}/secret"
    assert admin.post(page).status_code == 422  # not without a confirmation
    shown = admin.post(page, {"_confirm": "yes"}).content.decode()
    held.refresh_from_db()
    assert held.secret != SECRET
    assert held.secret in shown
    assert Browser().ask("start", identity=old).status_code == 422
    assert Browser().start(identity=word(held.secret)).turns() == []
    with pytest.raises(NotAllowed):
        settings.renew_secret(actor=cast.actor(cast.agent), id=held.pk)


def test_the_agent_reads_that_the_site_vouches(cast, held, signed_in):
    begun(name="张三", phone="13812345678").send("在吗", "id-000001")
    Browser().start(name="李四").send("在吗", "id-000002")
    signed, other = Conversation.objects.order_by("pk").values_list("pk", flat=True)
    pages = [signed_in(cast.agent).get(f"/inbox/{pk}").content.decode() for pk in (signed, other)]
    assert ["A-1001" in page and "网站登录用户" in page for page in pages] == [True, False]
    assert ["138****5678" in page for page in pages] == [True, False]
    assert not any("13812345678" in page for page in pages)
