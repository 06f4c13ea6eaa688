"""Reading e-mail against Python's own parser, which decodes nothing: ``python -m tools.bench.mail [NUMBER]``."""

from __future__ import annotations

import base64
import email
import quopri
import sys
import time
from collections.abc import Callable
from email import policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kefu.engines.mail.reading import read

LETTER = "您好，我是幸福小区3栋的住户，今天早上开始停水，请问什么时候恢复？谢谢。\n电话里说下午，但是现在还没有来。\n" * 3
OLD_HEAD = """------------------ 原始邮件 ------------------
发件人: "客服" <kf@example.com>;
发送时间: 2024年1月2日
收件人: "张三"
主题: 停水

"""
PLAIN = (LETTER + "\n" + OLD_HEAD + LETTER * 3).encode("gb18030")


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"


def _word(text: str) -> str:
    return f"=?gb18030?B?{base64.b64encode(text.encode('gb18030')).decode()}?="


def head(number: int | str, kind: str) -> bytes:
    """The header of a usual mail."""
    hop = f"Received: from mx{number}.example.com by mail.example.cn (Postfix)\n\twith ESMTP id ABC{number}; Tue, 2 Jan "
    "2024 10:00:00 +0800 (CST)\n"
    return (
        hop * 3
        + f"DKIM-Signature: v=1; a=rsa-sha256; d=qq.com;\n\tbh={'A' * 44}=;\n\tb={'B' * 170}\nFrom: {_word('张三')} <zs{number}@qq.com>\n"
        + f"To: {_word('客服')} <kf@example.com>\nSubject: {_word('回复：停水通知')}\nDate: Tue, 2 Jan 2024 10:00:00 +0800\n"
        + f"Message-ID: <tencent_{number}@qq.com>\nIn-Reply-To: <a{number}@example.com>\nX-Priority: 3\nMIME-Version: "
        f"1.0\nContent-Type: {kind}\n"
    ).encode()


def page() -> bytes:
    """HTML as a mail program writes it."""
    style = 'lang="EN-US" style="font-size:11.0pt;font-family:Calibri,sans-serif;color:#1F497D"'
    rows = "".join(f'<p class="MsoNormal"><span {style}>{line}<o:p></o:p></span></p>\n' for line in LETTER.split("\n"))
    return f"<html><head><style>p{{}}</style></head><body>{rows}<includetail>{rows * 2}</includetail></body></html>".encode("gb18030")


def short(number: int | str) -> bytes:
    return head(number, "text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n") + LETTER.encode()


def answer(number: int | str) -> bytes:
    return head(number, "text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n") + base64.encodebytes(PLAIN)


def alternative(number: int | str) -> bytes:
    part = b"\n--=_1\nContent-Type: %s; charset=gb18030\nContent-Transfer-Encoding: base64\n\n%s"
    both = part % (b"text/plain", base64.encodebytes(PLAIN)) + part % (b"text/html", base64.encodebytes(page()))
    return head(number, 'multipart/alternative; boundary="=_1"\n') + both + b"\n--=_1--\n"


def gmail(number: int | str) -> bytes:
    part = b"\n--=_1\nContent-Type: %s; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n%s"
    quoted = f"{LETTER}\nkf <kf@example.com> 于2024年1月2日周二 10:00写道：\n> {LETTER}".encode()
    html = f'<div dir="ltr">{LETTER}</div><div class="gmail_quote"><blockquote class="gmail_quote">{LETTER}</blockquote></div>'.encode()
    both = part % (b"text/plain", quopri.encodestring(quoted)) + part % (b"text/html", quopri.encodestring(html))
    return head(number, 'multipart/alternative; boundary="=_1"\n') + both + b"\n--=_1--\n"


def photo(number: int | str) -> bytes:
    part = b"\n--=_1\nContent-Type: %s\nContent-Transfer-Encoding: base64\n\n%s"
    picture = base64.encodebytes(JPEG + str(number).encode() + bytes(range(255)) * 400 + b"\xff\xd9")
    both = part % (b"text/plain; charset=gbk", base64.encodebytes(PLAIN)) + part % (b"image/jpeg; name=a.jpg", picture)
    return head(number, 'multipart/mixed; boundary="=_1"\n') + both + b"\n--=_1--\n"


KINDS: tuple[Callable[[int | str], bytes], ...] = (short, answer, alternative, gmail, photo)


def seconds(what: Callable[[bytes], object], mails: list[bytes]) -> float:
    """Processor time over all mails."""
    start = time.process_time()
    for one in mails:
        what(one)
    return time.process_time() - start


def main(number: int) -> None:
    print(f"{'kind':12} {'bytes':>8} {'Kefu':>9} {'Python':>9} {'modern':>9} {'rate':>6} {'rate':>6}   microseconds a mail")
    total = [0.0, 0.0, 0.0]
    for kind in KINDS:
        mails = [kind(one) for one in range(number // len(KINDS))]
        times = [
            min(seconds(what, mails) for _ in range(3))
            for what in (
                lambda data: read(data).as_json(),
                email.message_from_bytes,
                lambda data: email.message_from_bytes(data, policy=policy.default),
            )
        ]
        total = [one + two for one, two in zip(total, times, strict=True)]
        own, old, new = (one / len(mails) * 1e6 for one in times)
        print(f"{kind.__name__:12} {len(mails[0]):8} {own:9.0f} {old:9.0f} {new:9.0f} {old / own:6.2f} {new / own:6.2f}")
    print(f"all {number}: Kefu {total[0]:.2f} s, Python {total[1]:.2f} s, modern policy {total[2]:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
