"""Header values to text: encoded words in every broken form that mailers make, raw bytes, file names."""

from __future__ import annotations

import binascii
import re
from functools import lru_cache

from kefu.engines.mail import charsets

MAX_CHARACTERS, SHORT = 64_000, 300
# The text of an encoded word may hold question marks that should have been coded.
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+*() -]{0,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,4})\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u0085\u2028\u2029]+")
_SPACES = re.compile(r"[ \t\n\x0b\x0c]+")
# Signs that turn the direction of writing make "exe.gpj" out of "jpg.exe".
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")


def unbase64(text: bytes) -> bytes:
    """Base64 with anything between its signs, cut or padded wrongly."""
    clean = _NOT_BASE64.sub(b"", text)
    clean = clean[:-1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _bytes_of(encoding: str, text: str) -> bytes:
    raw = text.encode("latin-1", "replace")
    if encoding in "bB":
        return unbase64(raw)
    return _HEX.sub(lambda found: bytes((int(found[1], 16),)), raw.replace(b"_", b" "))


def _run(words: list[tuple[str, str, str]], hint: str) -> str:
    """Neighbouring encoded words: bytes are joined as long as the charset stays, since mailers cut in the middle of a character."""
    out: list[str] = []
    data, label, open_base64 = b"", "", ""
    for charset, encoding, text in words:
        same = charset.lower() == label.lower()
        if open_base64 and not (same and encoding in "bB"):
            data += _bytes_of("b", open_base64)
            open_base64 = ""
        if not same:
            out.append(charsets.decode(data, label, hint).text)
            data, label = b"", charset
        if encoding in "bB":
            open_base64 += text.strip()
            if open_base64.endswith("=") or len(open_base64) % 4 == 0:
                data += _bytes_of("b", open_base64)
                open_base64 = ""
        else:
            data += _bytes_of(encoding, text)
    if open_base64:
        data += _bytes_of("b", open_base64)
    out.append(charsets.decode(data, label, hint).text)
    return "".join(out)


def _bare(text: str, hint: str) -> str:
    return text if text.isascii() else charsets.decode(text.encode("latin-1", "replace"), "", hint).text


def clean(text: str) -> str:
    """One line without control characters; what cannot be written as UTF-8 is replaced."""
    text = _SPACES.sub(" ", _CONTROLS.sub(" ", text)).strip()
    return text if text.isprintable() else text.encode("utf-8", "replace").decode("utf-8")


def unstructured(value: str, hint: str = "") -> str:
    """The text of a header value that holds its bytes as Latin-1. ``hint`` is the charset of the body, for raw bytes."""
    # The same people write about the same matters, so short values come again and again.
    return _remembered(value, hint) if len(value) < SHORT else _unstructured(value[:MAX_CHARACTERS], hint)


def _unstructured(value: str, hint: str) -> str:
    if "=?" not in value:
        if value.isascii() and "\x1b" not in value and "~{" not in value:
            return clean(value)
        return clean(charsets.decode(value.encode("latin-1", "replace"), "", hint).text)
    out: list[str] = []
    words: list[tuple[str, str, str]] = []
    at = 0
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        if words and between.strip():
            out.append(_run(words, hint))
            words = []
        if between.strip() or not words:
            out.append(_bare(between, hint))
        words.append((found[1].strip(), found[2], found[3]))
        at = found.end()
    if words:
        out.append(_run(words, hint))
    out.append(_bare(value[at:], hint))
    text = "".join(out)
    if "=?" in text and at and _WORD.search(text) and text.isascii():
        return unstructured(text, hint) if text != value and len(text) < len(value) else clean(text)  # coded twice
    return clean(text)


_remembered = lru_cache(maxsize=2048)(_unstructured)


def file_name(value: str, hint: str = "") -> str:
    """The name of a file as a parameter gave it: no path, no sign that hides its end."""
    text = clean(value[1:]) if value.startswith("\0") else unstructured(value, hint)
    if "=?" in text:
        text = unstructured(text.encode("latin-1", "ignore").decode("latin-1") if text.isascii() else "", hint) or text
    if _PERCENT.search(text) and text.isascii():
        from urllib.parse import unquote_to_bytes

        text = charsets.decode(unquote_to_bytes(text), "", hint).text
    text = _DIRECTIONS.sub("", clean(text)).replace("\\", "/").rpartition("/")[2].strip(" .\"'")
    if len(text) > 200:
        stem, dot, ending = text.rpartition(".")
        text = stem[:180] + dot + ending[:19] if dot and len(ending) < 20 else text[:200]
    return text
