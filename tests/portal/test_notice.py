"""Who has to look for our answer is told that one waits: once, by mail or SMS, in waking hours, without a word of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kefu.engines.jobs import queue
from kefu.engines.mail import reading
from kefu.flows import tell_customers
from kefu.kit import moment, phone
from kefu.timeline import feed
from kefu.timeline.models import Event
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.channels.sms import handling as templates
from kefu.touch.channels.sms.models import Blocked, Text
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling
from kefu.touch.customers import services as customers
from tests.conversations.makers import account
from tests.email.servers import smtp
from tests.portal.test_talk import sent, written
from tests.sms import makers
from tests.sms.makers import gateway, line, texted

WORDS = "您提交的事项已有答复，请凭查询码{number}在{unit}网上查看。"
NUMBER = phone.normalise("13800001234")


@pytest.fixture
def told(centre, monkeypatch):
    """A test is one open transaction, whose events PostgreSQL does not hand out: here it does. It is noon."""
    monkeypatch.setattr(feed, "_AFTER", {vendor: sql.replace(feed._SETTLED, "true") for vendor, sql in feed._AFTER.items()})
    tell_customers.follow()
    with moment.frozen(moment.now().replace(hour=4, minute=0, second=0, microsecond=0)):
        yield centre


@pytest.fixture
def template(told):
    made = templates.write(actor=told.actor(told.manager), name="答复提醒", occasion="conversation.replied", text=WORDS, vendor_code="T9")
    templates.approve(actor=told.actor(told.boss), id=made.pk)
    return made


def answered(centre, talk, text="今天下午来换灯管，费用三十元。"):
    handling.reply(actor=centre.actor(centre.agent), id=talk.pk, text=text)
    tell_customers.follow()


def kinds(talk, *names):
    wanted = names or ("answer.queued", "answer.mailed", "answer.untold", "answer.read", "sms.noticed", "sms.not_noticed")
    return list(Event.objects.filter(subject_id=talk.pk, kind__in=wanted).order_by("id").values_list("kind", flat=True))


def beside(signed_in, centre, talk):
    return signed_in(centre.agent).get(f"/inbox/{talk.pk}").content.decode()


def test_by_sms_with_the_code_and_nothing_of_the_answer_nor_of_the_customer(guest, told, template, signed_in):
    with gateway() as there:
        line(told, there.port)
        talk = sent(guest)
        answered(told, talk)
        tell_customers.follow()
        assert "短信提醒待发" in beside(signed_in, told, talk)
        queue.drain()
    (text,) = [one["text"] for one in there.taken]
    code = Contact.objects.get(pk=talk.pk).tracking_code
    assert text == f"【绿洲物业】您提交的事项已有答复，请凭查询码{code}在绿洲物业网上查看。"
    assert (Text.objects.get().number, kinds(talk)) == (NUMBER, ["answer.queued", "sms.noticed"])
    assert "已短信提醒" in beside(signed_in, told, talk)


def test_two_answers_are_one_notice_until_the_first_is_read_or_a_day_has_gone(guest, told, template):
    line(told)
    talk = sent(guest)
    answered(told, talk)
    answered(told, talk, "师傅三点到。")
    assert Text.objects.count() == 1
    Text.objects.update(state="sent")
    guest.get("/portal/track/one")
    guest.get("/portal/track/one")
    assert kinds(talk) == ["answer.queued", "answer.read"]
    with moment.frozen(moment.now() + timedelta(minutes=1)):
        answered(told, talk, "师傅已出发。")
    assert Text.objects.count() == 2
    with moment.frozen(moment.now() + timedelta(hours=23)):
        answered(told, talk, "灯管已换。")
    assert Text.objects.count() == 2
    with moment.frozen(moment.now() + timedelta(hours=25)):
        answered(told, talk, "请评价。")
    assert Text.objects.count() == 3


def test_who_reads_it_before_it_is_told_or_sent_gets_none(guest, told, template, signed_in):
    line(told)
    talk = sent(guest)
    handling.reply(actor=told.actor(told.agent), id=talk.pk, text="今天下午来。")
    assert "提醒生成中" in beside(signed_in, told, talk)
    guest.get("/portal/track/one")
    tell_customers.follow()
    assert (Text.objects.count(), kinds(talk)) == (0, ["answer.read"])
    assert "查看答复" in beside(signed_in, told, talk)
    with moment.frozen(moment.now().replace(hour=15)):  # 23:00 at the centre
        answered(told, talk, "改为明天上午。")
        assert Text.objects.get().state == "queued"
        assert written(guest, "好的").status_code == 303
    assert not Text.objects.exists()


def test_at_night_it_waits_for_the_morning(guest, told, template, signed_in):
    line(told)
    night = moment.now().replace(hour=15)
    with moment.frozen(night):
        talk = sent(guest)
        answered(told, talk)
    assert Text.objects.get().next_at == night + timedelta(hours=9)
    assert "08:00" in beside(signed_in, told, talk)


def test_who_asked_for_no_sms_is_not_told_and_the_agent_reads_why(guest, told, template, signed_in):
    line(told)
    Blocked.objects.create(number=NUMBER)
    talk = sent(guest)
    answered(told, talk)
    assert (Text.objects.count(), kinds(talk)) == (0, ["answer.untold"])
    assert "未提醒：该号码已退订短信" in beside(signed_in, told, talk)
    Blocked.objects.all().delete()
    answered(told, talk, "再答一次。")
    assert (Text.objects.count(), kinds(talk)) == (1, ["answer.untold", "answer.queued"])


@pytest.mark.parametrize(
    ("number", "has_line", "has_template", "why"),
    [
        ("010-62345678", True, True, "联系电话不是手机号码"),
        ("13800001234", False, True, "没有启用的短信线路"),
        ("13800001234", True, False, "没有审核通过的短信模板"),
        ("", True, True, "没有联系电话"),
    ],
)
def test_without_a_way_out_the_agent_reads_why(guest, told, template, signed_in, number, has_line, has_template, why):
    if has_line:
        line(told)
    if not has_template:
        templates.retire(actor=told.actor(told.manager), id=template.pk)
    talk = sent(guest)
    Contact.objects.filter(pk=talk.pk).update(phone=number and phone.normalise(number))
    answered(told, talk)
    assert (Text.objects.count(), kinds(talk)) == (0, ["answer.untold"])
    assert f"未提醒：{why}" in beside(signed_in, told, talk)


def test_a_text_that_fails_is_said_and_the_next_answer_is_told_again(guest, told, template, signed_in):
    with gateway((200, {"code": "9", "message": "no such number"})) as there:
        line(told, there.port)
        talk = sent(guest)
        answered(told, talk)
        queue.drain()
    assert kinds(talk) == ["answer.queued", "sms.not_noticed"]
    assert "未提醒：9 no such number" in beside(signed_in, told, talk)
    answered(told, talk, "再答一次。")
    assert Text.objects.filter(state="queued").count() == 1


@pytest.fixture
def post(told):
    with smtp() as server:
        words = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        Mailbox.objects.create(account=account(told), **words)
        yield server


def known(centre, talk, address="zhang@home.example"):
    """The customer whose phone it is, with a mail address in his file."""
    return customers.create(actor=centre.actor(centre.manager), name="张先生", phones=["13800001234"], emails=address)


def test_by_mail_where_an_address_is_known(guest, told, template, post, signed_in):
    line(told)
    talk = sent(guest)
    known(told, talk)
    answered(told, talk)
    assert "邮件提醒发送中" in beside(signed_in, told, talk)
    queue.drain()
    ((sender, to, data),) = post.letters
    letter = reading.read(data)
    code = Contact.objects.get(pk=talk.pk).tracking_code
    assert (sender, to, letter.subject) == ("service@kefu.example", "zhang@home.example", f"您有新的答复待查看：{code}")
    assert code in letter.text
    assert "灯管" not in letter.text
    assert (Text.objects.count(), kinds(talk)) == (0, ["answer.queued", "answer.mailed"])
    assert "已邮件提醒" in beside(signed_in, told, talk)


def test_a_mail_that_is_refused_is_said_and_one_that_has_to_wait_goes_later(guest, told, template, post, signed_in):
    talk = sent(guest)
    known(told, talk, "nobody@home.example")
    answered(told, talk)
    queue.drain()
    assert kinds(talk) == ["answer.queued", "answer.untold"]
    assert "no such user" in beside(signed_in, told, talk)
    post.answers.append("451 later")
    later = sent(guest, phone="13900007777", content="另一件事")
    customers.create(actor=told.actor(told.manager), name="李", phones=["13900007777"], emails="li@home.example")
    answered(told, later)
    queue.drain()
    assert (len(post.letters), kinds(later)) == (0, ["answer.queued"])
    with moment.frozen(moment.now() + timedelta(minutes=10)):
        queue.drain()
    assert (len(post.letters), kinds(later)) == (1, ["answer.queued", "answer.mailed"])


def test_a_phone_of_two_files_tells_nobody_by_mail(guest, told, template, post):
    line(told)
    talk = sent(guest)
    known(told, talk)
    known(told, talk, "other@home.example")
    answered(told, talk)
    queue.drain()
    assert post.letters == []
    assert Text.objects.count() == 1


def test_a_channel_that_carries_words_out_tells_nothing_more(told, template):
    texted(line(told))
    talk = makers.talk()
    answered(told, talk, "马上来。")
    assert kinds(talk) == []
    assert not Text.objects.filter(message=None).exists()
