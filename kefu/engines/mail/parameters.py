"""``Content-Type`` and ``Content-Disposition``: the value and its parameters, with RFC 2231 continuations and charsets."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from kefu.engines.mail import charsets

MAX_CHARACTERS = 16_000
_PARAMETER = re.compile(r';\s*([^\s=;"*]{1,60})(\*\d{1,4})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*+"?|[^;]*)')
_LOOSE = re.compile(r"\s(charset|boundary|name|filename)\s*=\s*(\"[^\"]*\"?|[^\s;]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")


def _plain(value: str, name: str) -> str:
    if not value.startswith('"'):
        return value.strip().strip("'") if name == "charset" else value.strip()
    value = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    return value if "\\" not in value else _unescaped(value)


def _unescaped(value: str) -> str:
    # A path of Windows is no escape: C:\new.txt keeps its signs.
    return _ESCAPED.sub(lambda found: found[1] if found[1] in '"\\' else found[0], value)


def parameters(header: str) -> tuple[str, dict[str, str]]:
    """The value and the parameters by small name. Extended values are decoded; the others stay Latin-1, byte for byte.

    A decoded value is marked by a leading NUL, so that ``headers.file_name`` knows that nothing is left to decode.
    """
    header = header[:MAX_CHARACTERS].replace("\r", " ").replace("\n", " ")
    value, sign, rest = header.partition(";")
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, number, extended, text in _PARAMETER.findall(sign + rest):
        name = name.lower()
        if number or extended:
            pieces.setdefault(name, {})[int(number[1:]) if number else 0] = (_plain(text, name), bool(extended))
        else:
            found.setdefault(name, _plain(text, name))
    for name, several in pieces.items():
        found[name] = "\0" + _joined(several)
    if " " in value or "\t" in value:
        for name, text in _LOOSE.findall(value):
            found.setdefault(name.lower(), text.strip('"'))
        value = (value.split() or [""])[0]
    return value.strip().strip('"'), found


def _joined(several: dict[int, tuple[str, bool]]) -> str:
    """The pieces in order: bytes first, text once, since a character may be cut between two pieces."""
    data, coded, charset = bytearray(), b"", ""
    for number in sorted(several):
        text, extended = several[number]
        if extended and number == min(several) and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw = text.encode("latin-1", "replace")
        if extended:
            coded += raw  # even %E5 may be cut between two pieces
        else:
            data += unquote_to_bytes(coded) + raw
            coded = b""
    return charsets.decode(bytes(data + unquote_to_bytes(coded)), charset).text
