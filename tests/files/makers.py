"""Uploads for the tests, made from nothing."""

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes) -> bytes:
    """One grey point."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")


def picture(name: str = "照片.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png())


def segment(mark: int, body: bytes) -> bytes:
    return bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body


def jpeg(orientation: int = 1) -> bytes:
    """A picture with place, comment, preview and a film behind it."""
    tiff = b"II\x2a\x00\x08\x00\x00\x00" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0) + b"GPS 31.2304,121.4737"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
        + segment(0xE1, b"Exif\x00\x00" + tiff)
        + segment(0xE1, b"xap/1.0/\x00GPS-in-XMP")
        + segment(0xFE, b"comment of the owner")
        + segment(0xDB, bytes(65))
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + b"picture\xff\x00data"
        + b"\xff\xd9"
        + b"ftypmp42 film with place"
    )


def office(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
        for name, body in parts.items():
            archive.writestr(name.replace("__", "/"), body)
    return out.getvalue()
