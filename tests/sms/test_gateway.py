"""Texts by a gateway that data describes: out with its signature, receipts and answers in with theirs."""

import hashlib
import hmac
import json
import socket
from datetime import datetime, timedelta

import pytest
from django.test import Client

from kefu.engines.jobs import queue
from kefu.engines.notify.models import Notice
from kefu.engines.texting import gateway as wire
from kefu.engines.texting.carrier import Outgoing, Trouble, Unclear
from kefu.engines.texting.recipes import Recipe
from kefu.kit import moment, sentences
from kefu.kit.errors import Invalid
from kefu.touch.channels.sms import routing
from kefu.touch.channels.sms.models import Blocked, Handed, Line, Text
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from kefu.touch.customers.models import ContactPoint
from tests import cases
from tests.browser import Browser
from tests.email.servers import nobody_listens
from tests.sms.makers import NUMBER, gateway, line, posted, recipe, talk, texted

WAY = {"key": "app", "secret": "top secret"}


def answered(cast, text="师傅明天上午到。"):
    return handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text=text)


def state(message: Message) -> tuple[str, str]:
    delivery, trouble = Message.objects.values_list("delivery", "trouble").get(pk=message.pk)
    return delivery, sentences.shown(trouble)


def test_an_answer_goes_out_signed_and_its_receipt_comes_back(cast, signed_in):
    with gateway() as there:
        held = line(cast, there.port)
        assert texted(held) == "stored"
        made = answered(cast)
        assert there.taken == []
        queue.drain()
    sent, headers = there.taken[0], there.headers[0]
    assert (sent["to"], sent["text"]) == ("8613800001234", "【绿洲物业】师傅明天上午到。")
    signed = hmac.new(b"top secret", f"{headers['X-Time']}\n{headers['body']}".encode(), hashlib.sha256).hexdigest()
    assert (headers["X-Key"], headers["X-Sign"]) == ("app", signed)
    assert state(made) == ("sent", "")
    rows = [{"id": "G1", "status": "ENROUTE"}, {"id": "G1", "status": "DELIVRD"}, {"id": "G1", "status": "UNDELIV"}]
    assert posted(Client(), "receipts", rows).content == b"SUCCESS"
    assert state(made) == ("arrived", "")
    shown = Browser(signed_in(cast.agent)).open(f"/inbox/{talk().pk}").text
    assert "已送达" in shown
    assert "138****1234" in shown
    assert NUMBER not in shown


def test_a_receipt_of_failure_is_told_to_who_wrote_it(cast):
    with gateway() as there:
        texted(line(cast, there.port))
        made = answered(cast)
        queue.drain()
    posted(Client(), "receipts", [{"id": "G1", "status": "MK:0001"}])
    assert state(made)[0] == "failed"
    assert "MK:0001" in state(made)[1]
    assert Notice.objects.filter(recipient_id=cast.agent.pk, kind="conversation.undelivered").exists()


def test_a_receipt_that_is_quicker_than_the_answer_counts(cast):
    with gateway() as there:
        texted(line(cast, there.port))
        made = answered(cast)
        posted(Client(), "receipts", [{"id": "G1", "status": "DELIVRD"}])
        queue.drain()
    assert state(made) == ("arrived", "")


def test_a_text_comes_in_once_finds_its_customer_and_goes_on_its_conversation(cast):
    held, known = line(cast), cases.resident(cast)
    number = ContactPoint.objects.filter(customer=known, kind="phone").values_list("value", flat=True).first()
    rows = [{"id": "1", "from": number.removeprefix("+"), "text": "电梯坏了"}]
    assert [posted(Client(), "arrived", rows).status_code for _twice in range(2)] == [200, 200]
    posted(Client(), "arrived", [{"id": "2", "from": number, "text": "困人了"}])
    found = Conversation.objects.get()
    assert (found.account_id, found.contact.customer_id, found.contact.phone) == (held.pk, known.pk, number)
    assert list(found.messages.order_by("id").values_list("text", flat=True)) == ["电梯坏了", "困人了"]


@pytest.mark.parametrize("how", ["secret", "time", "none", "hook", "rubbish"])
def test_what_is_not_the_gateways_is_not_read(cast, how):
    line(cast)
    rows = [{"id": "1", "from": NUMBER, "text": "假的"}]
    answer = {
        "secret": lambda: posted(Client(), "arrived", rows, secret="guess"),
        "time": lambda: posted(Client(), "arrived", rows, **{"X-Time": "1000000000"}),
        "none": lambda: Client().post("/sms/hook-word/arrived", {"list": rows}, content_type="application/json"),
        "hook": lambda: Client().post("/sms/other/arrived", {"list": rows}, content_type="application/json"),
        "rubbish": lambda: Client().post("/sms/hook-word/arrived", b"\xff\x00{", content_type="application/json"),
    }[how]()
    assert answer.status_code == {"hook": 404, "rubbish": 400}.get(how, 403)
    assert not Message.objects.exists()


def test_forgers_have_to_wait(cast):
    line(cast)
    codes = {posted(Client(), "arrived", [], secret="guess").status_code for _each in range(32)}
    assert codes == {403, 429}


def test_a_busy_gateway_gets_it_later_and_a_dead_one_for_a_day(cast):
    with gateway((200, {"code": "LIMIT", "message": "too fast"}), (503, {}), (401, {"message": "bad key"})) as there:
        held, start = line(cast, there.port), moment.now()
        texted(held)
        made = answered(cast)
        for minutes in (0, 5, 30, 60):
            with moment.frozen(start + timedelta(minutes=minutes)):
                queue.drain()
    assert (len(there.taken), state(made)) == (4, ("sent", ""))
    assert len({one["ref"] for one in there.taken}) == 1
    Line.objects.update(recipe=recipe(nobody_listens()))
    dead = answered(cast, "第二条")
    with moment.frozen(start + timedelta(hours=1)):
        queue.drain()
    assert state(dead)[0] == "queued"
    assert "refused" in state(dead)[1]
    with moment.frozen(start + timedelta(days=2)):
        queue.drain()
    assert state(dead)[0] == "failed"


def test_what_the_gateway_refuses_is_final_and_can_be_sent_again_by_hand(cast):
    with gateway((200, {"code": "7", "message": "黑词"})) as there:
        texted(line(cast, there.port))
        made = answered(cast)
        queue.drain()
        assert state(made) == ("failed", "7 黑词")
        handling.resend(actor=cast.actor(cast.agent), id=talk().pk, message_id=made.pk)
        queue.drain()
    assert state(made) == ("sent", "")
    assert there.taken[0]["ref"] != there.taken[1]["ref"]


@pytest.mark.parametrize("answer", ["cut", (502, {}), (200, b"<html>"), (200, {"other": 1})])
def test_nobody_knows_whether_it_was_sent(cast, answer):
    """Sent twice is worse than asked about: it stops and says so; where the gateway takes the same id once, it is sent again."""
    with gateway(answer, answer) as there:
        held = line(cast, there.port)
        texted(held)
        made = answered(cast)
        queue.drain()
        assert (state(made)[0], len(there.taken)) == ("failed", 1)
        assert "可能已经发出" in state(made)[1]
        Line.objects.update(recipe=recipe(there.port, repeatable=True))
        again = answered(cast, "第二条")
        queue.drain()
        assert state(again)[0] == "queued"


def test_a_process_killed_while_handing_over_sends_nothing_twice(cast):
    with gateway() as there:
        held, start = line(cast, there.port), moment.now()
        texted(held)
        made = answered(cast)
        Text.objects.update(state="sending", asked_at=start)
        queue.drain()
        assert there.taken == []
        with moment.frozen(start + timedelta(minutes=3)):
            queue.drain()
    assert (there.taken, state(made)[0]) == ([], "failed")


def test_a_gateway_that_hangs_is_not_waited_for(cast):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        way = Recipe.model_validate(recipe(deaf.getsockname()[1]))
        with pytest.raises(Unclear, match="timed out"):
            wire.send(way, Outgoing("1", NUMBER, "x"), **WAY, at=moment.now(), seconds=0.05)
        again = Recipe.model_validate(recipe(deaf.getsockname()[1], repeatable=True))
        with pytest.raises(Trouble):
            wire.send(again, Outgoing("1", NUMBER, "x"), **WAY, at=moment.now(), seconds=0.05)


@pytest.mark.clause("R-03-7.2.2")
def test_a_text_with_personal_data_does_not_go_out(cast):
    texted(line(cast))
    with pytest.raises(Invalid) as refused:
        answered(cast, "请联系张师傅13900001111")
    assert "手机号码" in str(refused.value.fields["text"])
    assert not Text.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize("word", ["TD", "td。", " 退订 ", "T", "ＴＤ"])
def test_who_wants_no_texts_gets_none_until_he_writes_again(cast, word):
    held, start = line(cast), moment.now()
    assert texted(held, word, id="1") == "unsubscribed"
    assert not Conversation.objects.exists()
    assert Blocked.objects.get().number == NUMBER
    with moment.frozen(start + timedelta(minutes=1)):
        texted(held, id="2")
        answered(cast)
    with moment.frozen(start + timedelta(minutes=2)):
        assert texted(held, word, id="3") == "unsubscribed"
        with pytest.raises(Invalid):
            answered(cast, "还有一件事")
    assert texted(held, "恢复订阅", id="4") == "resumed"
    assert not Blocked.objects.exists()


def test_long_texts_count_their_parts(cast):
    with gateway() as there:
        texted(line(cast, there.port))
        answered(cast, "停" * 100)
        queue.drain()
    assert (Text.objects.get().parts, Handed.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"send": {"url": "http://gateway.example/", "body": {}}}, "https"),
        ({"send": {"url": "https://g.example/?p={secret}", "body": {}}}, "密钥"),
        ({"send": {"url": "https://g.example/", "body": {"x": "{os}"}}}, "{os}"),
        ({"send": {"url": "https://g.example/", "body": {"x": "{sign}"}}}, "如何生成"),
        ({"send": {"url": "https://g.example/", "body": {}}, "inbound": {"number": "a", "text": "b"}}, "check"),
        ({"send": {"url": "https://g.example/", "body": {}}, "more": 1}, "more"),
    ],
)
def test_a_description_that_does_not_hold_is_refused_by_name(wrong, why):
    with pytest.raises(ValueError, match=why):
        Recipe.model_validate(wrong)


def test_places_are_filled_once_and_forms_are_posted():
    way = Recipe.model_validate({
        "send": {
            "url": "https://g.example/v1/{key}", "type": "form", "headers": {"Authorization": "Basic {basic}"},
            "body": {"mobile": "{national}", "msg": "{text}", "sig": "{sign}", "p": "{params}"},
            "sign": {"algorithm": "md5", "text": "{key}{secret}{stamp}", "encoding": "HEX"},
        },
    })  # fmt: skip
    out = Outgoing("1", NUMBER, "你好{secret}", params={"code": "1"})
    method, address, body, headers = wire.request(way, out, **WAY, at=moment.now())
    assert (method, address, headers["Authorization"]) == ("POST", "https://g.example/v1/app", "Basic YXBwOnRvcCBzZWNyZXQ=")
    told = wire.posted(body, "application/x-www-form-urlencoded")
    assert (told["mobile"], told["msg"], json.loads(told["p"])) == ("13800001234", "你好{secret}", {"code": "1"})
    stamp = moment.now().astimezone().strftime("%Y%m%d%H%M%S")
    assert told["sig"] == hashlib.md5(f"apptop secret{stamp}".encode()).hexdigest().upper()


def test_a_notice_waits_over_days_off_and_holidays_of_the_calendar_of_the_clock(cast):
    held = line(cast)

    def day(told):
        return datetime.fromisoformat(f"{told}+08:00")

    friday, saturday, holiday = day("2026-11-20T10:00"), day("2026-11-21T10:00"), day("2026-10-03T10:00")
    for at in (friday, saturday, holiday):
        assert routing.within_hours(held, at) == at
    held.workdays = "standard"
    assert routing.within_hours(held, friday) == friday
    assert routing.within_hours(held, friday.replace(hour=22)) == day("2026-11-23T08:00")
    assert routing.within_hours(held, saturday) == day("2026-11-23T08:00")
    assert routing.within_hours(held, holiday) == day("2026-10-08T08:00")  # the week of the national day
    made_up = day("2026-10-10T10:00")  # a Saturday worked in exchange
    assert routing.within_hours(held, made_up) == made_up
    held.workdays = "gone"
    assert routing.within_hours(held, saturday) == saturday


def test_hours_of_rest_are_kept(cast):
    held, now = line(cast), moment.now()
    midnight = now.replace(hour=0)
    assert routing.within_hours(held, now) == now
    assert routing.within_hours(held, midnight) == midnight + timedelta(hours=8)
    held.hours = "20:00-06:00"
    assert routing.within_hours(held, midnight) == midnight
    assert routing.within_hours(held, now.replace(hour=12)) == now.replace(hour=20)
