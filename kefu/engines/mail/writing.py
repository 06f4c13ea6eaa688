"""Letters that go out: a plain text and the same as simple HTML, with files; every header one line, whatever it was made from."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

_POLICY = policy.SMTP.clone(max_line_length=76)
MOST_ADDRESS = 254  # RFC 3696, erratum 1690
_ANSWERED = re.compile(r"\s*(?:re|回复|回覆|答复)\s*[:：]", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TYPED = re.compile(r'(?P<name>(?:"[^"\r\n]*"|[^"<>,;，；、\r\n])*)<\s*(?P<angle>[^<>\s]+)\s*>|(?P<bare>[^,;，；、\r\n]+)')
_QUOTE = "margin:1em 0 0;padding-left:.8em;border-left:2px solid #ccc;color:#555"


class Unwritable(ValueError):
    """This is no address that a letter can be sent to."""


@dataclass(frozen=True)
class Enclosure:
    name: str
    type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """``text`` is what was written, with the signature; ``quoted`` the letter it answers, under ``head`` ("Zhang wrote:")."""

    identifier: str
    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    text: str
    at: datetime
    head: str = ""
    quoted: str = ""
    reply_to: str = ""
    answers: str = ""
    references: Sequence[str] = ()
    files: Sequence[Enclosure] = ()
    automatic: bool = False
    cc: Sequence[tuple[str, str]] = ()


def line(text: str) -> str:
    """``text`` as it may stand in a header."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def answering(subject: str) -> str:
    """The subject of an answer."""
    return subject if _ANSWERED.match(subject) else f"Re: {subject}"


def plain(letter: Outgoing) -> str:
    """The text with the quoted letter under it."""
    if not letter.quoted:
        return letter.text
    quoted = "\n".join(f"> {one}".rstrip() for one in letter.quoted.split("\n"))
    return f"{letter.text}\n\n{letter.head}\n{quoted}"


def _page(letter: Outgoing) -> str:
    def paragraphs(text: str) -> str:
        return html.escape(text).replace("\n", "<br>\n")

    quoted = ""
    if letter.quoted:
        quoted = f'<div>{html.escape(letter.head)}</div><blockquote type="cite" style="{_QUOTE}">{paragraphs(letter.quoted)}</blockquote>'
    return f"<!doctype html><html><body><div>{paragraphs(letter.text)}</div>{quoted}</body></html>"


def _address(name: str, address: str) -> Address:
    try:
        made = Address(line(name)[:100], addr_spec=address.strip())
        str(made).encode()
        address.encode("ascii")
    except (ValueError, IndexError, AttributeError, MessageError) as error:
        raise Unwritable(address[:100]) from error
    if not made.domain or len(address) > MOST_ADDRESS:
        raise Unwritable(address[:100])
    return made


def typed(text: str) -> list[tuple[str, str]]:
    """The addresses that a person typed, names with them: commas, semicolons, spaces and lines part them. Raises ``Unwritable``."""
    found = []
    for one in _TYPED.finditer(text):
        name = line((one["name"] or "").strip(' "'))[:100]
        for address in [one["angle"]] if one["angle"] else one["bare"].split():
            _address(name, address)
            found.append((name, address))
    return found


def written(letter: Outgoing) -> bytes:
    """The bytes of the letter. Raises ``Unwritable``."""
    made = EmailMessage(policy=_POLICY)
    made["From"] = _address(*letter.sender)
    made["To"] = _address(*letter.to)
    if letter.cc:
        made["Cc"] = [_address(*one) for one in letter.cc]
    if letter.reply_to:
        made["Reply-To"] = _address("", letter.reply_to)
    made["Subject"] = line(letter.subject)[:400]
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = letter.identifier
    if letter.automatic:  # RFC 3834, and what Exchange asks for: no machine answers this one
        made["Auto-Submitted"] = "auto-replied"
        made["X-Auto-Response-Suppress"] = "All"
    if letter.answers:
        made["In-Reply-To"] = letter.answers
        made["References"] = " ".join(
            [*letter.references, letter.answers] if letter.answers not in letter.references else letter.references
        )
    made.set_content(_CONTROLS.sub(" ", plain(letter)), cte="base64")
    made.add_alternative(_CONTROLS.sub(" ", _page(letter)), subtype="html", cte="base64")
    for one in letter.files:
        kind, _slash, sub = one.type.partition("/")
        if kind in ("message", "multipart", "") or not sub:
            kind, sub = "application", "octet-stream"
        made.add_attachment(one.data, maintype=kind, subtype=sub, filename=line(one.name) or "file")
    return made.as_bytes()
