"""The door of the engine: the bytes of one message to everything that a centre wants to know of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kefu.engines.mail import kinds
from kefu.engines.mail.addresses import Address, addresses
from kefu.engines.mail.bodies import Attachment, walk
from kefu.engines.mail.charsets import codec_of
from kefu.engines.mail.dates import moment_of
from kefu.engines.mail.headers import unstructured
from kefu.engines.mail.reply import Circumstances, reply_of
from kefu.engines.mail.texts import Texts, Told
from kefu.engines.mail.tree import Mail, Part, parse
from kefu.engines.search.cut import Cut

MAX_BYTES = 100 * 1024 * 1024
MAX_REFERENCES = 200
_IDENTIFIER = re.compile(r"<[^<>\s]{1,500}>")


class NotAMail(Exception):
    """The bytes are no e-mail message; the text says why."""


@dataclass(slots=True)
class Message:
    """One message, read. ``as_json`` is what ``kefu mail read`` prints. ``cut`` is subject and reply cut for the search, where another
    process did so (``beside``)."""

    subject: str = ""
    sender: Address | None = None
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    fingerprint: str = ""
    text: str = ""
    reply: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    auto: str = ""
    bounce: dict[str, str] = field(default_factory=dict)
    charset: str = ""
    charset_guessed: bool = False
    faults: list[str] = field(default_factory=list)
    texts: Texts | Told = field(default_factory=Texts)
    cut: Cut | None = None

    @property
    def html(self) -> str:
        """The harmless HTML, made when it is asked for; empty if the mail has none."""
        return self.texts.html

    def as_json(self) -> dict[str, Any]:
        """Plain values. The moment is ISO 8601 with its offset; an address is a name and an address."""
        return {
            "subject": self.subject,
            "from": _plain(self.sender) if self.sender else None,
            "to": [_plain(one) for one in self.to],
            "cc": [_plain(one) for one in self.cc],
            "reply_to": [_plain(one) for one in self.reply_to],
            "date": self.date.isoformat() if self.date else None,
            "message_id": self.message_id,
            "in_reply_to": self.in_reply_to,
            "references": self.references,
            "fingerprint": self.fingerprint,
            "text": self.text,
            "html": self.html,
            "reply": self.reply,
            "attachments": [
                {"name": one.name, "type": one.type, "size": one.size, "sha256": one.sha256, "inline": one.inline, "cid": one.cid}
                for one in self.attachments
            ],
            "auto": self.auto,
            "bounce": self.bounce or None,
            "charset": self.charset,
            "charset_guessed": self.charset_guessed,
            "faults": self.faults + self.texts.faults,
        }


def _plain(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _hint(part: Part) -> str:
    """The charset that a mail names first; raw bytes in its header are likely in it."""
    waiting = [part]
    while waiting:
        one = waiting.pop(0)
        codec = codec_of(one.params.get("charset", "").removeprefix("\0")) if one.params else ""
        if codec and codec != "ascii":
            return codec
        waiting = [*one.parts[:5], *waiting] if len(waiting) < 50 else waiting
    return ""


def _date(root: Part) -> datetime | None:
    """The date of the mail; if that is missing or impossible, the one of the newest hop."""
    own = moment_of(unstructured(root.get("date")))
    if own is not None:
        return own
    for hop in root.all("received")[:3]:
        found = moment_of(hop.rpartition(";")[2])
        if found is not None:
            return found
    return None


def _identifier(value: str) -> str:
    found = _IDENTIFIER.search(value)
    return found[0] if found else value.strip()[:500]


def _fill(message: Message, mail: Mail, hint: str) -> None:
    root = mail.root
    message.subject = unstructured(root.get("subject"), hint)
    senders = addresses(root.get("from"), hint) or addresses(root.get("sender"), hint)
    message.sender = senders[0] if senders else None
    message.to = [one for value in root.all("to") for one in addresses(value, hint)]
    message.cc = [one for value in root.all("cc") for one in addresses(value, hint)]
    message.reply_to = addresses(root.get("reply-to"), hint)
    message.date = _date(root)
    message.message_id = _identifier(unstructured(root.get("message-id")))
    message.in_reply_to = _identifier(unstructured(root.get("in-reply-to")))
    message.references = _IDENTIFIER.findall(unstructured(root.get("references")))[:MAX_REFERENCES]
    if not message.message_id:
        made = hashlib.sha256()
        for name in ("from", "to", "date", "subject"):
            made.update(root.raw(name) + b"\n")
        made.update(memoryview(mail.data)[root.start : root.end])
        message.fingerprint = made.hexdigest()


def read(data: bytes) -> Message:
    """Read one message. Raises ``NotAMail`` if the bytes are empty, too many, or hold no header."""
    if not data.strip():
        raise NotAMail("empty")
    if len(data) > MAX_BYTES:
        raise NotAMail(f"larger than {MAX_BYTES // 1024 // 1024} MB")
    mail = parse(data)
    if not mail.root.fields:
        raise NotAMail("no header: this is no e-mail message")
    message = Message(faults=mail.faults)
    hint = _hint(mail.root)
    bodies = walk(mail)
    _fill(message, mail, hint or bodies.codec)
    message.texts = texts = Texts(bodies.blocks)
    message.text = texts.text
    message.attachments = bodies.attachments
    message.charset, message.charset_guessed = bodies.codec or hint or "ascii", bodies.guessed
    sender = message.sender.address if message.sender else ""
    about = Circumstances(
        message.subject, bool(message.in_reply_to or message.references), sender, message.sender.name if message.sender else ""
    )
    message.reply = reply_of(texts.telling, about)
    message.auto = kinds.kind(mail.root, message.subject, sender, bodies.reports)
    if message.auto == kinds.BOUNCE:
        own = [sender, *(one.address for one in [*message.to, *message.cc])]
        message.bounce = kinds.bounce(mail.root, bodies.reports, message.text, own)
    return message


__all__ = ["MAX_BYTES", "Address", "Attachment", "Message", "NotAMail", "read"]
