"""The tree of parts: alternatives, files, messages in messages, broken boundaries and encodings."""

import base64
import hashlib
import struct

import pytest

from kefu.engines.mail.reading import NotAMail, read
from kefu.engines.mail.tree import parse
from tests.mail.build import b64, mail, multi, nested, part

TEXT, HTML = "您好，请处理。", "<p>您好，<b>请</b>处理。</p>"


def names(found):
    return [one.name for one in found.attachments]


def test_plain():
    found = read(mail(TEXT))
    assert (found.text, found.html, found.reply, found.attachments, found.faults) == (TEXT, "", TEXT, [], [])


def test_html_only():
    found = read(mail(HTML, kind="text/html; charset=utf-8"))
    assert (found.text, found.html, found.reply) == (TEXT, HTML, TEXT)


@pytest.mark.parametrize("order", [1, -1])
def test_alternative(order):
    kind, body = multi(*[part("纯文本"), part(HTML, "text/html; charset=utf-8")][::order], sub="alternative")
    found = read(mail(body, kind=kind))
    assert (found.text, found.html) == ("纯文本", HTML)


def test_alternative_with_an_empty_or_useless_text():
    for useless in ("", " \n\n", "您的邮件客户端不支持HTML格式。"):
        kind, body = multi(part(useless), part(HTML * 5, "text/html; charset=utf-8"), sub="alternative")
        assert TEXT in read(mail(body, kind=kind)).text


def test_mixed_keeps_the_order_of_texts():
    kind, body = multi(part("一"), part(b"GIF", "image/gif; name=a.gif", "base64"), part("二"))
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == ("一\n二", ["a.gif"])


def test_related_with_pictures_in_the_text():
    page = '<p>图：<img src="cid:p1@x" alt="图一"></p>'
    picture = part(b"PNG", 'image/png; name="p.png"', "base64", "inline", [("Content-ID", "<p1@x>")])
    inner = nested(part(page, "text/html; charset=utf-8"), picture, sub="related")
    kind, body = multi(part("图"), inner, sub="alternative")
    found = read(mail(body, kind=kind))
    assert '<img src="cid:p1@x" alt="图一">' in found.html
    assert [(one.name, one.inline, one.cid) for one in found.attachments] == [("p.png", True, "p1@x")]


def test_root_of_related_need_not_be_first():
    picture = part(b"PNG", "image/png", "base64", "", [("Content-ID", "<p1@x>")])
    root = part(HTML, "text/html; charset=utf-8", fields=[("Content-ID", "<root>")])
    kind, body = multi(picture, root, sub="related", more='; start="<root>"')
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == (TEXT, ["attachment-1.png"])


def test_attachment_is_hashed_and_sized():
    data = bytes(range(256)) * 100
    kind, body = multi(part("hi"), part(data, "application/pdf", "base64", 'attachment; filename="a.pdf"'))
    found = read(mail(body, kind=kind)).attachments[0]
    assert (found.type, found.size, found.sha256) == ("application/pdf", 25_600, hashlib.sha256(data).hexdigest())
    assert found.content() == data


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "text/html", "text/csv"])
def test_text_as_a_file(kind):
    outer, body = multi(part("hi"), part("a,b", kind, "8bit", 'attachment; filename="t.txt"'))
    found = read(mail(body, kind=outer))
    assert (found.text, names(found)) == ("hi", ["t.txt"])


def test_body_with_a_name_is_still_the_body():
    kind, body = multi(
        part(TEXT, 'text/plain; charset=utf-8; name="body.txt"'), part("x", "text/plain; name=b.txt", disposition="attachment")
    )
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == (TEXT, ["b.txt"])


def test_message_as_a_file():
    inner = mail("inner text", Subject="内层: a/b")
    kind, body = multi(part("outer"), part(inner, "message/rfc822"))
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == ("outer", ["内层_ a_b.eml"])
    assert found.attachments[0].content().strip() == inner.strip()


CALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:周会\\, 上午\r\nDTSTART;TZID=Asia/Shanghai:20240102T100000\r\n"
    "DESCRIPTION:一\\n二\r\nEND:VEVENT\r\nEND:VCALENDAR"
)


def test_invitation():
    kind, body = multi(part("请参加"), part(CALENDAR, "text/calendar; charset=utf-8; method=REQUEST"), sub="alternative")
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == ("请参加", ["attachment-1.ics"])
    alone = read(mail(CALENDAR, kind="text/calendar; charset=utf-8"))
    assert alone.text == "周会, 上午\n20240102T100000\n一\n二"


def test_signed():
    kind, body = multi(part(TEXT), part(b"sig", "application/pkcs7-signature; name=smime.p7s", "base64"), sub="signed")
    found = read(mail(body, kind=kind))
    assert (found.text, names(found)) == (TEXT, ["smime.p7s"])


FLOWED = "one \ntwo\n>a \n>b\n \nspace \n stuffed\n-- \nsig"


def test_flowed():
    found = read(mail(FLOWED, kind="text/plain; charset=utf-8; format=flowed", Subject="Re: x"))
    assert found.text == "one two\n> a b\n\nspace stuffed\n-- \nsig"
    assert found.reply == "one two\n\nspace stuffed"


def test_flowed_without_spaces_between():
    assert read(mail("您好，请 \n处理。", kind="text/plain; charset=utf-8; format=flowed; delsp=yes")).text == TEXT


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends(end):
    kind, body = multi(part("一\n二"), part(HTML, "text/html; charset=utf-8"), sub="alternative")
    found = read(mail(body, kind=kind).replace(b"\n", end))
    assert (found.subject, found.text, found.html) == ("x", "一\n二", HTML)


def test_boundary_without_an_end():
    kind, body = multi(part("一"), part(b"data", "application/pdf; name=a.pdf", "base64"), closed=False)
    found = read(mail(body, kind=kind))
    assert (found.text, names(found), found.attachments[0].size) == ("一", ["a.pdf"], 4)


def test_inner_boundary_that_begins_like_the_outer():
    inner = nested(part("一"), part(HTML, "text/html; charset=utf-8"), sub="alternative", boundary="=_b_inner")
    kind, body = multi(inner, part(b"data", "application/pdf; name=a.pdf", "base64"), boundary="=_b")
    found = read(mail(body, kind=kind))
    assert (found.text, found.html, names(found)) == ("一", HTML, ["a.pdf"])


def test_boundary_that_nobody_told():
    _kind, body = multi(part(TEXT), part(b"data", "application/pdf; name=a.pdf", "base64"))
    for kind in ("multipart/mixed", 'multipart/mixed; boundary="other"'):
        found = read(mail(body, kind=kind))
        assert (found.text, names(found)) == (TEXT, ["a.pdf"])


def test_multipart_that_is_none():
    found = read(mail(TEXT, kind='multipart/mixed; boundary="x"'))
    assert (found.text, found.faults) == (TEXT, ["no parts"])


def test_text_before_and_after_the_parts_is_not_read():
    kind, body = multi(part(TEXT))
    assert read(mail(b"preamble\n" + body + b"epilogue", kind=kind)).text == TEXT


CODED = base64.encodebytes((TEXT * 9).encode())
TRANSFERS = [
    (CODED, "base64"),
    (CODED, "BASE64"),
    (CODED, " base64 "),
    (CODED, '"base64"'),
    (CODED.replace(b"\n", b"\r\n\r\n"), "base64"),
    (CODED.rstrip(b"=\n"), "base64"),
    (CODED.replace(b"\n", b" \n "), "base64"),
    (CODED[:20] + b"!!" + CODED[20:], "base64"),
    (CODED, "7bit"),
    (CODED, ""),
    (CODED, "quoted-printable"),
    ((TEXT * 9).encode(), "base64"),
    ((TEXT * 9).encode(), "quoted-printable"),
    ((TEXT * 9).encode(), "7bit"),
    ((TEXT * 9).encode(), "nonsense"),
    ("".join(f"={one:02X}" for one in (TEXT * 9).encode()).encode(), "quoted-printable"),
    ("".join(f"={one:02x}" for one in (TEXT * 9).encode()).encode(), "Quoted-Printable"),
    ("".join(f"={one:02X}" for one in (TEXT * 9).encode()).encode(), "7bit"),
    ("".join(f"={one:02X}" for one in (TEXT * 9).encode()).encode(), "base64"),
    (b"=\n".join(f"={one:02X}".encode() for one in (TEXT * 9).encode()), "quoted-printable"),
    (b"=  \r\n".join(f"={one:02X}".encode() for one in (TEXT * 9).encode()), "quoted-printable"),
]


@pytest.mark.parametrize(("body", "encoding"), TRANSFERS)
def test_transfer_encodings(body, encoding):
    assert read(mail(b"", encoding=encoding or None) + body).text == TEXT * 9


def test_base64_in_pieces():
    pieces = b"\n".join(base64.b64encode(one.encode()) for one in ("您好，请", "处理。", "x"))
    assert read(mail(b"", encoding="base64") + pieces).text == "您好，请处理。x"


def test_plain_texts_are_never_decoded():
    for text in (
        "price = 100",
        "a=b\nc=d",
        "SGVsbG8gV29ybGQ",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "=E4 is a code",
        "A" * 60,
    ):
        assert read(mail(text, encoding="7bit")).text == text


UU = b"begin 644 hello.txt\n#0V%T\n`\nend\n"


def test_uuencode_in_a_text():
    found = read(mail(b"before\n" + UU + b"after\n", encoding=None))
    assert (found.text, names(found)) == ("before\n\nafter", ["hello.txt"])
    assert found.attachments[0].content() == b"Cat"
    assert read(mail(b"please begin 644 things\nand end\n")).attachments == []


def test_uuencoded_part():
    kind, body = multi(part("hi"), part(UU, "application/octet-stream; name=h.txt", "x-uuencode", "attachment"))
    assert read(mail(body, kind=kind)).attachments[0].content() == b"Cat"


def _tnef():
    def attribute(level, number, data):
        return bytes([level]) + struct.pack("<II", number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    long_name = "年度报告.docx".encode("utf-16-le") + b"\0\0"
    padded = long_name + b"\0" * (-len(long_name) % 4)
    properties = struct.pack("<I", 2) + struct.pack("<HHI", 0x0003, 0x0E20, 7)
    properties += struct.pack("<HHII", 0x001F, 0x3707, 1, len(long_name)) + padded
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(2, 0x00069002, b"\0" * 14)
        + attribute(2, 0x00018010, b"REPORT~1.DOC\0")
        + attribute(2, 0x0006800F, b"content")
        + attribute(2, 0x00069005, properties)
    )


def test_winmail():
    kind, body = multi(part("hi"), part(_tnef(), "application/ms-tnef; name=winmail.dat", "base64", "attachment"))
    found = read(mail(body, kind=kind)).attachments
    assert [(one.name, one.size) for one in found] == [("winmail.dat", len(_tnef())), ("年度报告.docx", 7)]
    assert found[1].content() == b"content"


def test_broken_winmail():
    whole = _tnef()
    for end in range(0, len(whole), 7):
        kind, body = multi(part("hi"), part(whole[:end] + b"\xff" * 9, "application/ms-tnef; name=winmail.dat", "base64"))
        assert names(read(mail(body, kind=kind)))[0] == "winmail.dat"


def test_zip_is_not_opened():
    bomb = b"PK\x03\x04" + b"\0" * 1000
    kind, body = multi(part("hi"), part(bomb, "application/zip; name=bomb.zip", "base64"))
    assert [(one.name, one.size) for one in read(mail(body, kind=kind)).attachments] == [("bomb.zip", 1004)]


def test_odd_beginnings():
    plain = mail(TEXT)
    for before in (b"\n\n", b"\xef\xbb\xbf", b"From zs@qq.com Tue Jan  2 10:00:00 2024\n", b" \r\n", b"\0"):
        assert read(before + plain).text == TEXT
    assert read(("\ufeff" + plain.decode()).encode("utf-16")).text == TEXT


def test_header_without_a_body_and_body_without_a_blank_line():
    assert read(b"Subject: x").subject == "x"
    assert read(b"Subject: x\n").text == ""
    found = read(b"Subject: x\nFrom: a@b.cn\nhello there\nmore: words")
    assert (found.subject, found.text) == ("x", "hello there\nmore: words")


@pytest.mark.parametrize("data", [b"", b"\n \n", b"hello", b"\0\xff" * 100, b"PK\x03\x04binary", "只有正文，没有头。".encode()])
def test_no_mail(data):
    with pytest.raises(NotAMail):
        read(data)


def test_html_that_calls_itself_plain():
    assert read(mail("<html><body>" + HTML + "</body></html>")).text == TEXT


def test_types_in_odd_forms():
    assert read(mail(HTML, kind="TEXT/HTML; CHARSET=UTF-8")).html == HTML
    assert read(mail(TEXT, kind="text")).text == TEXT
    assert read(mail(TEXT, kind="text/plain; charset")).text == TEXT
    assert names(read(mail("x", kind="unknown/x-thing; name=t.bin"))) == ["t.bin"]


def test_parts_are_places_in_one_buffer():
    kind, body = multi(part("一"), part("二"))
    tree = parse(mail(body, kind=kind))
    assert [tree.body(one) for one in tree.root.parts] == ["一".encode(), "二".encode()]
    assert b64(b"x") == b"eA==\n"
