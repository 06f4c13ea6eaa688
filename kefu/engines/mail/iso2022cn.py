"""ISO-2022-CN (RFC 1922), which Python does not read: GB 2312 and CNS 11643 planes 1 and 2 by shifts.

The characters of CNS planes 1 and 2 stand in the order of Big5, so a place in the one tells the place in the other; the few that were
moved between the two come out as their neighbours.
"""

from __future__ import annotations

import re

_TOKENS = re.compile(rb"\x1b\$\)([AGE])|\x1b\$\*(H)|\x0e|\x0f|\x1bN([\x21-\x7e]{2})|\n")
_BIG5_ROW, _CNS_ROW = 157, 94
_PLANE_STARTS = {b"G": (0x44, 0xA4), b"H": (0x21, 0xC9)}


def _gb(pairs: bytes) -> str:
    return bytes(one | 0x80 for one in pairs).decode("gb2312", "replace")


def _cns(pairs: bytes, plane: bytes) -> str:
    row, lead = _PLANE_STARTS[plane]
    big5 = bytearray()
    for at in range(0, len(pairs) - 1, 2):
        place = (pairs[at] - row) * _CNS_ROW + pairs[at + 1] - 0x21
        if place < 0:
            big5 += b"?"
            continue
        column = place % _BIG5_ROW
        big5 += bytes((min(lead + place // _BIG5_ROW, 0xFE), column + 0x40 if column < 63 else column + 0x62))
    return bytes(big5).decode("cp950", "replace")


def decode_iso2022cn(data: bytes) -> str:
    """The text; what cannot be read becomes U+FFFD."""
    out: list[str] = []
    charset, shifted, at = b"A", False, 0

    def plain(piece: bytes) -> str:
        if not shifted:
            return piece.decode("utf-8", "replace")
        return _gb(piece) if charset in (b"A", b"E") else _cns(piece, b"G")

    for token in _TOKENS.finditer(data):
        out.append(plain(data[at : token.start()]))
        at = token.end()
        sign = token.group()
        if token.group(1):
            charset = token.group(1)
        elif token.group(3):
            out.append(_cns(token.group(3), b"H"))
        elif sign == b"\x0e":
            shifted = True
        elif sign == b"\x0f":
            shifted = False
        elif sign == b"\n":
            shifted = False
            out.append("\n")
    out.append(plain(data[at:]))
    return "".join(out)
