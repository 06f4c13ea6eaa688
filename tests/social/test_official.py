"""An official account: the door, what people send, answers within the rules of the platform, and what goes wrong."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.engines.files import services as files
from kefu.engines.jobs import queue
from kefu.kit import moment, sentences
from kefu.kit.errors import Conflict, Invalid
from kefu.timeline.models import Event
from kefu.touch.channels.social import asking, routing
from kefu.touch.channels.social.models import Link, Media, Person, Posted, Sending
from kefu.touch.conversations import handling
from kefu.touch.conversations.asking import recognise
from kefu.touch.conversations.models import Attachment, Message
from tests import cases
from tests.browser import Browser
from tests.email.servers import nobody_listens
from tests.social.makers import HOOK, WHO, event, official, picture, post, said, signed, talk, turns
from tests.social.platform import APP, KEY, TOKEN, opened, platform, sha1, xml

SEND = "/cgi-bin/message/custom/send"


def answered(cast, text="师傅明天上午到。", ids=()):
    return handling.reply(actor=cast.actor(cast.agent), id=talk().pk, text=text, files=ids)


def state(message):
    delivery, trouble = Message.objects.values_list("delivery", "trouble").get(pk=message.pk)
    return delivery, sentences.shown(trouble)


def uploaded(cast, name="图.png", content=b""):
    return files.add(actor=cast.actor(cast.agent), upload=SimpleUploadedFile(name, content or picture())).pk


def refused(cast, **words) -> str:
    """What is said of an answer that is not taken."""
    with pytest.raises(Invalid) as error:
        answered(cast, **words)
    return " ".join(str(one) for one in error.value.fields.values())


def test_the_address_is_taken_at_wechat_and_forged_askings_are_not(cast):
    official(cast)
    now = str(int(moment.now().timestamp()))
    good = {"signature": sha1(TOKEN, now, "n"), "timestamp": now, "nonce": "n", "echostr": "5837482374"}
    answer = Client().get(f"/social/{HOOK}", good)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"5837482374", "text/plain; charset=utf-8")
    old = str(int(now) - 3600)
    for wrong in ({"signature": "0" * 40}, {"nonce": "m"}, {"timestamp": old, "signature": sha1(TOKEN, old, "n")}, {"timestamp": "x"}):
        assert Client().get(f"/social/{HOOK}", {**good, **wrong}).status_code == 403
    assert Client().get("/social/other", good).status_code == 404


@pytest.mark.parametrize("key", [KEY, ""], ids=["sealed", "plain"])
def test_a_message_is_stored_once_however_often_it_is_posted(cast, signed_in, key):
    official(cast, key=key)
    assert [said("电梯坏了", 1, key=key).content for _try in range(3)] == [b"success"] * 3
    assert said("三号楼", 2, key=key).content == b"success"
    assert turns() == ["电梯坏了", "三号楼"]
    assert Person.objects.get().conversation_id == talk().pk
    shown = Browser(signed_in(cast.agent)).open(f"/inbox/{talk().pk}").text
    assert "电梯坏了" in shown
    assert "绿洲服务号" in shown
    assert WHO not in shown + Browser(signed_in(cast.agent)).open("/inbox?tab=waiting").text


def test_with_a_key_only_what_is_sealed_counts(cast):
    official(cast)
    plain = xml(ToUserName="gh", FromUserName=WHO, CreateTime=1, MsgType="text", Content="明文", MsgId=7)
    assert post(*signed(plain, key="")).status_code == 403
    told = xml(ToUserName="gh", FromUserName=WHO, CreateTime=1, MsgType="text", Content="密文", MsgId=8)
    assert post(*signed(told, both="<Content>改过的明文</Content><MsgId>9</MsgId>")).content == b"success"
    assert turns() == ["密文"]
    assert post(*signed(told, receiver="wxsomebodyelse")).status_code == 403
    assert post(*signed(told, key="Z" * 43)).status_code == 403


def test_an_older_post_opens_no_door_for_another_body(cast):
    """In the plain mode the signature is not over the body: whoever has seen one could write under it."""
    official(cast, key="")
    body = xml(ToUserName="gh", FromUserName=WHO, CreateTime=1, MsgType="text", Content="真的", MsgId=1)
    query, _body = signed(body, key="", nonce="seen")
    assert post(query, body).content == b"success"
    assert post(query, body).content == b"success"
    assert post(query, body.replace("真的", "假的").replace(">1<", ">2<")).status_code == 403
    hour_ago = int(moment.now().timestamp()) - 3600
    assert post(*signed(body, key="", at=hour_ago)).status_code == 403
    assert turns() == ["真的"]


BOMB = f'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "{"&a;" * 50}">]><xml><MsgType>text</MsgType><Content>&b;</Content></xml>'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (BOMB, 400), ('<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>', 400), ("<xml><MsgType>text", 400),
        ("<xml><a><b><c><d><e><f><g>1</g></f></e></d></c></b></a></xml>", 400), ("\xff\xfe不是", 400), ("<xml></xml>", 400),
        (f"<xml>{'<a>1</a>' * 300}</xml>", 400), ("x" * 20_000_000, 413),
    ],
    ids=["bomb", "external", "cut", "deep", "bytes", "empty", "many", "huge"],
)  # fmt: skip
def test_what_is_no_message_is_refused_and_stores_nothing(cast, body, status):
    official(cast, key="")
    query, _body = signed("", key="")
    assert post(query, body).status_code == status
    assert not Message.objects.exists()
    assert not Posted.objects.exists()


def test_who_forges_again_and_again_has_to_wait(cast):
    official(cast)
    found = [post("signature=x&timestamp=1&nonce=1", "<xml/>").status_code for _try in range(32)]
    assert (found[0], found[-1]) == (403, 429)


def test_each_kind_is_shown_in_words_and_its_file_fetched_afterwards(cast, signed_in):
    with platform() as there:
        official(cast, there.port)
        there.files |= {"P1": ("x.jpg", picture()), "V1": ("v.amr", b"#!AMR\n" + b"\x3c" * 300)}
        said(number=1, MsgType="image", MediaId="P1", PicUrl="u")
        said(number=2, MsgType="voice", MediaId="V1", Format="amr", Recognition="三号楼漏水")
        said(number=3, MsgType="location", Location_X="30.27", Location_Y="120.15", Scale="15", Label="文三路 1 号")
        said(number=4, MsgType="link", Title="公告", Description="停水", Url="u.example/1")
        said(number=5, MsgType="image", MediaId="GONE")
        said(number=6, MsgType="shortvideo", MediaId="BIG")
        said(number=7, MsgType="hologram")
        there.files["BIG"] = ("v.mp4", b"0" * (asking.MOST_BYTES + 1))
        assert there.exchanges == []
        queue.drain()
    assert turns() == [
        "[图片]", "[语音] 三号楼漏水", "[位置] 文三路 1 号 (30.27, 120.15)", "[链接] 公告\n停水\nu.example/1", "[图片]", "[视频]",
        "[无法在此显示的消息，类型为“hologram”]",
    ]  # fmt: skip
    assert sorted(Attachment.objects.values_list("file__media_type", flat=True)) == ["audio/amr", "image/png"]
    assert list(Media.objects.order_by("pk").values_list("state", "key")) == [("here", ""), ("here", ""), ("gone", "GONE"), ("gone", "BIG")]
    page = Browser(signed_in(cast.agent)).open(f"/inbox/{talk().pk}").text
    assert "微信已不再保存这个文件" in page
    assert "20 MB" in page
    assert len(there.tokens) == 1


def test_an_answer_goes_out_with_its_pictures_and_the_token_is_kept(cast):
    with platform() as there:
        link = official(cast, there.port)
        said()
        made = answered(cast, ids=(uploaded(cast),))
        assert there.exchanges == []
        queue.drain()
        said("谢谢", 2)
        answered(cast, "不客气")
        queue.drain()
    assert [body["msgtype"] for body in there.asked(SEND)] == ["text", "image", "text"]
    assert there.asked(SEND)[0] == {"touser": WHO, "msgtype": "text", "text": {"content": "师傅明天上午到。"}}
    assert there.files[there.asked(SEND)[1]["image"]["media_id"]][1][:4] == b"\x89PNG"
    assert state(made) == ("sent", "")
    assert len(there.asked("/cgi-bin/stable_token")) == 1
    link.refresh_from_db()
    assert (link.access, link.access_until - moment.now() > timedelta(minutes=110)) == ("T1", True)


def test_a_token_that_ended_is_got_anew_before_its_end_and_in_the_middle(cast):
    with platform() as there:
        official(cast, there.port)
        said()
        made = answered(cast)
        there.first[SEND] = [{"errcode": 42001, "errmsg": "access_token expired"}]
        queue.drain()
        assert state(made) == ("sent", "")
        assert [one["force_refresh"] for one in there.asked("/cgi-bin/stable_token")] == [False, False, True]
        assert len(there.asked(SEND)) == 2
        with moment.frozen(moment.now() + timedelta(minutes=117)):
            assert asking.token_of(Link.objects.get()) == "T2"
            assert len(there.asked("/cgi-bin/stable_token")) == 4
            Link.objects.update(asked_at=moment.now())  # another process asks: the old one still holds
            assert asking.token_of(Link.objects.get()) == "T2"
            with pytest.raises(asking.Trouble):
                asking.token_of(Link.objects.get(), refused="T2")
            assert len(there.asked("/cgi-bin/stable_token")) == 4


def test_answers_end_with_the_hours_and_the_number_that_wechat_sets(cast):
    with platform() as there:
        official(cast, there.port)
        said()
        for number in range(4):
            answered(cast, f"第{number}条")
        assert "剩余 1 条" in refused(cast, text="图", ids=(uploaded(cast),))
        answered(cast, "最后一条")
        assert "剩余 0 条" in refused(cast, text="还有一条")
        said("好的", 2)
        queue.drain()
        assert len(there.asked(SEND)) == 5
        with moment.frozen(moment.now() + timedelta(hours=48, minutes=1)):
            assert "48 小时" in refused(cast)
        event("unsubscribe", at=5)
        assert "取消关注" in refused(cast)


@pytest.mark.parametrize(
    ("code", "words"),
    [(45015, "超过 48 小时"), (45047, "5 条"), (48001, "没有权限"), (40164, "白名单"), (43004, "取消关注"), (99999, "rid: 1")],
)
def test_what_wechat_refuses_is_said_in_words_that_tell_what_to_do(cast, code, words):
    with platform() as there:
        there.first[SEND] = [{"errcode": code, "errmsg": "no. rid: 1"}]
        official(cast, there.port)
        said()
        made = answered(cast)
        queue.drain()
        assert state(made)[0] == "failed"
        assert words in state(made)[1]
        assert routing.queries.left(Person.objects.get()) == 5  # what was refused counts nothing
        handling.resend(actor=cast.actor(cast.agent), id=talk().pk, message_id=made.pk)
        queue.drain()
    assert state(made) == ("sent", "")
    assert len(there.asked(SEND)) == 2


def test_what_may_have_been_sent_is_never_sent_again_by_itself(cast):
    with platform() as there:
        there.first[SEND] = ["cut", {"errcode": -1, "errmsg": "system busy"}]
        official(cast, there.port)
        said()
        made = answered(cast)
        queue.drain()
        assert state(made)[0] == "failed"
        assert "可能已经发出" in state(made)[1]
        busy = answered(cast, "第二条")
        queue.drain()
        assert state(busy)[0] == "queued"
        with moment.frozen(moment.now() + timedelta(seconds=5)):
            queue.drain()
        assert state(busy)[0] == "sent"
        third = answered(cast, "第三条")
        Sending.objects.filter(pk=third.pk).update(state="sending", asked_at=moment.now() - timedelta(hours=1))  # the process was killed
        queue.drain()
    assert "可能已经发出" in state(third)[1]
    assert len(there.asked(SEND)) == 3


def test_a_platform_that_does_not_answer_keeps_the_reply_waiting(cast):
    official(cast, nobody_listens())
    said()
    made = answered(cast)
    queue.drain()
    assert state(made)[0] == "queued"
    assert Link.objects.get().send_trouble
    assert Link.objects.get().account.health == "failing"
    with moment.frozen(moment.now() + timedelta(hours=13)):
        queue.drain()
    assert state(made)[0] == "failed"


def test_an_account_that_is_switched_off_takes_and_sends_nothing(cast):
    with platform() as there:
        link = official(cast, there.port)
        said()
        link.account.active = False
        link.account.save()
        assert said("还有", 2).status_code == 404
        with pytest.raises(Conflict) as error:
            answered(cast)
        assert "停用" in error.value.message()
        queue.drain()
    assert (turns(), there.exchanges) == (["电梯坏了"], [])


def test_who_begins_to_follow_is_greeted_in_the_answer_and_clicks_stand_in_the_course(cast):
    official(cast, welcome="您好，这里是绿洲物业。")
    first = event("subscribe", at=1)
    inner = first.content.decode().partition("<Encrypt>")[2].partition("</Encrypt>")[0]
    told = opened(inner, APP)
    assert "<Content>您好，这里是绿洲物业。</Content>" in told
    assert f"<ToUserName>{WHO}</ToUserName>" in told
    assert event("subscribe", at=1).content == b"success"  # posted again
    said()
    event("CLICK", at=2, about="报修")
    event("CLICK", at=2, about="报修")
    assert [one.data["key"] for one in Event.objects.filter(kind="social.clicked")] == ["报修"]
    assert turns() == ["电梯坏了"]


def test_who_was_recognised_once_comes_back_known(cast):
    official(cast)
    said()
    customer, first, agent = cases.resident(cast), talk(), cast.actor(cast.agent)
    handling.take(actor=agent, id=first.pk)
    recognise(actor=agent, id=first.pk, customer=customer.subject.number)
    handling.close(actor=agent, id=first.pk, wrap_up="answered")
    with moment.frozen(moment.now() + timedelta(days=30)):
        said("又坏了", 2)
        assert talk().pk != first.pk
        assert (talk().contact.customer_id, talk().follows_id) == (customer.pk, first.pk)
