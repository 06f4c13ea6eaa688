"""Letters that name more than the mailbox, answers to all of them, and copies: masked, each once, told to their writer if refused."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from kefu.engines.jobs import queue
from kefu.engines.mail import reading, writing
from kefu.engines.mail.addresses import Address
from kefu.engines.mail.recipients import MOST, others
from kefu.engines.notify.models import Notice
from kefu.flows import erase_people
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.touch.channels.email import handling as letters
from kefu.touch.channels.email import queries, routing, services
from kefu.touch.channels.email.models import Mailbox, Outgoing, Recipients
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from kefu.touch.customers import services as people
from kefu.touch.customers.models import ContactPoint
from tests.browser import Browser
from tests.conversations.makers import account
from tests.email.letters import letter
from tests.email.servers import smtp
from tests.email.test_letters_out import BOUNCE, box, state

NAMED = {
    "To": "service@kefu.example, 王芳 <wang@firm.example>",
    "Cc": "李娜 <LiNa@firm.example>, repair@kefu.example, service+ABCDEFGHJKLMNPQR@kefu.example, wang@firm.example, "
    "repair+ABCDEFGHJKLMNPQR@kefu.example",
}


def came(cast, **words):
    """A letter to the mailbox, to another one of the centre, and to two people."""
    account(cast, "repair@kefu.example")
    return services.ingest(letter(**{**NAMED, **words})).id


def answer(cast, talk, **words):
    made = handling.reply(actor=cast.actor(cast.agent), id=talk, text="师傅明天上午到。", **words)
    queue.drain()
    return made


def keys(talk):
    row = Recipients.objects.get(message__conversation_id=talk, message__direction="in")
    return [key for key, _pair in queries.keyed(row, queries.own_addresses())]


def test_whom_a_letter_named_is_shown_masked(cast, signed_in):
    box(cast, 9)
    talk = came(cast)
    page = Browser(signed_in(cast.agent)).open(f"/inbox/{talk}")
    for told in ("收件人：王** w***@firm.example", "抄送：李** L***@firm.example、repair@kefu.example", "全部回复"):
        assert told in page.text
    raw = page.client.get(f"/inbox/{talk}").content.decode().lower()
    assert not any(word in raw for word in ("wang@", "lina@", "李娜", "王芳", "abcdefgh"))


def test_an_answer_to_all_reaches_each_once_and_hides_the_blind_copies(cast):
    with smtp() as post:
        box(cast, post.port)
        talk = came(cast)
        more = {
            "cc": "李娜 <lina@FIRM.example>；zhang@home.example, 陈 <chen@firm.example>",
            "bcc": "boss@firm.example service@kefu.example",
        }
        made = answer(cast, talk, also=keys(talk), **more)
    out = reading.read(post.letters[0][2])
    assert post.reached == [["zhang@home.example", "wang@firm.example", "LiNa@firm.example", "chen@firm.example", "boss@firm.example"]]
    assert ([one.address for one in out.to], [one.name for one in out.cc]) == (["zhang@home.example"], ["王芳", "李娜", "陈"])
    assert (b"boss" in post.letters[0][2], state(made)) == (False, ("sent", ""))


def test_who_answers_instead_is_named_and_gets_the_next_answer(cast, signed_in):
    with smtp() as post:
        box(cast, post.port)
        made = answer(cast, came(cast))
        told = {
            "From": "王芳 <wang@firm.example>",
            "To": "service@kefu.example",
            "Cc": "zhang@home.example",
            "In-Reply-To": made.foreign_id,
        }
        talk = services.ingest(letter("<2@firm.example>", "我是业主家属", **told)).id
        assert "发件人：w***@firm.example" in Browser(signed_in(cast.agent)).open(f"/inbox/{talk}").text
        newest = Recipients.objects.latest("pk")
        answer(cast, talk, also=[f"{newest.pk}.0"])
    assert post.reached[1] == ["wang@firm.example", "zhang@home.example"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"cc": "li na@firm.example"}, "cc"),
        ({"bcc": "boss@"}, "bcc"),
        ({"bcc": "boss@@firm"}, "bcc"),
        ({"bcc": "repairs+x@"}, "bcc"),
        ({"cc": "@firm.example"}, "cc"),
        ({"cc": "a@b@firm.example"}, "cc"),
        ({"cc": "a-@[;é"}, "cc"),
        ({"cc": '"boss@firm.example'}, "cc"),
        ({"cc": "<<boss@firm.example>>"}, "cc"),
        ({"cc": f"{'x' * 400}@firm.example"}, "cc"),
        ({"cc": "李娜@公司.example"}, "cc"),
        ({"cc": "wang@firm.example, Repair@kefu.example"}, "cc"),
        ({"bcc": "repair+ABCDEFGHJKLMNPQR@kefu.example"}, "bcc"),
        ({"cc": ",".join(f"p{n}@firm.example" for n in range(51))}, "cc"),
        ({"also": ["999999.0"]}, "also"),
        ({"also": ["x"]}, "also"),
    ],
)
def test_what_is_no_address_and_too_many_are_refused_with_what_to_do(cast, words, field):
    box(cast, 9)
    talk = came(cast)
    with pytest.raises(Invalid) as refused:
        answer(cast, talk, **words)
    assert "请" in str(refused.value.fields[field])
    assert (Message.objects.count(), Outgoing.objects.count()) == (1, 0)


def test_a_copy_that_a_server_refuses_is_told_and_the_customer_has_the_letter(cast):
    with smtp() as post:
        box(cast, post.port)
        made = answer(cast, came(cast), cc="nobody@firm.example, wang@firm.example")
    told = "以下抄送未送达：n***@firm.example：收件地址不存在。原始信息：550 5.1.1 no such user"
    assert (post.reached, state(made)) == ([["zhang@home.example", "wang@firm.example"]], ("partly", told))
    assert Notice.objects.get(kind=routing.NOT_COPIED).recipient_id == cast.agent.pk


def test_a_copy_that_did_not_arrive_is_sent_again_alone_and_each_recipient_says_how_it_went(cast, signed_in):
    with smtp() as post:
        box(cast, post.port)
        made = answer(cast, came(cast), cc="nobody@firm.example, wang@firm.example", bcc="boss@firm.example")
        talk = made.conversation_id

        def page():
            return Browser(signed_in(cast.agent)).open(f"/inbox/{talk}").text

        told = page()
        assert "收件人：z***@home.example（已发送）" in told
        assert "抄送：n***@firm.example（发送失败）、w***@firm.example（已发送）" in told
        assert "密送：b***@firm.example（已发送）" in told
        assert f'href="/inbox/{talk}/do/resend"' in signed_in(cast.agent).get(f"/inbox/{talk}").content.decode()
        assert "已发送，部分抄送未达" in page()
        handling.resend(actor=cast.actor(cast.agent), id=talk, message_id=made.pk)
        assert "n***@firm.example（发送中）、w***@firm.example（已发送）" in page()
        queue.drain()
        assert (len(post.letters), state(made)[0]) == (1, "partly")  # nobody knows him still, and the others get no second letter
        Outgoing.objects.update(left=["late@firm.example"])
        handling.resend(actor=cast.actor(cast.agent), id=talk, message_id=made.pk)
        queue.drain()
    assert (post.reached[1:], state(made)) == ([["late@firm.example"]], ("sent", ""))
    with pytest.raises(Conflict):
        handling.resend(actor=cast.actor(cast.agent), id=talk, message_id=made.pk)


def test_when_the_customer_is_refused_only_he_is_written_to_again(cast):
    with smtp() as post:
        box(cast, post.port)
        made = answer(cast, came(cast, From="nobody@home.example"), cc="wang@firm.example")
        assert state(made) == ("failed", "n***@home.example：收件地址不存在。原始信息：550 5.1.1 no such user")
        Outgoing.objects.update(left=["zhang@home.example"])  # as if the server knew him now
        handling.resend(actor=cast.actor(cast.agent), id=made.conversation_id, message_id=made.pk)
        queue.drain()
    assert post.reached == [["wang@firm.example"], ["zhang@home.example"]]


def test_a_copy_that_has_to_wait_holds_up_nobody_and_is_given_up_at_last(cast):
    start = moment.now()
    with smtp() as post, moment.frozen(start):
        box(cast, post.port)
        made = answer(cast, came(cast), cc="later@firm.example, nobody@firm.example")
        assert (post.reached, state(made)) == (
            [["zhang@home.example"]],
            ("queued", "服务器要求稍后再试。原始信息：451 4.2.1 try again later"),
        )
        with moment.frozen(start + timedelta(minutes=1)):
            queue.drain()
        with moment.frozen(start + timedelta(hours=49)):
            queue.drain()
        assert len(post.reached) == 1
        assert state(made)[0] == "partly"
        assert "n***@firm.example：收件地址不存在。原始信息：550" in state(made)[1]
        assert "l***@firm.example：已重试48小时" in state(made)[1]
        assert "451" in Mailbox.objects.get().send_trouble


def test_a_copy_that_comes_back_is_the_only_one_sent_again_and_a_stranger_never(cast):
    with smtp() as post:
        box(cast, post.port)
        made = answer(cast, came(cast), cc="wang@firm.example")
        back = BOUNCE.format(action="failed", identifier=Message.objects.get(pk=made.pk).foreign_id)
        for whom in ("thief@evil.example", "wang@firm.example"):
            services.ingest(back.replace("zhang@home.example", whom).replace("b1@", f"{whom[0]}@").encode())
            handling.resend(actor=cast.actor(cast.agent), id=made.conversation_id, message_id=made.pk)
            queue.drain()
    assert post.reached[1:] == [["zhang@home.example", "wang@firm.example"], ["wang@firm.example"]]


def test_what_was_written_to_whom_goes_with_the_talk(cast):
    with smtp() as post:
        box(cast, post.port)
        talk = came(cast)
        answer(cast, talk, cc="wang@firm.example")
    erase_people.erase_talks([talk])
    assert not Recipients.objects.exists()
    held = Outgoing.objects.get()
    assert (held.recipient, held.left, held.subject, held.quoted, held.body, held.head) == ("", [], "", "", "", "")
    assert Conversation.objects.get().address.startswith("erased:")


def test_who_is_erased_stands_in_no_letter_of_others_and_gets_none(cast, signed_in):
    whom = "wang@firm.example"
    with smtp() as post:
        box(cast, post.port)
        talk = came(cast)
        answer(cast, talk, cc=f"{whom}, wang@firm.example.cn", bcc="nobody@firm.example")
        told = {"From": f"王芳 <{whom.upper()}>", "In-Reply-To": Message.objects.latest("pk").foreign_id, "Cc": "zhang@home.example"}
        services.ingest(letter("<2@firm.example>", "我是业主家属", **told))
        waits = handling.reply(actor=cast.actor(cast.agent), id=talk, text="好的。")
        assert whom in f"{Outgoing.objects.get(pk=waits.pk).head}".lower()
        Outgoing.objects.filter(pk=waits.pk).update(left=[whom])
        Recipients.objects.filter(message__direction="out").update(refused={whom: "550 unknown"})
        with transaction.atomic():
            assert letters.forget({whom, "visitor:1"}) >= 5
        kept = [list(one) for one in Recipients.objects.values_list("to", "cc", "bcc", "refused")]
        everything = f"{kept} {list(Outgoing.objects.values())} {list(Message.objects.values('sender', 'text'))}".lower()
        assert whom not in everything.replace(f"{whom}.cn", "")
        assert "王芳" not in f"{kept}"
        assert "wang@firm.example.cn" in f"{kept}"  # another one, whose address only begins so
        sent = len(post.letters)
        queue.drain()
        assert (len(post.letters), state(waits)) == (sent, ("failed", "已无可发送的收件人。"))
    page = Browser(signed_in(cast.agent)).open(f"/inbox/{talk}").text
    assert "王**" not in page
    assert "抄送：w***@firm.example.cn" in page
    first = Recipients.objects.filter(message__direction="in").order_by("pk")[0]
    assert queries.keyed(first, queries.own_addresses())[0][0] == f"{first.pk}.1", "who stands behind keeps his key"


def test_erasing_a_customer_reaches_the_letters_of_others(cast):
    with smtp() as post:
        box(cast, post.port)
        talk = came(cast)
        answer(cast, talk, cc="wang@firm.example, shared@firm.example")
    gone, other = (people.create(actor=cast.actor(cast.agent), name=name) for name in ("王芳", "李娜"))
    for customer, value in ((gone, "wang@firm.example"), (gone, "shared@firm.example"), (other, "shared@firm.example")):
        ContactPoint.objects.create(customer=customer, kind="email", value=value)
    erase_people.erase_customers([gone.pk])
    kept = f"{list(Recipients.objects.values_list('to', 'cc'))}"
    assert ("wang@firm.example" in kept, "shared@firm.example" in kept) == (False, True)


def test_a_letter_to_thousands_keeps_the_first_and_one_to_another_name_of_the_mailbox_nobody():
    crowd = [Address("", f"p{n}@firm.example") for n in range(10_000)]
    kept = others(crowd, crowd, own="service@kefu.example")
    assert kept is not None
    assert (len(kept.to), kept.cc, kept.more) == (MOST, [], 10_000 - MOST)
    assert others(crowd[:1], [], own="service@kefu.example") is None
    assert writing.typed('"王, 芳" <w@firm.example>\nli@firm.example；x@firm.example')[1:] == [
        ("", "li@firm.example"),
        ("", "x@firm.example"),
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the planner of SQLite uses no index of a part of a table here")
def test_the_letters_of_a_writer_are_found_by_their_own_index(cast):
    box(cast, 9)
    first = Message.objects.get(conversation=came(cast))
    rest = [(f"n{number}", f"p{number}@firm.example") for number in range(3000)]
    Message.objects.bulk_create(
        Message(conversation=first.conversation, account=first.account, direction="in", foreign_id=name, sender=sender)
        for name, sender in rest
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_message, conversations_account")  # the planner knows the size of no table here
    plan = letters.written_by("p7@firm.example").explain()
    assert "conversations_sender" in plan
    assert "Seq Scan on conversations_message" not in plan
