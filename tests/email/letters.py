"""Letters as they come by mail."""

from __future__ import annotations

from email.message import EmailMessage


def letter(identifier: str = "<1@home.example>", text: str = "厨房水管漏水，请派人。", **headers: str) -> bytes:
    made = EmailMessage()
    told = {"From": "张伟 <zhang@home.example>", "To": "service@kefu.example", "Subject": "水管漏水", "Message-ID": identifier}
    for name, value in {**told, **headers}.items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes()
