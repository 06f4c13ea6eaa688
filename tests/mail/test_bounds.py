"""No bytes make a fault, and none take long: fuzzing, mutated mails, hostile sizes."""

import random
import time
import tracemalloc

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kefu.engines.mail import page, quotes, signatures
from kefu.engines.mail.addresses import addresses
from kefu.engines.mail.headers import file_name, unstructured
from kefu.engines.mail.parameters import parameters
from kefu.engines.mail.reading import NotAMail, read
from kefu.engines.mail.reply import Circumstances, plain_lines, reply_of
from tests.mail.build import mail, multi, nested, part, word
from tests.mail.heads import HARD
from tests.mail.test_pages import QUOTES
from tests.mail.test_structure import CALENDAR, UU, _tnef

SECONDS = 8  # what takes quadratic time takes minutes at these sizes, also on a busy machine


def safely(data):
    """Read, and see that what comes out can be written down."""
    try:
        found = read(data)
    except NotAMail:
        return None
    assert orjson.loads(orjson.dumps(found.as_json()))["subject"] == found.subject
    return found


def whole():
    """A mail with something of everything."""
    html = "<p>您好</p>" + "".join(QUOTES[name].format(old="旧") for name in ("gmail", "qq", "outlook web"))
    text = "您好，请处理。\n祝好\n张三\n电话：010-88886666\n\n" + HARD["qq"] + "\n\n旧\n> 更旧\n"
    kind, body = multi(
        nested(
            part(text.encode("gbk"), "text/plain; charset=gb2312; format=flowed"), part(html, "text/html; charset=utf-8"), sub="alternative"
        ),
        part(
            b"data",
            "application/pdf",
            "base64",
            f"attachment; filename*0*=UTF-8''%E5%B9; filename*1*=%B4.pdf; name=\"{word('年', 'gbk')}\"",
        ),
        part(_tnef(), "application/ms-tnef; name=winmail.dat", "base64"),
        part(mail("inner"), "message/rfc822"),
        part(CALENDAR, "text/calendar; charset=utf-8"),
        part(UU, "text/plain"),
    )
    subject = word("关于停水", "gbk", "gb2312") + " " + word("通知", "utf-8", encoding="Q")
    return mail(body, kind=kind, Subject=subject, From='"张三" <zs@qq.com>'.encode("gbk"), To="组: a@b.cn, 李四 <c@d.cn>;", Cc="x" * 50)


WHOLE = whole()


def test_the_whole_is_read():
    found = read(WHOLE)
    assert found.subject == "关于停水通知"
    assert found.sender is not None
    assert found.sender.name == "张三"
    assert found.reply.startswith("您好")
    assert len(found.attachments) == 6


@settings(max_examples=150)
@given(st.binary(max_size=2000))
def test_any_bytes(data):
    found = safely(data)
    assert found is None or isinstance(found.reply, str)


KINDS = ["text/plain", "text/html", "multipart/mixed; boundary=x", "application/ms-tnef", "text/calendar"]
ENCODINGS = ["8bit", "base64", "quoted-printable", "x-uuencode", "7bit"]
LABELS = ["", "gb2312", "big5", "hz-gb-2312", "utf-7", "iso-2022-cn", "iso-2022-jp", "utf-16", "x"]


@settings(max_examples=100)
@given(st.binary(max_size=1000), st.sampled_from(KINDS), st.sampled_from(ENCODINGS), st.sampled_from(LABELS))
def test_any_body(body, kind, encoding, charset):
    assert safely(mail(b"", kind=f"{kind}; charset={charset}", encoding=encoding) + body) is not None


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_header(value):
    value = value.replace(b"\n", b"").replace(b"\r", b"")
    for name in ("Subject", "From", "To", "Date", "Message_ID", "References", "Received", "In_Reply_To"):
        assert safely(mail(b"x", **{name: value})) is not None
    assert safely(b"Content-Type: " + value + b"\n\nx") is not None
    assert safely(b"Content-Type: text/x\nContent-Disposition: attachment; filename=" + value + b"\n\nx") is not None


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_mutated(seed):
    chance = random.Random(seed)
    data = bytearray(WHOLE)
    for _ in range(chance.randrange(1, 30)):
        at = chance.randrange(len(data))
        what = chance.randrange(5)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randrange(60)]
        elif what == 2:
            data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(9)))
        elif what == 3:
            data[at:at] = data[at : at + chance.randrange(300)]
        else:
            data = data[: max(50, at)] if chance.random() < 0.1 else data
        if not data:
            break
    found = safely(bytes(data))
    assert found is None or isinstance(found.reply, str)


@settings(max_examples=100)
@given(st.text(alphabet=st.sampled_from("在于写道发件人主题: ：\n>-_=<>@.,年月日12:0 wroteOn原始邮件祝好Tel()|*\t"), max_size=300))
def test_any_lines(text):
    assert isinstance(reply_of(plain_lines(text), Circumstances("Re: x", True, "a@b.cn")), str)


@settings(max_examples=150)
@given(st.text(alphabet=st.sampled_from('<>/"=& divptabletrdolisgnblockquoteinclud!-[]\n中:;'), max_size=300))
def test_any_html(html):
    assert isinstance(page.read(html).html, str)


def timed(what, *args):
    start = time.process_time()
    found = what(*args)
    assert time.process_time() - start < SECONDS
    return found


N = 60_000
HEADERS = {
    "open quotes": '"' * N,
    "escaped quotes": '\\"' * N,
    "half quotes": '"a\\"' * N,
    "open brackets": "<" * N,
    "open comments": "(" * N,
    "escaped comments": "(\\(" * N,
    "commas": "a," * N,
    "at": "a@" * N,
    "long word": "a" * N * 5,
    "long address": "a" * N + "@" + "b" * N,
    "open words": "=?a?q?x" * N,
    "words": "=?utf-8?q?x?= " * N,
    "single signs": "=?utf-8?b?" + "A" * N + "?=",
    "semicolons": ";" * N,
    "parameters": "; a=b" * N,
    "continuations": "".join(f"; a*{number}*=b" for number in range(N // 10)),
    "colons": "a:" * N,
    "dots": "." * N,
    "spaces": " " * N + "x",
    "stars": "*" * N,
    "equal signs": "=" * N,
    "question marks": "?" * N,
    "months": "Jan " * N,
    "digits": "1" * N,
}


@pytest.mark.parametrize("name", HEADERS)
def test_hostile_headers(name):
    value = HEADERS[name]
    for what in (addresses, unstructured, parameters, file_name):
        timed(what, value)
    fields = {"Subject": value, "From": value, "To": value, "Date": value, "References": value}
    assert timed(safely, mail(b"x", **fields)) is not None


LINES = {
    "signs": ">" * N,
    "dashes": "-" * N,
    "rules": "-----\n" * (N // 10),
    "colons": "：" * N,
    "labels": "发件人：x\n" * (N // 10),
    "labels without end": "发件人：x\n发送时间：y\n" * (N // 10),
    "attributions": "在 2024-01-02 10:00，" * (N // 10),
    "attribution lines": "在 2024-01-02 10:00，客服\n" * (N // 10),
    "colon lines": "On 2024-01-02 10:00:\n" * (N // 10),
    "verbs": "写道" * N,
    "addresses": "a@b.c " * N,
    "spaces": " " * N + "x",
    "closings": "祝好\n" * (N // 10),
    "closing words": "祝" + "好" * N,
    "contacts": "电话：010-8888\n" * (N // 10),
    "numbers": "1 " * N,
    "blank": "\n" * N,
    "stars": "* " * N,
    "disclaimers": "本邮件" * N,
    "devices": "发自我的" * N,
    "english": "This message " * N,
    "one line blocks": ("From: x Sent: y " * 20 + "\n") * (N // 100),
    "tabs": "\t" * N + "x",
    "flowed": "a \n" * N,
    "html in text": "<" * N,
}


@pytest.mark.parametrize("name", LINES)
def test_hostile_lines(name):
    text = LINES[name]
    about = Circumstances("Re: x", True, "a@b.cn")
    timed(reply_of, plain_lines(text), about)
    timed(signatures.unsigned, text.split("\n")[:20_000])
    timed(safely, mail(text, kind="text/plain; charset=utf-8; format=flowed"))
    lines = plain_lines(text)
    assert timed(quotes.head_at, lines, 0) is None or lines


PAGES = {
    "deep": "<div>" * N,
    "deep and closed": "<div>" * N + "</div>" * N,
    "deep bold": "<b><div>" * N,
    "anchors": "<a><div>" * N,
    "tables": "<table><tr><td>" * (N // 10),
    "closing": "<div>" * 300 + "</p>" * N,
    "attributes": "<div " + " ".join(f"a{number}=1" for number in range(N)) + ">",
    "attributes without blanks": "<div" + "/a" * N + ">",
    "breaks": "<br>" * N,
    "cells": "<table><tr>" + "<td>x" * N,
    "rows": "<table>" + "<tr><td>x<td>y" * N,
    "open tags": "<" * N,
    "open tag": "<a " * N,
    "scripts": "<script>" * N,
    "comments": "<!--" * N,
    "entities": "&amp;" * N,
    "broken entities": "&" * N,
    "quotes": '<blockquote type="cite">' * 300 + "x" * N,
    "long attribute": '<img src="data:image/png;base64,' + "A" * N * 8 + '">',
    "spans": "<span class=a>x</span>" * N,
    "lists": "<ul><li>" * 190 + "<li>x" * N,
    "formatting": "<p><b><i><u>" * (N // 10),
    "text": "中" * N * 10,
}


@pytest.mark.parametrize("name", PAGES)
def test_hostile_pages(name):
    assert timed(safely, mail(PAGES[name], kind="text/html; charset=utf-8")) is not None


def deep(levels):
    body, kind = b"x", "text/plain"
    for level in range(levels):
        kind, body = (
            f"multipart/mixed; boundary=b{level}",
            b"--b%d\nContent-Type: %s\n\n%s\n--b%d--\n" % (level, kind.encode(), body, level),
        )
    return mail(body, kind=kind)


def test_deep_nesting():
    found = timed(safely, deep(2000))
    assert found.faults == ["too deep"]
    assert timed(safely, deep(25)).text == "x"


def test_the_same_boundary_all_the_way_down():
    kind = "multipart/mixed; boundary=x"
    assert timed(safely, mail(f"--x\nContent-Type: {kind}\n\n" * 20_000, kind=kind)) is not None


def test_many_parts():
    kind, body = multi(*[part("x")] * 20_000)
    found = timed(safely, mail(body, kind=kind))
    assert found.text.startswith("x\nx")


def test_many_header_lines():
    assert timed(safely, b"X-A: b\n" * N + b"Subject: late\n\nx") is not None
    assert timed(safely, b"Subject: x\n" + b" folded\n" * N + b"\nx").subject.startswith("x folded")
    assert timed(safely, b"Subject: x\nno field here\n" * 20_000) is not None


def test_fifty_megabytes():
    data = random.Random(1).randbytes(36 * 1024 * 1024)
    kind, body = multi(part("您好"), part(data, "application/zip; name=a.zip", "base64"))
    message = mail(body, kind=kind)
    assert len(message) > 48 * 1024 * 1024
    tracemalloc.start()
    found = timed(safely, message)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.reply, found.attachments[0].size) == ("您好", len(data))
    assert peak < 2.2 * len(message)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_fifty_megabytes_of_text(kind):
    found = timed(safely, mail("您好，停水了。\n".encode() * 2_400_000, kind=kind + "; charset=utf-8"))
    assert found.reply.startswith("您好")


def test_too_large():
    with pytest.raises(NotAMail, match="larger"):
        read(b"Subject: x\n\n" + b"x" * 101 * 1024 * 1024)
