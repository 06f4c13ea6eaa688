"""The parts of a mail as a reader sees them: texts in order, pictures in the text, attachments."""

from __future__ import annotations

import hashlib
import html as entities
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from kefu.engines.mail import calendars, charsets, tnef, transfer
from kefu.engines.mail.headers import file_name, unstructured
from kefu.engines.mail.parameters import parameters
from kefu.engines.mail.tree import Mail, Part, parse

MAX_TEXT, MAX_HELD = 4_000_000, 1_000_000
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HTML_START = re.compile(r"\s*(?:<!--.{0,200}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_NO_HTML = re.compile(r"HTML|html|多部分|multi-?part|不支持|無法顯示|无法显示")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "message/rfc822": "eml",
    "application/msword": "doc",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/ms-tnef": "dat",
    "application/pkcs7-signature": "p7s",
    "application/pgp-signature": "asc",
}


@dataclass(slots=True)
class Attachment:
    """A file of a mail. ``content()`` makes its bytes anew, so that a large mail is not held twice; a few small ones are kept."""

    name: str
    type: str
    size: int
    sha256: str
    inline: bool
    cid: str
    content: Callable[[], bytes]


@dataclass(slots=True)
class Block:
    """A stretch of the mail that is read in order: as text, as HTML, or both alternatives of the same."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Bodies:
    """What the walk found."""

    blocks: list[Block] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    codec: str = ""
    guessed: bool = False
    reports: list[str] = field(default_factory=list)


class _Walk:
    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.found = Bodies()
        self.held = 0

    # Texts -----------------------------------------------------------------------------------------------------------
    def bytes_of(self, part: Part, *, text: bool) -> bytes:
        return transfer.decoded(self.mail.body(part), part.get("content-transfer-encoding"), text=text)

    def text_of(self, part: Part) -> Block:
        """A text part, in its charset; HTML that calls itself plain is HTML."""
        data = self.bytes_of(part, text=True)
        if b"\nbegin " in data or data.startswith(b"begin "):
            data, files = transfer.uuencoded(data)
            for name, content in files:
                self.keep(file_name(name.decode("latin-1"), self.found.codec), "application/octet-stream", content, partial(bytes, content))
        label = part.params.get("charset", "").removeprefix("\0")
        if part.type == "text/html" and not charsets.codec_of(label) and (meta := _META.search(data, 0, 4000)):
            label = meta[1].decode("ascii")
        made = charsets.decode(data[:MAX_TEXT], label, self.found.codec)
        if not data.isascii():
            self.found.codec = self.found.codec or made.codec
            self.found.guessed = self.found.guessed or made.guessed
        text = made.text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in made.text else made.text
        if _NO_TEXT.search(text):
            text = _NO_TEXT.sub("", text)
        if part.type == "text/html" or (part.type == "text/plain" and _HTML_START.match(text)):
            return Block(html=text)
        if part.type in ("text/enriched", "text/richtext"):
            return Block(text=entities.unescape(re.sub(r"</?[A-Za-z-]{1,30}>", "", text)))
        if part.params.get("format", "").lower() == "flowed":
            text = transfer.unflowed(text, delete_space=part.params.get("delsp", "").lower() == "yes")
        return Block(text=text)

    # Files -----------------------------------------------------------------------------------------------------------
    def keep(self, name: str, kind: str, content: bytes, again: Callable[[], bytes], *, inline: bool = False, cid: str = "") -> None:
        name = name or f"attachment-{len(self.found.attachments) + 1}.{_ENDINGS.get(kind, 'bin')}"
        digest = hashlib.sha256(content).hexdigest()
        self.found.attachments.append(Attachment(name, kind, len(content), digest, inline, cid, again))

    def attach(self, part: Part, disposition: str, name: str) -> None:
        """A part that is a file. What is inside a winmail.dat is listed beside it."""
        content = self.bytes_of(part, text=False)
        if part.type == "message/rfc822" and not name:
            subject = unstructured(parse(content[:100_000]).root.get("subject"))
            name = file_name(re.sub(r'[/\\:*?"<>|]', "_", subject)[:80].encode("utf-8").decode("latin-1")) + ".eml" if subject else ""
        cid = part.get("content-id").strip("<> ")
        inline = bool(cid and disposition != "attachment") or (disposition == "inline" and part.type.startswith("image/"))
        self.held += len(content)
        again = partial(bytes, content) if self.held <= MAX_HELD else lambda: self.bytes_of(part, text=False)
        self.keep(name, part.type, content, again, inline=inline, cid=cid)
        if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
            files, text = tnef.enclosed(content)
            for one in files[:200]:
                kind = one.type.lower() or "application/octet-stream"
                self.keep(file_name("\0" + one.name), kind, one.content, partial(bytes, one.content))
            if text.strip() and not self.found.blocks:
                self.found.blocks.append(Block(text=text.replace("\r\n", "\n")))

    # The tree --------------------------------------------------------------------------------------------------------
    def leaf(self, part: Part, *, body: bool) -> list[Block]:
        """A text is part of the letter unless it is named or said to be a file."""
        raw = part.get("content-disposition")
        disposition, names = parameters(raw) if raw else ("", {})
        given = names.get("filename") or part.params.get("name") or names.get("name") or ""
        name = file_name(given, self.found.codec) if given else ""
        disposition = disposition.lower()
        if part.type in ("message/delivery-status", "message/disposition-notification", "message/global-delivery-status"):
            self.found.reports.append(self.bytes_of(part, text=True)[:50_000].decode("utf-8", "replace"))
            return []
        letter = part.type in ("text/plain", "text/html", "text/enriched", "text/richtext") and disposition != "attachment"
        if letter and (not name or (body and not raw)):
            return [self.text_of(part)]
        self.attach(part, disposition, name)
        if part.type == "text/calendar" and body:
            said = calendars.summary(charsets.decode(self.bytes_of(part, text=True)[:200_000], part.params.get("charset", "")).text)
            return [Block(text=said)] if said else []
        return []

    def blocks(self, part: Part, *, body: bool = True) -> list[Block]:
        """The blocks of a part, its files kept on the way."""
        if not part.parts:
            # A multipart without parts, or a message that the tree left closed.
            return self.leaf(part, body=body)
        if part.type == "multipart/alternative":
            return self.alternative(part)
        out: list[Block] = []
        for child in self.ordered(part):
            first = not any(one.text or one.html for one in out)
            out += self.blocks(child, body=body and first)
        return out

    def ordered(self, part: Part) -> list[Part]:
        """The root of ``multipart/related`` first, wherever it stands."""
        start = part.params.get("start", "").strip("<> ")
        if part.type != "multipart/related" or not start:
            return part.parts
        return sorted(part.parts, key=lambda child: child.get("content-id").strip("<> ") != start)

    def alternative(self, part: Part) -> list[Block]:
        texts: list[str] = []
        pages: list[str] = []
        for child in part.parts:
            inner = self.blocks(child)
            text = "\n".join(block.text for block in inner if block.text)
            page = "<br>".join(block.html for block in inner if block.html)
            calendar = child.type == "text/calendar" and (texts or pages)
            if text.strip() and not calendar:
                texts.append(text)
            if page.strip():
                pages.append(page)
        text = texts[0] if texts else ""
        if pages and len(text) < 300 and _NO_HTML.search(text) and len(pages[-1]) > 2 * len(text):
            text = ""
        if pages and "&nbsp;" in text:
            text = entities.unescape(text).replace("\xa0", " ")
        return [Block(text or None, pages[-1] if pages else None)] if texts or pages else []


def walk(mail: Mail) -> Bodies:
    """The texts and the files of a mail."""
    walker = _Walk(mail)
    blocks = walker.blocks(mail.root)
    walker.found.blocks = [block for block in [*blocks, *walker.found.blocks] if (block.text or "").strip() or (block.html or "").strip()]
    return walker.found
