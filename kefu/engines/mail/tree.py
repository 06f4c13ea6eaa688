"""Bytes to a tree of MIME parts. Parts are places in the one buffer, so a mail of 50 MB is never copied part by part.

Own code, because the parser of Python walks line by line (ten times slower), copies, and recurses. Depth, parts and fields are bounded;
what lies beyond a bound stays one opaque part, and ``Mail.faults`` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kefu.engines.mail.parameters import parameters

MAX_DEPTH, MAX_PARTS, MAX_FIELDS = 30, 1000, 2000
MAX_JUNK_LINES, LOOK_AHEAD = 20, 4000
_FIELD = re.compile(rb"([!-9;-~]{1,300})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_KNOWN = re.compile(
    rb"(?im)^(?:content-[a-z-]{2,20}|mime-version|subject|from|to|cc|date|message-id|received|reply-to|return-path|x-[\w-]{1,40})[ \t]*:"
)
_BLANK = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_GUESSED_BOUNDARY = re.compile(rb"(?m)^--(\S[^\r\n]{0,70}?)[ \t]*\r?\n(?=content-[a-z-]{2,20}:)", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}")


@dataclass(slots=True)
class Part:
    """One part: its raw header fields, and where its body stands in the buffer."""

    fields: list[tuple[str, bytes]]
    start: int
    end: int
    type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    first: dict[str, bytes] = field(default_factory=dict)

    def raw(self, name: str) -> bytes:
        """The first value of a field, unfolded; empty if there is none."""
        if not self.first:
            self.first = dict(reversed(self.fields))
        value = self.first.get(name, b"")
        return (_FOLD.sub(b"", value) if b"\n" in value else value).strip()

    def get(self, name: str) -> str:
        """The first value of a field, byte for byte as Latin-1."""
        return self.raw(name).decode("latin-1")

    def all(self, name: str) -> list[str]:
        """Every value of a field, byte for byte as Latin-1."""
        return [_FOLD.sub(b"", value).strip().decode("latin-1") for found, value in self.fields if found == name]


@dataclass(slots=True)
class Mail:
    """A message as it came: the bytes, the tree of its parts, and what was out of bounds."""

    data: bytes
    root: Part
    faults: list[str]

    def body(self, part: Part) -> bytes:
        """The bytes of a part as they stand in the message."""
        return self.data[part.start : part.end]


def normal(data: bytes) -> bytes:
    """The same mail with line ends that can be found: UTF-16 as UTF-8, bare CR as LF, no byte order mark, no leading blanks."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data[:1] in (b"\n", b"\r", b" ", b"\t", b"\0"):
        data = data.lstrip(b"\r\n \t\0")
    if b"\n" not in data[:20_000] and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    return data


def _head(data: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int]:
    """The fields that begin at ``start``, and where the body begins. Lines that are no fields end the head, unless fields follow them."""
    fields: list[tuple[str, bytes]] = []
    at, junk = start, 0
    while at < end:
        if data[at] == 10 or data[at : at + 2] == b"\r\n":
            return fields, at + (1 if data[at] == 10 else 2)
        found = _FIELD.match(data, at, end)
        if found:
            if len(fields) < MAX_FIELDS:
                fields.append((found[1].decode("ascii").lower(), found[2]))
            at = found.end()
            continue
        stop = data.find(b"\n", at, end) + 1 or end
        blank = _BLANK.search(data, at, min(end, at + LOOK_AHEAD))
        if data.startswith((b"From ", b">From "), at) and not fields:
            at = stop
        elif junk < MAX_JUNK_LINES and _KNOWN.search(data, at, blank.start() + 1 if blank else min(end, at + LOOK_AHEAD)):
            junk += 1
            if fields and not (b"\xff" >= data[at : at + 1] >= b"\x80") and data[at] > 32:
                pass
            elif fields:
                fields[-1] = (fields[-1][0], fields[-1][1] + b" " + data[at:stop].strip())
            at = stop
        else:
            return fields, at
    return fields, end


def _part(data: bytes, start: int, end: int, default: str) -> Part:
    fields, body = _head(data, start, end)
    part = Part(fields, body, max(body, end), default)
    declared = part.get("content-type")
    if declared:
        value, part.params = parameters(declared)
        value = value.lower().replace(" ", "")
        part.type = value if _TYPE.fullmatch(value) else _mended_type(value, default)
    return part


def _mended_type(value: str, default: str) -> str:
    if value in {"text", "plain", ""}:
        return "text/plain"
    return "text/html" if "html" in value else "application/octet-stream" if "/" in value else default


def split(data: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """The places between the delimiters of a multipart body. A missing last delimiter is no fault."""
    mark = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened, at = -1, start
    while len(spans) < MAX_PARTS:
        at = data.find(mark, at, end)
        if at < 0:
            break
        after = at + len(mark)
        if at > start and data[at - 1] not in b"\r\n":
            at = after
            continue
        stop = data.find(b"\n", after, end)
        stop = end if stop < 0 else stop
        rest = data[after : min(stop, after + 80)].strip()
        closing = rest.startswith(b"--")
        if rest and not closing:
            at = after
            continue
        if opened >= 0:
            spans.append((opened, _before(data, opened, at)))
        opened, at = (-1 if closing else min(stop + 1, end)), stop
    if opened >= 0 and opened < end and len(spans) < MAX_PARTS:
        spans.append((opened, end))
    return spans


def _before(data: bytes, start: int, at: int) -> int:
    """The end of a part: the line end before the delimiter belongs to the delimiter."""
    if at > start and data[at - 1] == 10:
        at -= 1
    if at > start and data[at - 1] == 13:
        at -= 1
    return max(start, at)


def parse(data: bytes) -> Mail:
    """The tree of a message; never raises. A text without any header is a tree without fields."""
    data = normal(data)
    faults: list[str] = []
    root = _part(data, 0, len(data), "text/plain")
    waiting, count = [(root, 0)], 1
    while waiting:
        part, depth = waiting.pop()
        if not part.type.startswith("multipart/"):
            continue
        if depth >= MAX_DEPTH or count >= MAX_PARTS:
            part.type = "application/octet-stream"
            faults.append("too deep" if depth >= MAX_DEPTH else "too many parts")
            continue
        boundary = part.params.get("boundary", "").encode("latin-1", "replace").rstrip()
        spans = split(data, part.start, part.end, boundary) if boundary else []
        if not spans and (guess := _GUESSED_BOUNDARY.search(data, part.start, min(part.end, part.start + 20_000))):
            spans = split(data, part.start, part.end, guess[1])
        if not spans:
            faults.append("no parts")
            part.type = "text/plain"
            continue
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        part.parts = [_part(data, start, end, default) for start, end in spans[: MAX_PARTS - count + 1]]
        count += len(part.parts)
        waiting.extend((child, depth + 1) for child in part.parts)
    return Mail(data, root, sorted(set(faults)))
