"""How long an SMS is, and into which parts it is cut (3GPP TS 23.038, 23.040). Pure functions."""

from __future__ import annotations

from typing import NamedTuple

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
_CODES = {char: code for code, char in enumerate(BASIC) if char != "\x1b"}
_CHARS = {code: char for char, code in EXTENDED.items()}
SEVEN_ONE, SEVEN_PART, WIDE_ONE, WIDE_PART = 160, 153, 70, 67


class Length(NamedTuple):
    """``units`` of the alphabet in which the text travels, and the ``parts`` that are paid for."""

    units: int
    parts: int
    wide: bool


def is_seven(text: str) -> bool:
    """Whether the GSM alphabet of seven bits holds the text."""
    return all(char in _CODES or char in EXTENDED for char in text)


def width(char: str, *, wide: bool) -> int:
    """How many units a character takes: a code unit of UTF-16, or a septet."""
    if wide:
        return 2 if ord(char) > 0xFFFF else 1
    return 2 if char in EXTENDED else 1


def parts(text: str) -> list[str]:
    """The text as it is cut: one part of 160 (70) characters, or parts of 153 (67); no character is torn."""
    wide = not is_seven(text)
    one, each = (WIDE_ONE, WIDE_PART) if wide else (SEVEN_ONE, SEVEN_PART)
    if sum(width(char, wide=wide) for char in text) <= one:
        return [text]
    found, held, units = [], "", 0
    for char in text:
        size = width(char, wide=wide)
        if units + size > each:
            found.append(held)
            held, units = "", 0
        held += char
        units += size
    return [*found, held]


def measure(text: str) -> Length:
    wide = not is_seven(text)
    return Length(sum(width(char, wide=wide) for char in text), len(parts(text)), wide)


def encode_seven(text: str) -> bytes:
    """One octet a septet, as SMPP carries the default alphabet. Raises ``UnicodeEncodeError``."""
    made = bytearray()
    for place, char in enumerate(text):
        if char in EXTENDED:
            made += bytes((0x1B, EXTENDED[char]))
        elif char in _CODES:
            made.append(_CODES[char])
        else:
            raise UnicodeEncodeError("gsm7", text, place, place + 1, "not in the alphabet")
    return bytes(made)


def decode_seven(data: bytes) -> str:
    """What is no character of the alphabet becomes a question mark."""
    made, escaped = [], False
    for code in data:
        if escaped:
            made.append(_CHARS.get(code, "?"))
            escaped = False
        elif code == 0x1B:
            escaped = True
        else:
            made.append(BASIC[code] if code < len(BASIC) else "?")
    return "".join(made)
