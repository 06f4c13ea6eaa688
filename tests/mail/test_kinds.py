"""Mail that nobody wrote: bounces, automatic answers, lists."""

# ruff: noqa: E501 - the forms stand as they are written

import pytest

from kefu.engines.mail.reading import read
from tests.mail.build import mail, multi, part

DSN = (
    "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; zs@qq.com\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <zs@qq.com>:\n Recipient address rejected\n"
)


def dsn(report=DSN, **headers):
    original = part(mail("hi", Subject="停水通知"), "message/rfc822")
    kind, body = multi(
        part("Delivery failed"), part(report, "message/delivery-status"), original, sub="report", more='; report-type="delivery-status"'
    )
    return mail(body, kind=kind, **{"From": "MAILER-DAEMON@example.com", "Subject": "Undelivered Mail Returned to Sender", **headers})


def test_standard_bounce():
    found = read(dsn())
    assert found.auto == "bounce"
    assert found.bounce == {
        "recipient": "zs@qq.com",
        "action": "failed",
        "status": "5.1.1",
        "reason": "smtp; 550 5.1.1 <zs@qq.com>: Recipient address rejected",
    }
    assert [one.name for one in found.attachments] == ["停水通知.eml"]


def test_delay_is_told():
    assert read(dsn(DSN.replace("failed", "delayed").replace("5.1.1", "4.4.1"))).bounce["action"] == "delayed"


BOUNCES = {
    "qq": {"From": "PostMaster <PostMaster@qq.com>", "Subject": "来自qq.com的退信", "body": "抱歉，您的邮件被退回来了……\n收件人 zs@qq.com\n退信原因 550 Mailbox not found"},
    "qq new": {"From": "=?utf-8?B?UVHpgq7nrrHlm6LpmJ8=?= <postmaster@qq.com>", "Subject": "系统退信", "body": "无法发送到 zs@qq.com\n550 5.1.1"},
    "163": {"From": "Postmaster@163.com", "Subject": "系统退信/Systems bounce", "body": "您的邮件无法送达 zs@qq.com，554 5.0.0 user unknown"},
    "coremail": {"From": "postmaster@corp.example", "Subject": "系统退信", "body": "zs@qq.com 550 User not found"},
    "exchange": {"From": "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example", "Subject": "未送达: 停水通知", "body": "无法将邮件传递给这些收件人: zs@qq.com\n#550 5.1.10 RESOLVER.ADR.RecipientNotFound"},
    "exchange en": {"From": "postmaster@corp.example", "Subject": "Undeliverable: water", "body": "Your message to zs@qq.com couldn't be delivered. 550 5.1.1"},
    "aliyun": {"From": "postmaster@aliyun.com", "Subject": "退信通知", "body": "收件人: zs@qq.com 552"},
    "gmail": {"From": "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Subject": "Delivery Status Notification (Failure)", "fields": [("X-Failed-Recipients", "zs@qq.com")], "body": "Address not found"},
    "qmail": {"From": "MAILER-DAEMON@example.com", "Subject": "failure notice", "body": "<zs@qq.com>:\nSorry, no mailbox here by that name. (#5.1.1)"},
    "empty path": {"From": "kf@corp.example", "Subject": "邮件投递失败", "fields": [("Return-Path", "<>")], "body": "zs@qq.com 550 x"},
    "traditional": {"From": "postmaster@corp.example", "Subject": "無法傳遞: 停水", "body": "zs@qq.com 550 5.1.1"},
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNCES)
def test_bounces_without_standard(name):
    given = dict(BOUNCES[name])
    found = read(mail(given.pop("body"), **given))
    assert found.auto == "bounce"
    assert found.bounce["recipient"] == "zs@qq.com"


AUTOMATIC = [
    {"Subject": "自动回复: 停水"},
    {"Subject": "自动回复：停水"},
    {"Subject": "自動回覆: 停水"},
    {"Subject": "[自动回复]停水"},
    {"Subject": "自动答复: 停水"},
    {"Subject": "Automatic reply: water"},
    {"Subject": "Auto-Reply: water"},
    {"Subject": "Auto Response: water"},
    {"Subject": "Out of Office: water"},
    {"Subject": "Out of the office"},
    {"fields": [("Auto-Submitted", "auto-replied")]},
    {"fields": [("Auto-Submitted", "auto-replied (vacation)")]},
    {"fields": [("Auto-Submitted", "auto-generated")]},
    {"fields": [("X-Autoreply", "yes")]},
    {"fields": [("X-Autorespond", "x")]},
    {"fields": [("Precedence", "auto_reply")]},
]


@pytest.mark.parametrize("given", AUTOMATIC)
def test_automatic(given):
    assert read(mail("我正在休假。", **given)).auto == "auto-reply"


def test_read_receipt_is_automatic():
    report = part(
        "Disposition: manual-action/MDN-sent-manually; displayed\nFinal-Recipient: rfc822; zs@qq.com", "message/disposition-notification"
    )
    kind, body = multi(part("已读"), report, sub="report", more="; report-type=disposition-notification")
    assert read(mail(body, kind=kind, Subject="已读: 停水")).auto == "auto-reply"


@pytest.mark.parametrize(
    "field", [("List-Id", "<x.example.com>"), ("List-Unsubscribe", "<mailto:u@x.cn>"), ("Precedence", "bulk"), ("Precedence", "list")]
)
def test_lists(field):
    assert read(mail("新闻", fields=[field])).auto == "list"


@pytest.mark.parametrize(
    "given",
    [
        {"Subject": "退信了怎么办"},
        {"Subject": "我的退货被退回"},
        {"Subject": "你们的自动回复太慢"},
        {"Subject": "Re: 停水", "fields": [("Auto-Submitted", "no")]},
        {"Subject": "发送失败，请帮忙", "From": "zs@qq.com"},
        {"Subject": "停水", "fields": [("X-Auto-Response-Suppress", "All")]},
        {"Subject": "Undeliverable parcel", "From": "zs@qq.com"},
    ],
)
def test_persons(given):
    found = read(mail("请处理", **given))
    assert (found.auto, found.bounce) == ("", {})
