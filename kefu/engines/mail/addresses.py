"""Address lists, however broken: Chinese names, names with commas outside quotes, groups, comments, raw bytes, addresses in addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kefu.engines.mail.headers import unstructured

SHORT = 300
MAX_CHARACTERS, MAX_ADDRESSES, MAX_NAME, MAX_ESCAPES = 2_000_000, 20_000, 2000, 2000
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)|(?P<comment>\((?:[^()\\]|\\.)*+\))|(?P<angle><[^<>]*+>)'
    r"|(?P<sign>[,;:，；])|(?P<bare>[^\s\"<>(),;:=]+|.)|(?P<space>\s+)",
    re.DOTALL,
)
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]{1,200}@[^\s<>()\",;:@]{1,255}")
_AROUND = '"\u0027 ,;，；、'
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True, frozen=True)
class Address:
    """One mailbox. ``address`` may be empty if only a name was there."""

    name: str
    address: str


def _address(text: str) -> str:
    text = text.strip().strip("<>'\" ").removeprefix("mailto:")
    if "=?" in text:
        text = unstructured(text)
    found = _ADDRESS.search(text)
    address = found[0] if found else text.replace(" ", "")
    local, at, domain = address.rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}" if at else address[:320]


def _made(name: str, angle: str, comment: str, hint: str) -> Address | None:
    """The address out of what stood between two commas."""
    if angle:
        address = _address(angle)
        shown = unstructured(name, hint)
    else:
        name = name[:MAX_NAME]
        found = _ADDRESS.search(name) if "@" in name else None
        decoded = False
        if not found and "=?" in name:
            name, decoded = unstructured(name, hint), True
            found = _ADDRESS.search(name)
        address = _address(found[0]) if found else ""
        shown = name[: found.start()] + name[found.end() :] if found else name
        shown = shown if decoded or not shown else unstructured(shown, hint)
        shown = shown.replace("<>", "") or unstructured(comment, hint)
    shown = shown.strip(_AROUND)
    if not address and _ADDRESS.fullmatch(shown):
        shown, address = "", _address(shown)
    if shown.casefold() == address.casefold() or not shown.strip("<>[] "):
        shown = ""
    return Address(shown, address) if shown or address else None


class _Reader:
    """Goes through the tokens and keeps what belongs to the address at hand."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        self.found: list[Address] = []
        self.name: list[str] = []
        self.angle, self.comment = "", ""

    def close(self) -> None:
        name = "".join(self.name)
        if not self.angle and name.count("@") > 1 and len(several := _ADDRESS.findall(name[:2000])) > 1:
            self.found += [Address("", _address(one)) for one in several]
        elif name or self.angle or self.comment:
            made = _made(name, self.angle, self.comment, self.hint)
            if made:
                self.found.append(made)
        self.name, self.angle, self.comment = [], "", ""

    def comma(self, sign: str) -> None:
        """A comma without an address before it belongs to a name that should have been in quotes."""
        name = "".join(self.name)
        if (
            self.angle
            or ("@" in name and _ADDRESS.search(name[:MAX_NAME]))
            or not name.strip()
            or "=?" in name
            or len(self.name) > 50
            or sign in ";；"
        ):
            self.close()
        else:
            self.name.append(sign + " ")

    def take(self, kind: str, text: str) -> None:
        if kind == "quoted":
            inner = text[1:-1]
            self.name.append(_ESCAPED.sub(r"\1", inner) if "\\" in inner else inner)
        elif kind == "angle":
            if self.angle:
                self.close()
            self.angle = text[1:-1] or " "
        elif kind == "comment":
            self.comment = self.comment or text[1:-1]
        elif kind == "sign" and text == ":":
            name = "".join(self.name).strip()
            if name.lower() not in {"mailto", "smtp"} and not self.angle and "@" not in name:
                self.name = []  # the name of a group
            elif name.lower() in {"mailto", "smtp"}:
                self.name = []
        elif kind == "sign":
            self.comma(text)
        elif self.angle and kind != "space":
            self.close()  # the comma was forgotten
            self.name.append(text)
        else:
            self.name.append(" " if kind == "space" else text)


def addresses(value: str, hint: str = "") -> list[Address]:
    """The mailboxes of a header value that holds its bytes as Latin-1."""
    return list(_remembered(value, hint)) if len(value) < SHORT else _read(value, hint)


def _read(value: str, hint: str) -> list[Address]:
    reader = _Reader(hint)
    if value.count("\\") > MAX_ESCAPES:
        value = value.replace("\\", "")  # escaped quotes without end would be looked for again and again
    for token in _TOKEN.finditer(value[:MAX_CHARACTERS]):
        reader.take(token.lastgroup or "bare", token.group())
        if len(reader.found) >= MAX_ADDRESSES:
            break
    reader.close()
    return reader.found


_remembered = lru_cache(maxsize=2048)(_read)
