"""微信客服 of WeCom: what came is read page by page with its cursor, answers name their piece, sessions served in WeCom are left alone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.engines.files import services as files
from kefu.engines.jobs import queue
from kefu.kit import moment, sentences
from kefu.touch.channels.social import asking, services, tasks
from kefu.touch.channels.social.models import Link, Person
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Attachment, Conversation, Message
from tests.social.makers import HOOK, picture, rang, row, service, talk, turns
from tests.social.platform import CORP, TOKEN, platform, sealed, sha1

SEND, SYNC = "/cgi-bin/kf/send_msg", "/cgi-bin/kf/sync_msg"
WHO = "wmAJ2GCAAAme1XQ"


def happened(kind, **more):
    return {"msgid": f"e{kind}", "send_time": int(moment.now().timestamp()), "origin": 4, "msgtype": "event",
            "event": {"event_type": kind, "external_userid": WHO, **more}}  # fmt: skip


def state(message):
    delivery, trouble = Message.objects.values_list("delivery", "trouble").get(pk=message.pk)
    return delivery, sentences.shown(trouble)


def test_the_address_is_taken_at_wecom(cast):
    service(cast)
    now, echo = str(int(moment.now().timestamp())), sealed("1616140317555161061", CORP)
    good = {"msg_signature": sha1(TOKEN, now, "n", echo), "timestamp": now, "nonce": "n", "echostr": echo}
    assert Client().get(f"/social/{HOOK}", good).content == b"1616140317555161061"
    assert Client().get(f"/social/{HOOK}", {**good, "nonce": "m"}).status_code == 403


def test_what_came_is_read_page_by_page_and_once(cast):
    with platform(page=2) as there:
        service(cast, there.port)
        there.names[WHO] = "小张"
        there.files["F1"] = ("报价.txt", "三百元".encode())
        there.written += [row(1), row(2), row(3, "location", latitude=30.2, longitude=120.1, name="文三路", address="1 号")]
        there.written += [row(4, "file", media_id="F1"), row(5, who="wmOther"), {"msgtype": "text", "origin": 3}, {**row(6), "origin": 5}]
        assert [rang().content for _try in range(2)] == [b"success"] * 2
        assert there.exchanges == []
        queue.drain()
        there.written.append(row(7))
        rang("k2")
        queue.drain()
        Link.objects.update(cursor="")  # the platform gives it all once more
        tasks.look()
        queue.drain()
    assert sorted(turns()) == sorted(["第1句", "第2句", "[位置] 文三路 1 号 (30.2, 120.1)", "[文件]", "第5句", "第7句"])
    assert dict(Person.objects.values_list("key", "name")) == {WHO: "小张", "wmOther": ""}
    assert Conversation.objects.count() == 2
    assert Attachment.objects.get().file.name == "报价.txt"
    assert there.asked(SYNC)[0]["token"] == "pulltoken"
    assert (Link.objects.get().cursor, len(there.tokens)) == (str(len(there.written)), 1)


def test_a_crash_between_reading_and_storing_loses_nothing(cast, monkeypatch):
    with platform() as there:
        service(cast, there.port)
        there.written += [row(number) for number in range(1, 6)]
        kept, count = services.take_in, iter(range(100))

        def dies(*args, **more):
            if next(count) == 3:
                raise SystemExit("killed")
            return kept(*args, **more)

        monkeypatch.setattr(services, "take_in", dies)
        with pytest.raises(SystemExit):
            asking.pull(Link.objects.get().pk, "", lambda _id: None)
        assert (turns(), Link.objects.get().cursor) == ([], "")
        monkeypatch.setattr(services, "take_in", kept)
        assert asking.pull(Link.objects.get().pk, "", lambda _id: None) == 5
    assert turns() == [f"第{number}句" for number in range(1, 6)]


def test_an_answer_names_its_pieces_and_a_failure_told_later_counts(cast):
    with platform() as there:
        service(cast, there.port)
        there.written.append(row(1))
        rang()
        queue.drain()
        actor = cast.actor(cast.agent)
        ids = [files.add(actor=actor, upload=SimpleUploadedFile(*one)).pk for one in (("图.png", picture()), ("说明.txt", b"text"))]
        made = handling.reply(actor=actor, id=talk().pk, text="请看", files=ids)
        queue.drain()
        sent = there.asked(SEND)
        assert [one["msgtype"] for one in sent] == ["text", "image", "file"]
        assert sent[0] | {"msgid": ""} == {
            "touser": WHO, "open_kfid": "wkAJ2GCAAASSm4", "msgid": "", "msgtype": "text", "text": {"content": "请看"},
        }  # fmt: skip
        assert state(made) == ("sent", "")
        there.written.append(happened("msg_send_fail", fail_msgid=sent[2]["msgid"], fail_type=10))
        rang("k2")
        queue.drain()
    assert state(made)[0] == "failed"
    assert "拒收" in state(made)[1]


@pytest.mark.parametrize(("session", "arrives"), [(0, "sent"), (3, "failed")], ids=["nobody", "a colleague in WeCom"])
def test_a_session_that_nobody_serves_in_wecom_is_taken_back(cast, session, arrives):
    with platform(states={WHO: session}) as there:
        service(cast, there.port)
        there.written.append(row(1))
        rang()
        queue.drain()
        there.first[SEND] = [{"errcode": 95018, "errmsg": "send msg session status invalid"}]
        made = handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text="您好")
        queue.drain()
        assert state(made)[0] == arrives
        moved = there.asked("/cgi-bin/kf/service_state/trans")
    assert [one["service_state"] for one in moved] == ([1] if arrives == "sent" else [])
    assert ("企业微信中接待" in state(made)[1]) is (arrives == "failed")


def test_who_comes_in_is_greeted_while_that_holds(cast):
    with platform() as there:
        service(cast, there.port, welcome="您好，请讲。")
        late = happened("enter_session", welcome_code="OLD") | {"msgid": "e0", "send_time": int(moment.now().timestamp()) - 60}
        there.written += [late, happened("enter_session", welcome_code="NEW"), happened("user_recall_msg", recall_msgid="m1")]
        rang()
        queue.drain()
        tasks.look()
        queue.drain()
        told = there.asked("/cgi-bin/kf/send_msg_on_event")
    assert [(one["code"], one["text"]["content"]) for one in told] == [("NEW", "您好，请讲。")]
    assert not Message.objects.exists()


def test_a_secret_that_is_wrong_is_said_and_asked_again_later(cast):
    with platform() as there:
        link = service(cast, there.port, secret="wrong")
        there.written.append(row(1))
        rang()
        queue.drain()
        link.account.refresh_from_db()
        assert (link.account.health, "密钥" in sentences.shown(link.account.trouble)) == ("failing", True)
        Link.objects.update(secret="")
        link = Link.objects.get()
        link.secret = "the-app-secret"
        link.save()
        with moment.frozen(moment.now() + timedelta(minutes=2)):
            queue.drain()
    link.account.refresh_from_db()
    assert (turns(), link.account.health, link.account.trouble) == (["第1句"], "good", "")
