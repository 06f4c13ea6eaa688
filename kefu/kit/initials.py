"""The first letters of Chinese words as people type them to find something: 您好 -> "nh"."""

from __future__ import annotations

from functools import lru_cache

# The first level of GB 2312 (3,755 signs, nearly all that is written) stands in the order of its readings; here each letter begins.
_BEGINS = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"), (0xB9FE, "h"),
    (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"),
    (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, ""),
)  # fmt: skip


def initials(text: str) -> str:
    """Small letters and digits as they are, a common Chinese sign by the first letter of its reading, all else left out."""
    return "".join(_letter(sign) for sign in text.casefold())


@lru_cache(8192)
def _letter(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else ""
    try:
        high, low = sign.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return ""
    place = high << 8 | low
    return next((letter for begin, letter in reversed(_BEGINS) if place >= begin), "")
