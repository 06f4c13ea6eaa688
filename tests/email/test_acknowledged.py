"""A word that a letter has come: once a day, to people only, never in a circle, off unless a mailbox has a text for it."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from kefu.engines.jobs import queue
from kefu.engines.mail import reading
from kefu.kit import moment
from kefu.timeline.models import Event
from kefu.touch.channels.email import services
from kefu.touch.channels.email.models import Acknowledged, Mailbox
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations.models import Account, Conversation
from tests.browser import Browser
from tests.conversations.makers import account
from tests.email.letters import letter
from tests.email.servers import smtp

TEXT = "您好，来信“{subject}”已收到，编号{number}。\n{mailbox}"


@pytest.fixture
def post():
    with smtp() as server:
        yield server


@pytest.fixture
def box(cast, post):
    words = {"smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_security": "none", "acknowledgement": TEXT}
    return Mailbox.objects.create(account=account(cast), **words)


def test_who_writes_is_told_once_with_the_number_and_no_clock_is_met_by_it(box, post):
    came = services.ingest(letter())
    services.ingest(letter("<2@home.example>"))
    queue.drain()
    ((sender, to, data),) = post.letters
    out, talk = reading.read(data), Conversation.objects.get(pk=came.id)
    assert (sender, to) == ("service@kefu.example", "zhang@home.example")
    assert out.subject == f"Re: 水管漏水 [#{talk.thread}]"
    number = Contact.objects.get(pk=came.id).subject.number
    assert out.text.strip() == f"您好，来信“水管漏水”已收到，编号{number}。\n服务邮箱"
    assert (out.in_reply_to, out.auto) == ("<1@home.example>", "auto-reply")
    assert b"X-Auto-Response-Suppress: All" in data
    assert talk.first_reply_at is None
    assert Event.objects.filter(subject=came.id, kind="conversation.acknowledged").count() == 1
    answer = services.ingest(letter("<3@home.example>", **{"In-Reply-To": out.message_id}))
    assert answer.id == came.id
    queue.drain()
    assert len(post.letters) == 1
    with moment.frozen(moment.now() + timedelta(hours=25)):
        services.ingest(letter("<4@home.example>"))
        queue.drain()
    assert len(post.letters) == 2


@pytest.mark.parametrize(
    "told",
    [
        {"Auto-Submitted": "auto-generated"},
        {"Auto-Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List-Id": "<news.home.example>"},
        {"X-Auto-Response-Suppress": "OOF"},
        {"Return-Path": "<>"},
        {"From": "no-reply@home.example"},
        {"From": "MAILER-DAEMON@home.example"},
        {"From": "other@kefu.example"},
        {"Date": "two days ago"},
    ],
    ids=str,
)
def test_machines_lists_our_own_mailboxes_and_old_letters_get_none(cast, box, told):
    account(cast, "Other@kefu.example")
    told = {name: format_datetime(moment.now() - timedelta(days=2)) if name == "Date" else value for name, value in told.items()}
    assert services.ingest(letter(**told)).result == "stored"
    batch = [services.opened(letter("<2@home.example>", **told), box.account)]
    assert services.ingest_many(services.sort(batch, box.account), account=box.account) == ["stored"]
    assert Acknowledged.objects.count() == 0


def test_of_a_batch_each_sender_is_told_once(box, post):
    senders = ["a@home.example", "b@home.example", "A@home.example"]
    batch = [services.opened(letter(f"<{place}@home.example>", From=one), box.account) for place, one in enumerate(senders)]
    services.ingest_many(services.sort(batch, box.account), account=box.account)
    queue.drain()
    assert sorted(to for _sender, to, _data in post.letters) == ["a@home.example", "b@home.example"]


def test_a_server_that_asks_to_wait_is_asked_again_and_one_that_refuses_is_not(box, post):
    post.answers = ["451 later"]
    start = moment.now()
    services.ingest(letter())
    services.ingest(letter("<2@home.example>", From="nobody@home.example"))
    queue.drain()
    assert (post.letters, Acknowledged.objects.filter(done_at=None).count()) == ([], 1)
    for _twice in range(2):
        with moment.frozen(start + timedelta(minutes=1)):
            queue.drain()
    assert ([to for _sender, to, _data in post.letters], Acknowledged.objects.filter(done_at=None).count()) == (["zhang@home.example"], 0)


def test_it_is_off_unless_the_mailbox_has_a_text_and_a_mark_that_nobody_knows_is_refused(cast, box, signed_in):
    page = Browser(signed_in(cast.admin)).open(f"/settings/mailboxes/{box.pk}")
    page.press("保存", status=422, acknowledgement="编号{order}")
    assert "不认识{order}" in page.text
    page.open(f"/settings/mailboxes/{box.pk}").press("保存", acknowledgement="")
    services.ingest(letter())
    assert (Acknowledged.objects.count(), Account.objects.count()) == (0, 1)
