"""Encoded words as mailers break them, addresses, dates, file names."""

import base64

import pytest

from kefu.engines.mail.addresses import addresses
from kefu.engines.mail.dates import moment_of
from kefu.engines.mail.headers import file_name, unstructured
from kefu.engines.mail.parameters import parameters
from kefu.engines.mail.reading import read
from tests.mail.build import mail, multi, part, word

TEXT = "关于停水的通知，请查收"


def cut(charset, at, encodings="BB", between=" ", label=None):
    """The text cut at a byte, so in the middle of a character."""
    data = TEXT.encode(charset)
    return between.join(
        word(piece, charset, label or charset, encoding) for piece, encoding in zip((data[:at], data[at:]), encodings, strict=True)
    )


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "gb18030"])
@pytest.mark.parametrize("at", range(1, 9))
@pytest.mark.parametrize("encodings", ["BB", "QQ", "BQ", "QB", "bb", "qb"])
@pytest.mark.parametrize("between", [" ", "", "\n ", "\r\n\t", "\t", "  \n  "])
def test_character_cut_between_words(charset, at, encodings, between):
    assert read(mail(b"x", Subject=cut(charset, at, encodings, between))).subject == TEXT


WORDS = [
    ("=?utf-8?b?5YGc5rC0?=", "停水"),
    ("=?UTF-8?Q?=e5=81=9c=e6=b0=b4?=", "停水"),
    ("=?UTF-8?Q?=E5=81=9C=E6=B0=B4_Nr=2E_7?=", "停水 Nr. 7"),
    ("=?gb2312?B?zaPLrg==?=", "停水"),
    ("=?gb2312?b?zaPLrg?=", "停水"),
    ("=?GBK?Q?=CD=A3=CB=AE?=", "停水"),
    ("=?utf-8*zh-CN?B?5YGc5rC0?=", "停水"),
    ("=?x-unknown?B?5YGc5rC0?=", "停水"),
    ("=??B?5YGc5rC0?=", "停水"),
    ("=?utf-8?B?5YGc5rC0", "=?utf-8?B?5YGc5rC0"),
    ("=?utf-8?B??=", ""),
    ("=?utf-8?B?5YGc 5rC0?=", "停水"),
    ("=?utf-8?B?5YGc5rC0=?=", "停水"),
    ("=?utf-8?B?5YGc5rC0===?=", "停水"),
    ("=?utf-8?Q?a b c?=", "a b c"),
    ("=?utf-8?Q?100%?=", "100%"),
    ("=?utf-8?Q?=ZZ=?=", "=ZZ="),
    ("=?utf-8?Q?Was?_Ja!?=", "Was? Ja!"),
    ('"=?utf-8?B?5YGc5rC0?="', '"停水"'),
    ("Re: =?utf-8?B?5YGc5rC0?= today", "Re: 停水 today"),
    ("Re:=?utf-8?B?5YGc5rC0?=today", "Re:停水today"),
    ("=?utf-8?B?5YGc?= =?gb2312?B?y64=?=", "停水"),
    ("=?utf-8?B?5YGc?= x =?utf-8?B?5rC0?=", "停 x 水"),
    ("=?utf-8?B?5YGc5rC0?=\t=?utf-8?B?6YCa55+l?=", "停水通知"),
    ("=?hz-gb-2312?B?" + base64.b64encode("停水".encode("hz")).decode() + "?=", "停水"),
    ("=?iso-2022-jp?B?" + base64.b64encode("テスト".encode("iso-2022-jp")).decode() + "?=", "テスト"),
    ("=?utf-8?B?" + base64.b64encode(b"=?utf-8?B?5YGc5rC0?=").decode() + "?=", "停水"),
    ("plain text", "plain text"),
    ("a =?= b ?= c", "a =?= b ?= c"),
    ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    ("", ""),
]


@pytest.mark.parametrize(("value", "text"), WORDS)
def test_words(value, text):
    assert unstructured(value) == text
    if value and "\t" not in value:
        assert read(mail(b"x", Subject=value)).subject == text.strip()


def test_base64_cut_between_its_signs():
    coded = base64.b64encode(TEXT.encode()).decode()
    for at in (5, 6, 7, 9):
        assert unstructured(f"=?utf-8?B?{coded[:at]}?= =?utf-8?B?{coded[at:]}?=") == TEXT


def test_line_ends_and_controls_never_stay():
    assert unstructured("=?utf-8?Q?a=0D=0ABcc:_x=00y?=") == "a Bcc: x y"


def test_raw_line_that_was_folded_without_a_blank():
    raw = "Subject: 停水通知，\n请查收\nTo: kf@example.com\n\n内容".encode("gbk")
    found = read(b"From: zs@qq.com\n" + raw)
    assert found.subject == "停水通知， 请查收"
    assert (found.to[0].address, found.text) == ("kf@example.com", "内容")


ZS = word("张三", "gbk", "gb2312")
ADDRESSES = [
    ("zs@qq.com", [("", "zs@qq.com")]),
    ("<zs@qq.com>", [("", "zs@qq.com")]),
    ("Zhang San <zs@QQ.com>", [("Zhang San", "zs@qq.com")]),
    (f"{ZS} <zs@qq.com>", [("张三", "zs@qq.com")]),
    (f'"{ZS}" <zs@qq.com>', [("张三", "zs@qq.com")]),
    (f"{ZS}<zs@qq.com>", [("张三", "zs@qq.com")]),
    ('"张三" <zs@qq.com>', [("张三", "zs@qq.com")]),
    ("张三 <zs@qq.com>", [("张三", "zs@qq.com")]),
    ("张三<zs@qq.com>，李四<ls@qq.com>", [("张三", "zs@qq.com"), ("李四", "ls@qq.com")]),
    ("张三<zs@qq.com>；李四<ls@qq.com>", [("张三", "zs@qq.com"), ("李四", "ls@qq.com")]),
    ('"张三 <zs@qq.com>', [("张三", "zs@qq.com")]),
    ('张三" <zs@qq.com>', [("张三", "zs@qq.com")]),
    ("'张三' <zs@qq.com>", [("张三", "zs@qq.com")]),
    ('"Zhang, San" <zs@qq.com>', [("Zhang, San", "zs@qq.com")]),
    ("Zhang, San <zs@qq.com>, ls@qq.com", [("Zhang, San", "zs@qq.com"), ("", "ls@qq.com")]),
    ('"a \\"b\\" c" <zs@qq.com>', [('a "b" c', "zs@qq.com")]),
    ("zs@qq.com (张三)", [("张三", "zs@qq.com")]),
    ("a@x.cn, b@x.cn,c@x.cn;d@x.cn", [("", "a@x.cn"), ("", "b@x.cn"), ("", "c@x.cn"), ("", "d@x.cn")]),
    ("a@x.cn b@x.cn", [("", "a@x.cn"), ("", "b@x.cn")]),
    ("<a@x.cn> <b@x.cn>", [("", "a@x.cn"), ("", "b@x.cn")]),
    ("undisclosed-recipients:;", []),
    ("客服组: a@x.cn, b@x.cn;", [("", "a@x.cn"), ("", "b@x.cn")]),
    ("G: 张三 <zs@qq.com>; H: ls@qq.com;", [("张三", "zs@qq.com"), ("", "ls@qq.com")]),
    ("mailto:zs@qq.com", [("", "zs@qq.com")]),
    ("<mailto:zs@qq.com>", [("", "zs@qq.com")]),
    ('"zs@qq.com" <zs@qq.com>', [("", "zs@qq.com")]),
    ("<<zs@qq.com>>", [("", "zs@qq.com")]),
    ("张三", [("张三", "")]),
    ("张三 <>", [("张三", "")]),
    ("", []),
    (", ,", []),
    ("<>", []),
    ("张三 <zs@例子.中国>", [("张三", "zs@例子.中国")]),
    (word("张三 <zs@qq.com>", "utf-8"), [("张三", "zs@qq.com")]),
    ("=?utf-8?Q?=E5=BC=A0,=E4=B8=89?= <zs@qq.com>", [("张,三", "zs@qq.com")]),
    ("=?utf-8?B?5byg?=\n =?utf-8?B?5LiJ?= <zs@qq.com>", [("张三", "zs@qq.com")]),
]


@pytest.mark.parametrize(("value", "expected"), ADDRESSES)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_addresses(value, expected, charset):
    if charset != "utf-8" and "例子" in value:
        return
    found = addresses(value.encode(charset).decode("latin-1"))
    if "例子" in value:
        assert found[0].name == "张三"
        return
    assert [(one.name, one.address) for one in found] == expected


def test_ten_thousand_recipients():
    everybody = ",\n ".join(f"{ZS} <u{number}@example.com>" for number in range(10_000))
    found = read(mail(b"x", To=everybody, Cc=everybody))
    assert (len(found.to), len(found.cc)) == (10_000, 10_000)
    assert (found.to[-1].name, found.to[-1].address) == ("张三", "u9999@example.com")


DATES = [
    ("Tue, 2 Jan 2024 10:00:00 +0800", "2024-01-02T10:00:00+08:00"),
    ("Tue, 02 Jan 2024 10:00:00 +0800 (CST)", "2024-01-02T10:00:00+08:00"),
    ("Tue, 2 Jan 2024 10:00:00 -0500", "2024-01-02T10:00:00-05:00"),
    ("Tue, 2 Jan 2024 10:00:00 GMT", "2024-01-02T10:00:00+00:00"),
    ("Tue, 2 Jan 2024 10:00:00 CST", "2024-01-02T10:00:00+08:00"),
    ("Tue, 2 Jan 2024 10:00:00", "2024-01-02T10:00:00+08:00"),
    ("2 Jan 2024 10:00 +0800", "2024-01-02T10:00:00+08:00"),
    ("Tue,2 Jan 2024 10:00:00 +0800", "2024-01-02T10:00:00+08:00"),
    ("Tue, 2 Jan 2024 10:00:00 +08:00", "2024-01-02T10:00:00+08:00"),
    ("Tue Jan 02 10:00:00 CST 2024", "2024-01-02T10:00:00+08:00"),
    ("Tue Jan  2 10:00:00 2024", "2024-01-02T10:00:00+08:00"),
    ("2024-01-02 10:00:00", "2024-01-02T10:00:00+08:00"),
    ("2024-01-02T10:00:00Z", "2024-01-02T10:00:00+00:00"),
    ("2024-01-02T10:00:00.123+08:00", "2024-01-02T10:00:00+08:00"),
    ("2024/1/2 10:00", "2024-01-02T10:00:00+08:00"),
    ("2024年1月2日 10:00", "2024-01-02T10:00:00+08:00"),
    ("2024年1月2日 星期二 下午 3:05", "2024-01-02T15:05:00+08:00"),
    ("2024年1月2日(星期二) 上午10:00", "2024-01-02T10:00:00+08:00"),
    ("Tue, 2 Jan 2024 10:00:60 +0800", "2024-01-02T10:00:59+08:00"),
    ("Wed, 31 Apr 2024 10:00:00 +0800", None),
    ("Tue, 2 Jan 2024 25:00:00 +0800", None),
    ("Tue, 2 Jan 2024 10:00:00 +9999", "2024-01-02T10:00:00+08:00"),
    ("yesterday", None),
    ("", None),
    ("0", None),
    ("99999999999999999999999", None),
    ("Tue, 2 Jan 99999 10:00:00 +0800", None),
]


@pytest.mark.parametrize(("value", "expected"), DATES)
def test_dates(value, expected):
    found = moment_of(value)
    assert (found.isoformat() if found else None) == expected


def test_wrong_date_is_that_of_the_newest_hop():
    hops = [("Received", f"from a by b; Tue, {day} Jan 2024 09:00:00 +0800") for day in (3, 2)]
    assert read(mail(b"x", Date="yesterday", fields=hops)).date.isoformat() == "2024-01-03T09:00:00+08:00"
    assert read(mail(b"x", Date=None, fields=hops)).date.isoformat() == "2024-01-03T09:00:00+08:00"
    assert read(mail(b"x", Date=None)).as_json()["date"] is None


NAME = "年度报告（终稿）.xlsx"
PERCENT = "%E5%B9%B4%E5%BA%A6%E6%8A%A5%E5%91%8A%EF%BC%88%E7%BB%88%E7%A8%BF%EF%BC%89.xlsx"
NAMES = {
    "rfc 2231": f"attachment; filename*=UTF-8''{PERCENT}",
    "rfc 2231 with language": f"attachment; filename*=utf-8'zh'{PERCENT}",
    "rfc 2231 quoted": f"attachment; filename*=\"UTF-8''{PERCENT}\"",
    "both": f"attachment; filename=\"x.xlsx\"; filename*=UTF-8''{PERCENT}",
    "continued": f"attachment; filename*0*=UTF-8''{PERCENT[:20]};\n filename*1*={PERCENT[20:50]};\n filename*2*={PERCENT[50:]}",
    "continued and cut in a sign": f"attachment; filename*0*=UTF-8''{PERCENT[:6]};\n filename*1*={PERCENT[6:]}",
    "continued out of order": f"attachment; filename*1*={PERCENT[30:]}; filename*0*=UTF-8''{PERCENT[:30]}",
    "gbk": "attachment; filename*=GBK''" + "".join(f"%{one:02X}" for one in NAME.encode("gbk")),
    "no charset": f"attachment; filename*=''{PERCENT}",
    "word": f'attachment; filename="{word(NAME, "utf-8")}"',
    "word gbk": f'attachment; filename="{word(NAME, "gbk", "gb2312")}"',
    "word bare": f"attachment; filename={word(NAME, 'gbk')}",
    "words": f'attachment; filename="{word(NAME[:4], "gbk")}\n {word(NAME[4:], "gbk")}"',
    "words continued": f'attachment; filename*0="{word(NAME[:4], "gbk")}"; filename*1="{word(NAME[4:], "gbk")}"',
    "raw utf-8": f'attachment; filename="{NAME}"'.encode(),
    "raw gbk": f'attachment; filename="{NAME}"'.encode("gbk"),
    "raw bare": f"attachment; filename={NAME}".encode("gbk"),
    "raw continued": f'attachment; filename*0="{NAME[:4]}"; filename*1="{NAME[4:]}"'.encode("gbk"),
    "percent": f'attachment; filename="{PERCENT}"',
    "path": f'attachment; filename="C:\\\\用户\\\\{NAME}"'.encode(),
    "path single": f'attachment; filename="C:\\文档\\{NAME}"'.encode(),
    "climbing": f'attachment; filename="../../etc/{NAME}"'.encode(),
    "not closed": f'attachment; filename="{NAME}'.encode(),
    "capital": f'ATTACHMENT; FILENAME="{NAME}"'.encode(),
    "only semicolons": f';; filename="{NAME}"'.encode(),
}


@pytest.mark.parametrize("name", NAMES)
def test_file_names(name):
    kind, body = multi(part("hi"), part(b"data", "application/octet-stream", "base64", NAMES[name]))
    found = read(mail(body, kind=kind)).attachments
    assert [one.name for one in found] == [NAME]
    assert found[0].size == 4


def test_name_of_the_type():
    kind, body = multi(part("hi"), part(b"data", f'application/vnd.ms-excel; name="{word(NAME, "gbk")}"', "base64"))
    assert read(mail(body, kind=kind)).attachments[0].name == NAME


def test_direction_signs_never_hide_an_ending():
    assert file_name("\0photo\u202egpj.exe") == "photogpj.exe"
    assert file_name("\0a\nb\0c.txt") == "a b c.txt"
    assert len(file_name("\0" + "a" * 5000 + ".pdf")) <= 200
    assert file_name("\0" + "a" * 5000 + ".pdf").endswith(".pdf")


def test_parameters_in_odd_forms():
    assert parameters("text/plain; charset = gbk ; x")[1]["charset"] == "gbk"
    assert parameters("text/plain;charset='gbk'")[1]["charset"] == "gbk"
    assert parameters("text/plain charset=gbk") == ("text/plain", {"charset": "gbk"})
    assert parameters('multipart/mixed; boundary="a;b=c"')[1]["boundary"] == "a;b=c"
    assert parameters("text/plain; ;;; charset=gbk; charset=utf-8")[1]["charset"] == "gbk"


def test_missing_message_id_has_a_fingerprint():
    one, same, other = (read(mail(body, Message_ID=None)) for body in ("a", "a", "b"))
    assert one.message_id == ""
    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert read(mail("a")).fingerprint == ""


def test_thread_fields():
    found = read(mail(b"x", In_Reply_To="Message of Tue <a@b>", References="<a@b>\n <c@d><e@f>"))
    assert (found.in_reply_to, found.references) == ("<a@b>", ["<a@b>", "<c@d>", "<e@f>"])


def test_a_comma_that_was_encoded_by_mistake_is_no_name():
    """Python's own package writes the comma after a long name as an encoded word."""
    found = addresses("=?utf-8?b?5byg5LiJ?= <a@x.cn>\n =?utf-8?q?=2C?= b@x.cn")
    assert [(one.name, one.address) for one in found] == [("张三", "a@x.cn"), ("", "b@x.cn")]
