"""Content-Transfer-Encoding as it is, not as it is called: base64, quoted-printable, uuencode, and bodies that were labelled wrongly."""

from __future__ import annotations

import binascii
import re

import pybase64

from kefu.engines.mail.headers import unbase64

_BASE64_BODY = re.compile(rb"\s*(?:[A-Za-z0-9+/]{40,}+[ \t]*\r?\n)*+[A-Za-z0-9+/]*+={0,2}\s*")
_BASE64_SIGN = re.compile(rb"[A-Za-z0-9+/=\s]*+")
_BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n \t"
_SOFT_BLANK = re.compile(rb"=[ \t]+\r?\n")
_CODED_HIGH = re.compile(rb"=[89A-Fa-f][0-9A-Fa-f]")
_BEGIN = re.compile(rb"(?:^|\n)begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[ -`]|end)")
_CONTROLS = bytes([*range(9), *range(14, 27)])
SAMPLE, MAX_UUENCODED, MAX_PADDING = 2000, 100, 80


def _is_base64(data: bytes) -> bool:
    sample = data[:SAMPLE]
    return len(sample.translate(None, _BASE64_SIGNS)) * 20 <= len(sample)


def _from_base64(data: bytes) -> bytes:
    if data.find(b"=", 0, max(0, len(data) - MAX_PADDING)) >= 0 or b"=" in data[-MAX_PADDING:].rstrip(b"= \r\n\t"):
        # Several pieces, each padded, were put one behind the other; a footer of a list may follow.
        return b"".join(map(unbase64, data.split(b"=")))
    try:
        return pybase64.b64decode(data)  # as binascii does, at ten times its speed: most of a letter's bytes pass here
    except binascii.Error:
        return unbase64(data)


def _from_quoted(data: bytes) -> bytes:
    return binascii.a2b_qp(_SOFT_BLANK.sub(b"=\n", data) if b"= " in data or b"=\t" in data else data)


def _words_of_text(data: bytes) -> bool:
    """Whether base64 that nobody declared holds a text: no control characters."""
    return bool(data) and len(data[:SAMPLE].translate(None, _CONTROLS)) == len(data[:SAMPLE])


def decoded(data: bytes, encoding: str, *, text: bool) -> bytes:
    """The bytes that were sent. ``text`` parts are looked at again if the encoding does not fit."""
    encoding = encoding.lower().strip(" \t\"';")[:40]
    if encoding.startswith("base64") or encoding == "b":
        if _is_base64(data) and not (text and _CODED_HIGH.search(data[:SAMPLE])):
            return _from_base64(data)
        return _from_quoted(data) if text and _CODED_HIGH.search(data[:SAMPLE]) else data
    if encoding.startswith("quoted") or encoding == "q":
        if text and b"=" not in data[:-4] and len(data) >= 80 and _looks_base64(data):
            return _from_base64(data)
        return _from_quoted(data)
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        found = uuencoded(data)[1]
        return found[0][1] if found else data
    if text and encoding in {"", "7bit", "8bit", "binary"} and data.isascii():
        if _looks_base64(data):
            return _from_base64(data)
        if len(_CODED_HIGH.findall(data[:SAMPLE])) >= 6:
            return _from_quoted(data)
    return data


def _looks_base64(data: bytes) -> bool:
    head = data[:80].strip()
    if len(head) < 40 or b" " in head or not _BASE64_SIGN.fullmatch(data[:SAMPLE]):
        return False
    if not _BASE64_BODY.fullmatch(data) or len(b"".join(data[:200_000].split())) % 4:
        return False
    try:
        return _words_of_text(binascii.a2b_base64(b"".join(data[: SAMPLE * 2].split())[:SAMPLE]))
    except binascii.Error:
        return False


def uuencoded(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A text without the files that were written into it, and those files: name and content."""
    found: list[tuple[bytes, bytes]] = []
    out: list[bytes] = []
    at = 0
    while len(found) < MAX_UUENCODED:
        start = _BEGIN.search(data, at)
        stop = data.find(b"\nend", start.end() - 1) if start else -1
        if start is None or stop < 0:
            break
        content = bytearray()
        for row in data[start.end() : stop + 1].splitlines():
            content += _row(row)
        out.append(data[at : start.start() + 1])
        found.append((start[1].strip(), bytes(content)))
        at = stop + 4
    return (b"".join([*out, data[at:]]) if found else data), found


def _row(row: bytes) -> bytes:
    try:
        return binascii.a2b_uu(row)
    except binascii.Error:
        # A row may be longer than it says.
        size = ((row[0] - 32) & 63) * 4 // 3 + 2 if row else 0
        try:
            return binascii.a2b_uu(row[:size])
        except binascii.Error:
            return b""


def unflowed(text: str, *, delete_space: bool) -> str:
    """``format=flowed`` (RFC 3676) as paragraphs: a line that ends with a blank goes on in the next one of the same depth."""
    out: list[str] = []
    open_depth = -1
    for row in text.split("\n"):
        bare = row.lstrip(">")
        depth = len(row) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare
        flows = bare.endswith(" ") and bare != "-- "
        piece = bare[:-1] if flows and delete_space else bare
        if open_depth == depth and bare != "-- ":
            out.append(piece)
        else:
            out.append(("\n" if out else "") + (">" * depth + " " if depth else "") + piece)
        open_depth = depth if flows else -1
    return "".join(out)
