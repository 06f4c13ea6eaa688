"""A visitor of a web site chats: what was written stands once and in order, whoever's line breaks; tomorrow it goes on."""

import time
from datetime import timedelta

import pytest

from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.touch.channels.chat import policies, queries, services, settings
from kefu.touch.channels.chat.models import Rating, Visitor, Widget
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.chat.makers import SITE, Browser, widget
from tests.property_centre import DAY, NOW


@pytest.fixture
def guest(cast):
    widget(cast)
    return Browser().start(name="张伟")


def test_a_talk_from_the_first_word_to_the_rating(cast, guest):
    first = guest.send("电梯坏了", "id-000001").json()
    assert (first["state"], first["place"], [one["text"] for one in first["turns"]]) == ("waiting", 1, ["电梯坏了"])
    talk = Conversation.objects.get()
    assert (talk.contact.channel, talk.contact.name, talk.title) == ("chat", "张伟", "电梯坏了")
    assert guest.ask("rate", stars=5).status_code == 409
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talk.pk)
    handling.note(actor=agent, id=talk.pk, text="客户很急")
    handling.reply(actor=agent, id=talk.pk, text="马上派人")
    seen = guest.ask("turns", after=first["turns"][0]["seq"]).json()
    assert [(one["own"], one["agent"], one["text"]) for one in seen["turns"]] == [(False, "021", "马上派人")]
    handling.close(actor=agent, id=talk.pk, wrap_up="answered")
    assert guest.ask("turns").json()["state"] == "closed"
    assert guest.ask("rate", stars=2, text="太慢").json()["rated"] is True
    assert (guest.ask("rate", stars=9).status_code, Rating.objects.get().stars) == (422, 2)
    assert Notice.objects.filter(kind="chat.rated", recipient_id=cast.agent.pk).count() == 1
    with moment.frozen(NOW + DAY):
        assert guest.send("又坏了", "id-000002").json()["state"] == "open"
    with moment.frozen(NOW + 30 * DAY):
        Conversation.objects.filter(pk=talk.pk).update(state="closed", closed_at=NOW, wrap_up="answered")
        assert guest.send("还是坏", "id-000003").json()["talk"] != talk.pk
    assert guest.turns() == [(True, "电梯坏了"), (False, "马上派人"), (True, "又坏了"), (True, "还是坏")]


def test_what_is_sent_again_after_a_broken_line_is_stored_once_and_what_was_missed_is_told_in_order(cast, guest):
    last = guest.send("一", "id-000001").json()["turns"][-1]["seq"]
    talk = Conversation.objects.get()
    # The answer to this one never arrived: the widget sends it again, later than the next one.
    guest.send("二", "id-000002")
    handling.reply(actor=cast.actor(cast.agent), id=talk.pk, text="答")
    guest.send("三", "id-000003")
    again = guest.send("二", "id-000002", after=last).json()
    assert [(one["id"], one["text"]) for one in again["turns"]] == [("id-000002", "二"), ("", "答"), ("id-000003", "三")]
    assert [one["seq"] for one in again["turns"]] == sorted({one["seq"] for one in again["turns"]})
    assert (Message.objects.count(), guest.turns(after=again["turns"][-1]["seq"])) == (4, [])


def test_nobody_reads_or_writes_with_a_forged_token_or_from_another_site(cast, guest):
    guest.send("电梯坏了", "id-000001")
    other = Browser().start()
    assert other.turns() == []
    other.token = other.token.replace(other.token[0], "x" if other.token[0] != "x" else "y", 1)
    assert other.ask("turns").status_code == 404
    for site in ("https://evil.example.com", "null", ""):
        guest.site = site
        answer = guest.send("x", "id-000009")
        assert (answer.status_code, guest.ask("begin").status_code) == (403, 403)
    assert Message.objects.count() == 1
    assert Browser(site="http://testserver").ask("begin").json()["greeting"] == "您好"
    assert Browser().ask("begin").headers["Access-Control-Allow-Origin"] == SITE


def test_what_does_not_fit_is_refused_and_too_much_is_stopped(cast, guest):
    for words in ({"text": " "}, {"text": "长" * 2001}, {"id": "short"}, {"text": 5}):
        assert guest.ask("send", **{"text": "好", "id": "id-000001", **words}).status_code == 422
    assert guest.client.post("/chat/send", b"[1", content_type="text/plain").status_code == 422
    assert guest.client.get("/chat/send").status_code == 405
    policies.SENDS.held[Visitor.objects.get().key] = (1.0, time.monotonic())
    assert [guest.send("好", f"id-{number:06d}").status_code for number in range(2)] == [200, 429]
    policies.READS.held[Visitor.objects.get().key] = (1.0, time.monotonic())
    assert [guest.ask("turns").status_code for _each in range(2)] == [200, 429]
    held = policies.ADDRESSES.held.get("127.0.0.1")
    policies.ADDRESSES.held["127.0.0.1"] = (0.0, time.monotonic())
    assert Browser().ask("begin").status_code == 429
    policies.ADDRESSES.held["127.0.0.1"] = held


def test_consent_is_asked_where_the_widget_says_so(cast):
    held = widget(cast, consent="我们只为答复使用您的信息。")
    guest = Browser()
    assert guest.ask("start", name="张").status_code == 422
    assert guest.start(agreed=True).token
    assert Visitor.objects.get().agreed_at == NOW
    assert guest.ask("leave", phone="13900001111", text="夜里漏水", id="id-000001").status_code == 422
    for _twice in range(2):
        assert guest.ask("leave", phone="13900001111", text="夜里漏水", id="id-000001", agreed=True).json() == {"left": True}
    assert list(Contact.objects.values_list("channel", "phone", "content")) == [("chat", "+8613900001111", "夜里漏水")]
    assert held.pk


def test_the_widget_says_whether_the_centre_serves_now(cast):
    widget(cast)
    assert Browser().ask("begin").json()["open"] is True
    with moment.frozen(NOW + timedelta(hours=14)):
        assert Browser().ask("begin").json()["open"] is False
        assert queries.is_open() is False


def test_an_administrator_sets_up_a_widget(cast, signed_in):
    admin = signed_in(cast.admin)
    words = {"name": "官网", "unit_id": cast.centre.pk, "sites": "https://WWW.example.com/\nhttps://m.example.com", "active": "true"}
    assert admin.post("/settings/chat/new", words | {"sites": "www.example.com"}).status_code == 422
    made = admin.post("/settings/chat/new", words)
    held = Widget.objects.get()
    assert (made.status_code, held.sites) == (303, ["https://www.example.com", "https://m.example.com"])
    shown = admin.get(f"/settings/chat/{held.pk}/shown").content.decode()
    assert f"data-key=&#34;{held.key}&#34;" in shown or f'data-key="{held.key}"' in shown
    with pytest.raises(NotAllowed):
        settings.keep_widget(actor=cast.actor(cast.agent), name="x", unit_id=cast.centre.pk)
    assert signed_in(cast.agent).get("/settings/chat").status_code == 403


def test_the_services_refuse_by_themselves(cast):
    made = services.start(widget=widget(cast), name="", origin=SITE, agreed=False)
    with pytest.raises(Invalid):
        services.write(visitor=made, text="", id="id-000001")
    with pytest.raises(Conflict):
        services.rate(visitor=made, stars=3, text="")


def test_who_waits_reads_how_many_are_before_him_and_it_goes_down(cast, guest):
    second, third = Browser().start(name="李娜"), Browser().start(name="王芳")
    places = [one.send("在吗", f"id-10000{at}").json()["place"] for at, one in enumerate((guest, second, third))]
    assert places == [1, 2, 3]
    first, other = Conversation.objects.order_by("pk")[:2]
    handling.take(actor=cast.actor(cast.agent), id=first.pk)
    assert [one.ask("turns").json()["place"] for one in (guest, second, third)] == [0, 1, 2]
    handling.take(actor=cast.actor(cast.receptionist), id=other.pk)
    assert third.ask("turns").json()["place"] == 1
