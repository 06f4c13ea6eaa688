"""Outlook's ``winmail.dat`` (MS-OXTNEF): which files are in it. Only lengths are followed; nothing is unpacked."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from kefu.engines.mail import charsets

_SIGNATURE = 0x223E9F78
_NEW, _DATA, _TITLE, _PROPERTIES, _BODY = 0x9002, 0x800F, 0x8010, 0x9005, 0x800C
_LONG_NAME, _CONTENT, _MIME, _ANSI, _UNICODE = 0x3707, 0x3701, 0x370E, 0x1E, 0x1F
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x0D, _ANSI, _UNICODE, 0x102}
MAX_ATTRIBUTES, MAX_VALUES = 5000, 1000


@dataclass(slots=True)
class Enclosed:
    """A file inside."""

    name: str = ""
    content: bytes = b""
    type: str = ""


class _Properties:
    """Walks the MAPI properties of one attachment."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self) -> int:
        value: int = struct.unpack_from("<I", self.data, self.at)[0]
        self.at += 4
        return value

    def padded(self) -> bytes:
        size = self.number()
        value = self.data[self.at : self.at + size]
        self.at += (size + 3) // 4 * 4
        return value

    def read(self, into: Enclosed) -> None:
        for _ in range(min(self.number(), MAX_VALUES)):
            kind, name = struct.unpack_from("<HH", self.data, self.at)
            self.at += 4
            if name >= 0x8000:
                self.at += 16
                if self.number() == 0:
                    self.at += 4
                else:
                    self.padded()
            several, kind = kind & 0x1000, kind & 0x0FFF
            count = self.number() if several or kind in _VARIABLE else 1
            if count > MAX_VALUES:
                return
            for _value in range(count):
                if kind in _VARIABLE:
                    self.take(into, kind, name, self.padded())
                elif kind in _FIXED:
                    self.at += _FIXED[kind]
                else:
                    return

    def take(self, into: Enclosed, kind: int, name: int, value: bytes) -> None:
        if name == _CONTENT and kind == 0x102:
            into.content = into.content or value
        elif name in (_LONG_NAME, _MIME):
            text = value.decode("utf-16-le", "replace") if kind == _UNICODE else charsets.decode(value).text
            if name == _LONG_NAME:
                into.name = text.strip("\0")
            else:
                into.type = text.strip("\0")


def enclosed(data: bytes) -> tuple[list[Enclosed], str]:
    """The files in a winmail.dat, and its plain text; what is cut or broken is left out."""
    found: list[Enclosed] = []
    text, at = "", 6
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return [], ""
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(data):
            break
        name, size = struct.unpack_from("<xHxxI", data, at)
        value = data[at + 9 : at + 9 + size]
        at += 9 + size + 2
        if name == _NEW:
            found.append(Enclosed())
        elif name == _BODY:
            text = charsets.decode(value.strip(b"\0")).text
        elif found and name == _TITLE:
            found[-1].name = found[-1].name or charsets.decode(value.split(b"\0")[0]).text
        elif found and name == _DATA:
            found[-1].content = value
        elif found and name == _PROPERTIES:
            try:
                _Properties(value).read(found[-1])
            except struct.error:
                continue
    return found, text
