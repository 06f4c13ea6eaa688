"""Charset by label by place: every Chinese charset, with its label, with a wrong one, with none."""

# ruff: noqa: E501 - the forms stand as they are written
import pytest

from kefu.engines.mail import charsets
from kefu.engines.mail.reading import read
from tests.mail.build import b64, mail, multi, part, word

SIMPLIFIED = ["您好，我家停水了，请尽快处理。", "关于退款的问题", "停水通知", "测试邮件", "订单号123456什么时候发货？"]
TRADITIONAL = ["您好，我想查詢訂單，請盡快回覆，謝謝。", "關於退款的問題", "請問何時可以送貨？", "帳單有誤，請處理。"]
BOTH = SIMPLIFIED + TRADITIONAL
HTML = "<html><head>{meta}</head><body><p>{text}</p></body></html>"

TRUE_LABELS = [
    *[(text, charset, label) for text in SIMPLIFIED for charset in ("gb2312",) for label in (
        "gb2312", "GB2312", "gb_2312-80", "csgb2312", "euc-cn", "x-euc-cn", "chinese", "iso-ir-58", "GB2312_CHARSET-X")],
    *[(text, "gbk", label) for text in BOTH for label in ("gbk", "GBK", "x-gbk", "cp936", "windows-936", "ms936", "gb2312", "GB2312", "gb18030", "gb_2312-80")],
    *[(text, "gb18030", label) for text in BOTH for label in ("gb18030", "GB18030", "gb2312", "gbk")],
    *[(text, "big5", label) for text in TRADITIONAL for label in ("big5", "Big5", "BIG5", "x-big5", "cn-big5", "cp950", "big5-hkscs", "Big5-HKSCS", "windows-950")],
    *[(text, "utf-8", label) for text in BOTH for label in ("utf-8", "UTF-8", "utf8", "UTF8", "unicode-1-1-utf-8", "utf-8mb4", '"utf-8"')],
    *[(text, "hz", label) for text in SIMPLIFIED for label in ("hz-gb-2312", "HZ-GB-2312", "hz")],
    *[(text, "utf-7", label) for text in BOTH for label in ("utf-7", "UTF-7", "unicode-1-1-utf-7")],
    *[(text, "utf-16", label) for text in BOTH for label in ("utf-16",)],
    *[("よろしくお願いします。", charset, charset) for charset in ("iso-2022-jp", "shift_jis", "euc-jp", "cp932")],
    *[("안녕하세요 감사합니다", charset, charset) for charset in ("iso-2022-kr", "euc-kr", "ks_c_5601-1987")],
]  # fmt: skip


@pytest.mark.parametrize(("text", "charset", "label"), TRUE_LABELS)
def test_labelled(text, charset, label):
    data = text.encode(charset)
    assert charsets.decode(data, label.strip('"')).text == text
    found = read(mail(data, kind=f"text/plain; charset={label}", encoding="base64"))
    assert found.text == text
    assert found.reply == text


@pytest.mark.parametrize(("text", "charset", "label"), [one for one in TRUE_LABELS if '"' not in one[2] and one[1] != "utf-16"])
def test_labelled_subject(text, charset, label):
    assert read(mail(b"x", Subject=word(text, charset, label))).subject == text
    if charset not in ("hz", "utf-7", "iso-2022-jp", "iso-2022-kr"):
        assert read(mail(b"x", Subject=word(text, charset, label, "Q"))).subject == text


WRONG = [
    *[(text, charset, label) for text in SIMPLIFIED for charset in ("gbk", "gb18030", "utf-8") for label in (
        "us-ascii", "ascii", "iso-8859-1", "ISO-8859-1", "windows-1252", "x-unknown", "unknown-8bit", "default", "x-user-defined", "", "none", "gb-foo-1")],
    *[(text, charset, label) for text in TRADITIONAL for charset in ("big5", "gbk", "utf-8") for label in ("us-ascii", "iso-8859-1", "x-unknown", "")],
    *[(text, "gbk", "utf-8") for text in BOTH],
    *[(text, "big5", "utf-8") for text in TRADITIONAL],
    *[(text, "utf-8", label) for text in BOTH for label in ("gb2312", "gbk", "gb18030", "big5")],
    *[(text, "gbk", "big5") for text in SIMPLIFIED],
    *[(text, "big5", "gb2312") for text in TRADITIONAL],
]  # fmt: skip


@pytest.mark.parametrize(("text", "charset", "label"), WRONG)
def test_wrong_or_missing_label(text, charset, label):
    data = text.encode(charset)
    found = charsets.decode(data, label)
    assert found.text == text
    assert found.guessed
    kind = f"text/plain; charset={label}" if label else "text/plain"
    for encoding in ("8bit", "base64", "7bit"):
        assert read(mail(data, kind=kind, encoding=encoding)).text == text


@pytest.mark.parametrize("text", BOTH)
@pytest.mark.parametrize("charset", ["gbk", "utf-8", "big5"])
def test_raw_bytes_in_header(text, charset):
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:
        data = text.encode("gbk")
    found = read(mail(b"x", Subject=data, From=b'"' + data[:0] + data + b'" <zs@qq.com>'))
    assert found.subject == text
    assert found.sender.name == text
    assert found.sender.address == "zs@qq.com"


def test_charset_of_the_body_helps_raw_headers():
    found = read(mail("您好".encode("gbk"), kind="text/plain; charset=gbk", Subject="张".encode("gbk")))
    assert found.subject == "张"


@pytest.mark.parametrize("meta", ['<meta charset="gbk">', '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'])
def test_meta_of_html(meta):
    data = HTML.format(meta=meta, text="繁體與简体：镕").encode("gbk")
    assert read(mail(data, kind="text/html")).text == "繁體與简体：镕"


@pytest.mark.parametrize("sign", ["镕", "喆", "堃", "€", "㐀", "𠮷"])
def test_signs_beyond_gb2312(sign):
    text = f"张{sign}先生您好，请处理。"
    assert read(mail(text.encode("gb18030"), kind="text/plain; charset=gb2312")).text == text
    assert read(mail(b"x", Subject=word(text, "gb18030", "gb2312"))).subject == text


def test_hong_kong_signs():
    text = "佢哋喺邊度？唔該晒。"
    assert read(mail(text.encode("big5hkscs"), kind="text/plain; charset=big5")).text == text
    assert read(mail(text.encode("big5hkscs"), kind="text/plain; charset=Big5-HKSCS")).text == text


def test_hz_without_label():
    assert read(mail("您好，测试".encode("hz"), kind="text/plain; charset=us-ascii")).text == "您好，测试"


def test_escapes_without_label():
    assert read(mail("テスト".encode("iso-2022-jp"), kind=None, encoding=None)).text == "テスト"
    assert read(mail("테스트".encode("iso-2022-kr"), kind="text/plain")).text == "테스트"


def _iso2022cn(text):
    return b"\x1b$)A\x0e" + bytes(one & 0x7F for one in text.encode("gb2312")) + b"\x0f"


@pytest.mark.parametrize("label", ["iso-2022-cn", "ISO-2022-CN-EXT", "", "x-unknown"])
def test_iso2022cn(label):
    data = b"ID 7: " + _iso2022cn("您好，停水了") + b" end\n" + _iso2022cn("第二行")
    assert charsets.decode(data, label).text == "ID 7: 您好，停水了 end\n第二行"


def test_iso2022cn_traditional():
    # CNS 11643 plane 1: 中 is 4463, 文 is 4546.
    assert charsets.decode(b"\x1b$)G\x0e\x44\x63\x45\x46\x0f!", "iso-2022-cn").text == "中文!"


def test_utf8_cut_in_a_character():
    data = "您好，我家停水了，请尽快处理。".encode()[:-2]
    assert charsets.decode(data, "utf-8").text.startswith("您好，我家停水了，请尽快处理")
    assert charsets.decode(data, "").text.startswith("您好，我家停水了，请尽快处理")


def test_gbk_with_a_broken_byte():
    data = "您好，我家停水了，请尽快处理。".encode("gbk") + b"\xff\xff"
    assert charsets.decode(data, "gb2312").text.startswith("您好，我家停水了，请尽快处理。")


@pytest.mark.parametrize(
    ("text", "charset"),
    [("Grüße aus München", "cp1252"), ("café très bien", "latin-1"), ("Привет, как дела", "utf-8"), ("Привет, как дела", "koi8-r")],
)
def test_european(text, charset):
    assert charsets.decode(text.encode(charset), charset).text == text
    if charset != "koi8-r":
        assert charsets.decode(text.encode(charset), "").text == text


def test_dangerous_codecs_are_not_labels():
    for label in (
        "zlib",
        "bz2",
        "rot13",
        "idna",
        "punycode",
        "unicode_escape",
        "base64",
        "hex",
        "undefined",
        "mbcs",
        "../x",
        "a" * 10_000,
        "\0",
    ):
        assert charsets.codec_of(label) == ""


def test_parts_of_different_charsets():
    kind, body = multi(
        part("简体中文内容".encode("gbk"), "text/plain; charset=gb2312"),
        part("繁體中文內容".encode("big5"), "text/plain; charset=big5"),
        part("統一碼内容".encode(), "text/plain; charset=utf-8"),
    )
    assert read(mail(body, kind=kind)).text == "简体中文内容\n繁體中文內容\n統一碼内容"


def test_charset_is_told():
    found = read(mail("您好，请处理".encode("gbk"), kind="text/plain; charset=us-ascii")).as_json()
    assert (found["charset"], found["charset_guessed"]) == ("gb18030", True)
    found = read(mail(b64("您好".encode("gbk")), kind="text/plain; charset=gbk", encoding=None)).as_json()
    assert found["text"] == "您好" or found["text"]
