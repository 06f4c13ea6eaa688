"""A reply as a letter: threaded, quoted, taken by the server at last or told to its writer; answers and bounces find their way back."""

import io
from datetime import timedelta

import pytest

from kefu.engines.files import services as files
from kefu.engines.jobs import queue
from kefu.engines.mail import reading
from kefu.engines.notify.models import Notice
from kefu.kit import moment, sentences
from kefu.kit.errors import Conflict
from kefu.touch.channels.email import services
from kefu.touch.channels.email.models import Mailbox, Outgoing, Quarantined
from kefu.touch.conversations import handling, queries
from kefu.touch.conversations.models import Account, Conversation, Message
from tests.conversations.makers import account
from tests.email.letters import letter
from tests.email.servers import nobody_listens, smtp


def box(cast, port: int, **more) -> Account:
    made = account(cast)
    words = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "signature": "绿洲物业客服中心", **more}
    Mailbox.objects.update_or_create(account=made, defaults=words)
    return made


def answered(cast, **words) -> Message:
    """A letter that came, and the answer to it, not sent yet."""
    came = services.ingest(letter(**words))
    return handling.reply(actor=cast.actor(cast.agent), id=came.id, text="师傅明天上午到。")


def state(message: Message) -> tuple[str, str]:
    delivery, trouble = Message.objects.values_list("delivery", "trouble").get(pk=message.pk)
    return delivery, sentences.shown(trouble)


def test_the_answer_is_threaded_quoted_and_signed(cast):
    with smtp() as post:
        box(cast, post.port, user="service", password="secret 1")
        came = services.ingest(letter())
        proof = files.add(actor=cast.actor(cast.agent), upload=io.BytesIO("单".encode()), name="派工单.txt")
        made = handling.reply(actor=cast.actor(cast.agent), id=came.id, text="师傅明天上午到。", files=[proof.pk])
        assert post.letters == []
        queue.drain()
    sender, to, data = post.letters[0]
    out, word = reading.read(data), Conversation.objects.get().thread
    assert (sender, to, out.subject) == ("service@kefu.example", "zhang@home.example", f"Re: 水管漏水 [#{word}]")
    assert (out.in_reply_to, out.references) == ("<1@home.example>", ["<1@home.example>"])
    assert out.message_id == f"<kefu.{word}.{made.pk}@kefu.example>"
    assert "师傅明天上午到。" in out.reply
    assert "厨房水管漏水" not in out.reply
    assert "> 厨房水管漏水，请派人。" in out.text
    assert "绿洲物业客服中心" in out.text
    assert [(one.name, one.content().decode()) for one in out.attachments] == [("派工单.txt", "单")]
    assert (state(made), len(post.signed_in)) == (("sent", ""), 1)


@pytest.mark.parametrize("how", ["headers", "subject", "plus", "nothing but the reference"])
def test_the_customers_answer_finds_its_conversation(cast, how):
    with smtp() as post:
        box(cast, post.port, token="plus" if how == "plus" else "subject")
        made = answered(cast)
        queue.drain()
    out = reading.read(post.letters[0][2])
    told = {
        "headers": {"In-Reply-To": out.message_id},
        "subject": {"Subject": f"回复：{out.subject}"},
        "plus": {"To": out.reply_to[0].address if out.reply_to else ""},
        "nothing but the reference": {"References": f"<x@y.example> {out.message_id}", "To": "other@kefu.example"},
    }[how]
    assert services.ingest(letter("<2@home.example>", "好的", **told)).id == made.conversation_id


def test_a_server_that_asks_to_wait_for_an_hour_gets_it_in_the_end(cast):
    start = moment.now()
    with smtp(*["451 4.3.0 try again later"] * 8) as post:
        box(cast, post.port)
        with moment.frozen(start):
            made = answered(cast)
            queue.drain()
            assert state(made) == ("queued", "服务器要求稍后再试。原始信息：451 4.3.0 try again later")
            assert "451" in Mailbox.objects.get().send_trouble
        hour = start
        for _each in range(12):
            hour += timedelta(minutes=15)
            with moment.frozen(hour):
                queue.drain()
    assert (len(post.letters), state(made), Mailbox.objects.get().send_trouble) == (1, ("sent", ""), "")
    assert Outgoing.objects.get().tries == 8
    assert Notice.objects.filter(kind="conversation.undelivered").count() == 0


def test_no_server_for_two_days_is_told_to_who_wrote(cast):
    start = moment.now()
    box(cast, nobody_listens())
    with moment.frozen(start):
        made = answered(cast)
        queue.drain()
    with moment.frozen(start + timedelta(hours=49)):
        queue.drain()
    assert state(made)[0] == "failed"
    assert "48" in state(made)[1]
    assert Notice.objects.get(kind="conversation.undelivered").recipient_id == cast.agent.pk


def test_a_letter_refused_for_good_is_told_at_once_and_can_be_sent_again(cast, signed_in):
    with smtp("554 5.7.1 looks like spam") as post:
        box(cast, post.port)
        made = answered(cast)
        queue.drain()
        assert state(made) == ("failed", "服务器按反垃圾邮件规则拒收。原始信息：554 5.7.1 looks like spam")
        page = signed_in(cast.agent).get(f"/inbox/{made.conversation_id}").content.decode()
        assert "554 5.7.1" in page
        assert f"/inbox/{made.conversation_id}/do/resend" in page
        handling.resend(actor=cast.actor(cast.agent), id=made.conversation_id, message_id=made.pk)
        queue.drain()
    assert (state(made), len(post.letters)) == (("sent", ""), 1)


def test_a_recipient_nobody_knows_and_an_address_that_is_none(cast):
    with smtp() as post:
        box(cast, post.port)
        first = answered(cast, From="nobody@home.example")
        second = answered(cast, identifier="<2@home.example>", From="张伟 <坏地址@家.example>")
        queue.drain()
    assert state(first) == ("failed", "收件地址不存在。原始信息：550 5.1.1 no such user")
    assert (state(second)[0], post.letters) == ("failed", [])


def test_a_mailbox_without_a_server_answers_nothing(cast):
    account(cast)
    came = services.ingest(letter())
    with pytest.raises(Conflict):
        handling.reply(actor=cast.actor(cast.agent), id=came.id, text="好")


BOUNCE = """From: MAILER-DAEMON@mx.example
To: service@kefu.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <b1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; zhang@home.example
Action: {action}
Status: 5.2.2
Diagnostic-Code: smtp; 552 mailbox full
--b
Content-Type: text/rfc822-headers

Message-ID: {identifier}
Subject: x
--b--
"""


@pytest.mark.parametrize(("action", "becomes"), [("failed", "bounced"), ("delayed", "sent")])
def test_a_bounce_is_shown_at_the_letter_it_is_about(cast, action, becomes):
    with smtp() as post:
        box(cast, post.port)
        made = answered(cast)
        queue.drain()
    assert len(post.letters) == 1
    identifier = Message.objects.get(pk=made.pk).foreign_id
    back = services.ingest(BOUNCE.format(action=action, identifier=identifier).encode())
    assert (back.id, state(made)[0]) == (made.conversation_id, becomes)
    assert Conversation.objects.get().state == "pending"
    assert ("552 mailbox full" in state(made)[1]) == (becomes == "bounced")


def test_an_automatic_answer_changes_no_turn_and_a_flood_of_them_ends(cast):
    with smtp() as post:
        box(cast, post.port)
        made = answered(cast)
        queue.drain()
        identifier = Message.objects.get(pk=made.pk).foreign_id
        told = {"In-Reply-To": identifier, "Auto-Submitted": "auto-replied", "Subject": "自动回复"}
        results = [services.ingest(letter(f"<auto{n}@home.example>", "我在休假", **told)).result for n in range(22)]
        queue.drain()
    assert results == ["stored"] * 20 + ["quarantined"] * 2
    assert {row.why for row in Quarantined.objects.all()} == {"loop"}
    assert (Conversation.objects.get().state, len(post.letters)) == ("pending", 1)


def test_what_the_mailbox_itself_wrote_goes_round_no_further(cast):
    with smtp() as post:
        box(cast, post.port)
        made = answered(cast)
        queue.drain()
    own, other = services.ingest(post.letters[0][2]), services.ingest(letter("<9@x.example>", From="service@kefu.example"))
    round_ = services.ingest(b"Received: by x\r\n" * 60 + letter("<10@x.example>"))
    assert [one.result for one in (own, other, round_)] == ["known", "quarantined", "quarantined"]
    assert len(queries.messages(made.conversation_id)) == 2


def test_the_answer_goes_where_the_letter_asks(cast):
    with smtp() as post:
        box(cast, post.port)
        answered(cast, From="form@web.example", **{"Reply-To": "李娜 <lina@home.example>"})
        queue.drain()
    assert post.letters[0][1] == "lina@home.example"
