"""What went wrong with a mailbox, a letter or a letter in quarantine is told in the language of whoever reads it."""

import importlib
import io
import json

import pytest
from django.apps import apps
from django.utils import translation

from kefu.engines.jobs import queue
from kefu.entry import doctor
from kefu.kit import moment, sentences
from kefu.touch.channels.email import asking, queries, services
from kefu.touch.channels.email.models import Mailbox, Quarantined
from kefu.touch.conversations.models import Account, Message
from tests.browser import Browser
from tests.email.letters import letter
from tests.email.servers import smtp
from tests.email.test_letters_out import answered, box


def both(read) -> tuple[str, str]:
    """What is read in English and in Chinese."""
    with translation.override("en"):
        english = read()
    with translation.override("zh-hans"):
        return english, read()


@pytest.mark.parametrize("stored_in", ["en", "zh-hans"])
def test_the_trouble_of_a_mailbox_is_told_on_its_page_by_the_doctor_and_to_other_systems(cast, signed_in, monkeypatch, stored_in):
    made = box(cast, 25, imap_host="127.0.0.1", fetched_at=moment.now())
    with translation.override(stored_in):
        asking.failing(made.pk, asking.servers.SignInRefused("[AUTHENTICATIONFAILED] Authentication failed."))
        Mailbox.objects.update(send_trouble=queries.ill("451 4.3.0 busy"))
    told = []
    for language in ("en", "zh-hans"):
        monkeypatch.setattr(doctor, "language", lambda language=language: language)
        told.append(" ".join(one.text for one in doctor.channels()))
    assert "does not take user and password. Original message: [AUTH" in told[0]
    client = signed_in(cast.admin)
    assert "服务器不接受该用户名或密码。原始信息：[AUTHENTICATIONFAILED]" in told[1]
    rows = client.get("/api/v1/settings/mailboxes").json()["rows"]
    assert rows[0]["trouble"].startswith("服务器不接受")
    page = client.get("/settings/mailboxes").content.decode()
    for words in ("不接受该用户名或密码", "授权码", "451 4.3.0 busy", "稍后再试"):
        assert words in page, words
    assert sentences.MARK not in page
    shown = both(lambda: queries.health()[0].ills)
    assert "does not take user and password. Original message: [AUTH" in shown[0][0].text
    assert "asks to wait" in shown[0][1].text
    assert "authorisation code" in shown[0][0].remedy


REFUSED = {
    "550 5.1.1 no such user": ("There is no such mail address.", "收件地址不存在。"),
    "550 5.4.4 host unknown": ("There is no mail server for this address.", "找不到该收件地址的邮件服务器。"),
    "552 5.2.2 over quota": ("The mailbox of the recipient is full.", "收件人的邮箱已满。"),
    "552 message size exceeds limit": ("too large for the server", "邮件过大"),
    "554 5.7.1 spam": ("rules against unwanted mail", "反垃圾邮件"),
    "550 no": ("The letter was not taken.", "邮件未被接收。"),
    "451 4.3.0 busy": ("The server asks to wait.", "稍后再试"),
    "[Errno 111] Connection refused": ("Nobody answers at this port", "拒绝连接"),
}


@pytest.mark.parametrize("said", REFUSED)
def test_the_answer_of_a_server_to_a_letter_is_told_with_what_it_means(said):
    told = both(lambda: sentences.shown(queries.unsent(said)))
    for words, shown in zip(REFUSED[said], told, strict=True):
        assert words in shown
        assert shown.endswith(said)


def test_a_letter_that_came_back_with_no_word_of_why_is_not_called_a_trouble_of_our_server():
    assert both(lambda: sentences.shown(queries.unsent("Undelivered Mail", final=True)))[0].startswith("The letter was not taken.")


def test_a_letter_that_is_refused_is_told_to_each_agent_in_his_language(cast, signed_in):
    with smtp() as post:
        box(cast, post.port)
        with translation.override("en"):
            made = answered(cast, From="nobody@home.example")
            queue.drain()
    kept = Message.objects.get(pk=made.pk)
    assert both(lambda: sentences.shown(kept.trouble)) == (
        "There is no such mail address. Original message: 550 5.1.1 no such user",
        "收件地址不存在。原始信息：550 5.1.1 no such user",
    )
    url = f"/inbox/{made.conversation_id}"
    assert "收件地址不存在" in Browser(signed_in(cast.agent)).open(url).text


QUARANTINED = {
    b"": ("It is empty", "内容为空"),
    b"rubbish": ("It has no header as letters have", "没有邮件应有的邮件头"),
}


@pytest.mark.parametrize("data", QUARANTINED)
def test_why_a_letter_lies_in_quarantine_is_told_in_the_language_of_the_reader(cast, signed_in, data):
    box(cast, 25)
    with translation.override("en"):
        kept = services.ingest(data)
    row = Quarantined.objects.get(pk=kept.id)
    assert both(lambda: sentences.shown(row.detail)) == QUARANTINED[data]
    client = signed_in(cast.manager)
    for url in ("/settings/mailboxes", f"/settings/mailboxes/quarantine/{kept.id}"):
        page = client.get(url).content.decode()
        assert QUARANTINED[data][1] in page
        assert sentences.MARK not in page
    assert client.get("/api/v1/quarantine").json()["items"][0]["detail"] == QUARANTINED[data][1]
    refused = client.post(f"/api/v1/quarantine/{kept.id}/commands/take_in", {}, content_type="application/json")
    assert QUARANTINED[data][1] in refused.json()["title"]


def test_a_letter_that_goes_round_is_told_in_both_languages(cast):
    box(cast, 25)
    data = io.BytesIO()
    data.write(b"Received: by a.example\r\n" * 60 + letter("<9@home.example>"))
    kept = services.ingest(b"X-First: 1\r\n" + data.getvalue())
    row = Quarantined.objects.get(pk=kept.id)
    english, chinese = both(lambda: sentences.shown(row.detail))
    assert (english, chinese) == ("60 servers have passed it on", "已被60台服务器转发")


OLD = {
    "Given up after 48.0 hours. The server said: 451 busy": "已重试48小时，停止发送。服务器提示：451 busy",
    "已重试48小时，停止发送。服务器提示：451 忙": "已重试48小时，停止发送。服务器提示：451 忙",
    "No copy went to n***@firm.example: 550 no": "以下抄送未送达：n***@firm.example：550 no",
    "Nobody is left whom it could be sent to.": "已无可发送的收件人。",
    "550 5.1.1 unknown": "550 5.1.1 unknown",
}


def test_what_older_versions_stored_is_told_in_both_languages_after_the_migration(cast):
    module = importlib.import_module("kefu.touch.channels.email.migrations.0005_told_in_any_language")
    with smtp() as post:
        box(cast, post.port)
        made = answered(cast)
    for old, new in OLD.items():
        Message.objects.filter(pk=made.pk).update(trouble=old)
        module.forward(apps, None)
        module.forward(apps, None)  # a second time changes nothing
        stored = Message.objects.get(pk=made.pk).trouble
        english, chinese = both(lambda stored=stored: sentences.shown(stored))
        assert chinese == new
        assert english.isascii() or "忙" in english
    services.ingest(b"rubbish")
    for old in ("12.5 MB; it lies on the server in the folder INBOX with the number 7", "12.5 MB；邮件仍在服务器文件夹INBOX中，编号7"):
        Quarantined.objects.update(detail=old)
        module.forward(apps, None)
        row = Quarantined.objects.get()
        assert both(lambda row=row: sentences.shown(row.detail)) == (
            "12.5 MB; it lies on the server in the folder INBOX with the number 7",
            "12.5 MB；邮件仍在服务器文件夹INBOX中，编号7",
        )
    assert json.loads(Quarantined.objects.get().detail[1:])[0][1]["uid"] == "7"
    assert Account.objects.count() == 1
