"""Letters that go the whole way: out by a real Postfix into the customer's folder, and back into that of the centre."""

import imaplib
import smtplib
import time
from datetime import timedelta

import pytest

from kefu.engines.jobs import queue
from kefu.engines.mail import reading
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.touch.channels.email import asking
from kefu.touch.channels.email.models import Mailbox
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.conversations.makers import account
from tests.email import dovecot, postfix
from tests.email.letters import letter

pytestmark = pytest.mark.skipif(bool(postfix.hindrance()), reason=postfix.hindrance() or "none")
OWN, CUSTOMER, GONE = "service@kefu.example", "zhang@home.example", "moved@home.example"


@pytest.fixture(scope="module")
def folders():
    with dovecot.running() as started:
        yield started


@pytest.fixture(scope="module")
def post(folders):
    with postfix.running(folders, [OWN, CUSTOMER]) as started:
        yield started


@pytest.fixture
def box(cast, folders, post):
    words = {"imap_host": "127.0.0.1", "imap_port": folders.port, "smtp_host": "127.0.0.1", "smtp_port": post.port, "password": "secret"}
    made = Mailbox.objects.create(account=account(cast), user="service", imap_security="none", smtp_security="none", **words)
    asking.round_of(made)  # what the tests before have left in the folder
    Message.objects.all().delete()
    return made


def written(post, data: bytes, sender: str = CUSTOMER) -> None:
    """A letter to the centre, handed over as a mail program does it."""
    with smtplib.SMTP("127.0.0.1", post.port, timeout=10) as server:
        server.sendmail(sender, [OWN], data)


def came(box, count: int = 1) -> None:
    """Fetch until so many letters are taken in."""
    end, found = time.monotonic() + 15, 0
    while found < count:
        found += sum(asking.round_of(Mailbox.objects.get(pk=box.pk)).results.values())
        assert time.monotonic() < end, "the letter did not arrive"
        time.sleep(0.05)


def received(folders, identifier: str) -> reading.Message:
    """The letter with this name in the customer's folder, as his program fetches it."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        with imaplib.IMAP4("127.0.0.1", folders.port) as client:
            client.login("zhang", "secret")
            client.select("INBOX", readonly=True)
            for number in client.search(None, "ALL")[1][0].split():
                found = reading.read(client.fetch(number, "(BODY.PEEK[])")[1][0][1])
                if found.message_id == identifier:
                    return found
        time.sleep(0.05)
    raise AssertionError("the answer did not arrive")


def answered(cast, box, post, identifier: str, sender: str = CUSTOMER) -> Message:
    written(post, letter(identifier, From=f"张伟 <{sender}>"), sender)
    came(box)
    talk = Conversation.objects.get(messages__foreign_id=identifier)
    return handling.reply(actor=cast.actor(cast.agent), id=talk.pk, text="师傅明天上午到。")


def state(message: Message) -> tuple[str, str]:
    return Message.objects.values_list("delivery", "trouble").get(pk=message.pk)


def test_a_letter_its_answer_and_the_answer_to_that(cast, box, folders, post):
    made = answered(cast, box, post, "<way1@home.example>")
    queue.drain()
    assert state(made) == ("sent", "")
    copy = received(folders, Message.objects.get(pk=made.pk).foreign_id)
    assert ("师傅明天上午到。" in copy.reply, copy.in_reply_to) == (True, "<way1@home.example>")
    written(post, letter("<way2@home.example>", "好的，谢谢", **{"In-Reply-To": copy.message_id}))
    came(box)
    assert Message.objects.get(foreign_id="<way2@home.example>").conversation_id == made.conversation_id


def test_a_server_that_asks_to_wait_gets_the_letter_later(cast, box, folders, post):
    start = moment.now()
    with moment.frozen(start):
        made = answered(cast, box, post, "<late1@home.example>")
        post.wait_for(CUSTOMER)
        queue.drain()
    assert state(made)[0] == "queued"
    assert "451 4.2.0" in Mailbox.objects.get().send_trouble
    post.wait_for()
    with moment.frozen(start + timedelta(minutes=15)):
        queue.drain()
    assert state(made) == ("sent", "")
    assert received(folders, Message.objects.get(pk=made.pk).foreign_id)


def test_a_letter_to_somebody_unknown_comes_back_and_is_shown_at_the_answer(cast, box, folders, post):
    made = answered(cast, box, post, "<gone1@home.example>", GONE)
    queue.drain()
    assert state(made) == ("sent", ""), "the server takes it at first"
    came(box)
    delivery, trouble = state(made)
    assert (delivery, "unknown user" in trouble.lower()) == ("bounced", True), trouble
    assert Message.objects.get(auto="bounce").conversation_id == made.conversation_id
    assert Notice.objects.get(kind="conversation.undelivered").recipient_id == cast.agent.pk
