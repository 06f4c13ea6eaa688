"""Pictures without what they tell of the sender: place, device, author, previews. The picture data itself stays bit for bit.

Kept are the colour profile and, in JPEG, the orientation (docs/decisions). Pure functions on bytes; ``Broken`` for what is no such picture.
"""

from __future__ import annotations

import struct
import zlib

from kefu.engines.files.refusals import Broken

STRIPPED = frozenset({"image/jpeg", "image/png", "image/webp"})
_JPEG_KEPT = {0xE0, 0xE2, 0xEE}
_PNG_DROPPED = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


def without_traces(media_type: str, raw: bytes) -> bytes:
    """``raw`` without metadata; types that are not in ``STRIPPED`` come back as they are."""
    worker = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media_type)
    if worker is None:
        return raw
    try:
        return worker(raw)
    except (struct.error, IndexError, ValueError):
        raise Broken() from None


def _jpeg(raw: bytes) -> bytes:
    """Segments up to the picture, then the picture up to its end mark; what hangs behind (motion photos) falls away."""
    if raw[:2] != b"\xff\xd8":
        raise Broken()
    kept, orientation, at = [raw[:2]], 1, 2
    while True:
        if raw[at] != 0xFF:
            raise Broken()
        mark = raw[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", raw, at + 2)
        body = raw[at + 4 : at + 2 + length]
        if mark == 0xDA:
            break
        if mark == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        if (mark in _JPEG_KEPT and not body.startswith(b"MPF\0")) or mark < 0xE0:
            kept.append(raw[at : at + 2 + length])
        at += 2 + length
    end = raw.find(b"\xff\xd9", at)
    if end < 0:
        raise Broken()
    if orientation != 1:
        kept.insert(1, _orientation_segment(orientation))
    return b"".join(kept) + raw[at : end + 2]


def _orientation(tiff: bytes) -> int:
    """Tag 0x0112 of the first directory, 1 if it is not there or not readable."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(count, 200)):
            tag, _kind, _n, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + number * 12)
            if tag == 0x0112:
                return int(value) if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        return 1
    return 1


def _orientation_segment(value: int) -> bytes:
    tiff = b"MM\x00\x2a\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, value, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(raw: bytes) -> bytes:
    if raw[:8] != b"\x89PNG\r\n\x1a\n":
        raise Broken()
    kept, at = [raw[:8]], 8
    while True:
        (length,) = struct.unpack_from(">I", raw, at)
        kind, end = raw[at + 4 : at + 8], at + 12 + length
        if end > len(raw) or struct.unpack_from(">I", raw, end - 4)[0] != zlib.crc32(raw[at + 4 : end - 4]):
            raise Broken()
        if kind not in _PNG_DROPPED:
            kept.append(raw[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end


def _webp(raw: bytes) -> bytes:
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
        raise Broken()
    (total,) = struct.unpack_from("<I", raw, 4)
    if total + 8 > len(raw):
        raise Broken()
    kept, at = [], 12
    while at + 8 <= total + 8:
        kind = raw[at : at + 4]
        (length,) = struct.unpack_from("<I", raw, at + 4)
        chunk = raw[at : at + 8 + length + (length & 1)]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        if kind not in (b"EXIF", b"XMP "):
            kept.append(chunk)
        at += 8 + length + (length & 1)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
