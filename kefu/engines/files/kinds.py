"""What a file is, told by its content and not by what the sender says."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

import filetype

from kefu.engines.files import refusals

HEAD = 8192
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp")
DOCUMENTS = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/x-ole-storage",
    "text/plain",
    "text/csv",
)
SOUND = (
    "audio/mpeg",
    "audio/x-wav",
    "audio/ogg",
    "audio/mp4",
    "audio/m4a",
    "audio/amr",
    "audio/aac",
    "video/mp4",
    "video/webm",
    "video/quicktime",
)
USUAL = (*IMAGES, *DOCUMENTS, *SOUND)
INLINE = frozenset({*IMAGES, "application/pdf", "text/plain", *SOUND})

_WORD, _SHEET, _SLIDES, _ODT, _ODS, _OLE = DOCUMENTS[1:7]
# The endings that a type may carry; any other ending of a known type is a lie.
_ENDINGS: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/bmp": ("bmp",),
    "image/svg+xml": ("svg",),
    "application/pdf": ("pdf",),
    _WORD: ("docx",),
    _SHEET: ("xlsx",),
    _SLIDES: ("pptx",),
    _ODT: ("odt",),
    _ODS: ("ods",),
    _OLE: ("doc", "xls", "ppt", "wps", "et", "dps", "msg"),
    "application/zip": ("zip",),
    "text/plain": ("txt", "log", "md", "csv", "json", "yaml", "yml", "eml", "srt"),
    "text/csv": ("csv",),
}
_USUAL_ENDING = {kind: endings[0] for kind, endings in _ENDINGS.items()}
_KNOWN_ENDINGS = {ending for endings in _ENDINGS.values() for ending in endings}
_RUNS = frozenset((
    "exe", "dll", "com", "scr", "msi", "msp", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "mjs", "wsf", "wsh", "hta", "lnk",
    "jar", "class", "apk", "app", "deb", "rpm", "sh", "bash", "bin", "run", "elf", "so", "dylib", "cpl", "pif", "reg", "php",
    "phtml", "jsp", "asp", "aspx", "py", "pl", "rb", "cgi", "docm", "xlsm", "pptm", "xlam", "dotm", "iso", "img", "html", "htm",
    "xhtml", "shtml", "xml", "xsl", "mht", "mhtml", "swf",
))  # fmt: skip
_RUN_MAGIC = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe",
    b"#!", b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"<?php", b"CWS", b"FWS", b"!<arch>",
)  # fmt: skip
_SPOKEN = b"#!AMR"  # a voice message, no script
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|object|embed|meta|xsl:|\?xml|svg)\b", re.IGNORECASE)

MAX_ENTRIES = 10_000
MAX_UNPACKED = 500 * 1024 * 1024
MAX_RATIO = 200


def clean_name(name: str) -> str:
    """The sender's name without folders, control, direction and reserved characters, at most 160 long with its ending kept."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode())
    name = PurePosixPath(name.replace("\\", "/")).name
    name = "".join(
        "_" if c in '<>:"|?*/\\' else c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    name = " ".join(name.split()).strip(". ")
    if not name:
        return "file"
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 12:
        return f"{stem[: 159 - len(ending)]}.{ending}"
    return name[:160]


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def recognise(name: str, file: BinaryIO) -> str:
    """The media type by content. Raises a refusal for programs, for endings that lie, and for archives that would burst.

    ``file`` is seekable and is left at its start.
    """
    head = file.read(HEAD)
    file.seek(0)
    if ending(name) in _RUNS or (head.startswith(_RUN_MAGIC) and not head.startswith(_SPOKEN)):
        raise refusals.Program()
    found = _by_content(name, head, file)
    file.seek(0)
    told = ending(name)
    fitting = _ENDINGS.get(found)
    if told in _KNOWN_ENDINGS and (fitting is None or told not in fitting):
        raise refusals.Lie(ending=told)
    return "text/csv" if found == "text/plain" and told == "csv" else found


def _by_content(name: str, head: bytes, file: BinaryIO) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(file)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if ending(name) not in _ENDINGS[_OLE]:
            raise refusals.Lie(ending=ending(name) or "?")
        return _OLE
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    found = filetype.guess(head)
    if found is not None:
        return str(found.mime)
    return _text(head, file)


def _text(head: bytes, file: BinaryIO) -> str:
    """Plain text in UTF-8, UTF-16 or GB18030; markup that a browser would run is named as such."""
    opened = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    markup = _MARKUP.search(opened[:2048])
    if markup is not None:
        return "image/svg+xml" if b"<svg" in opened.lower() and b"<html" not in opened.lower() else "text/html"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    if b"\x00" in head:
        return "application/octet-stream"
    for encoding in ("utf-8", "gb18030"):
        try:
            head[: len(head) - 4 if len(head) == HEAD else None].decode(encoding)
        except UnicodeDecodeError as error:
            if len(head) == HEAD and error.start >= HEAD - 8:
                return "text/plain"
            continue
        return "text/plain"
    return "application/octet-stream"


def _archive(file: BinaryIO) -> str:
    """Which office format a zip is; bounded, nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, UnicodeDecodeError):
        raise refusals.Broken() from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or (unpacked > 20 * 1024 * 1024 and unpacked > MAX_RATIO * max(packed, 1)):
        raise refusals.Bomb()
    names = {entry.filename for entry in entries}
    if any(entry.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".jar", "classes.dex")) for entry in names):
        raise refusals.Program()
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", _WORD), ("xl/", _SHEET), ("ppt/", _SLIDES)):
            if any(entry.startswith(folder) for entry in names):
                return kind
    if "mimetype" in names and "content.xml" in names:
        return _open_document(file)
    return "application/zip"


def _open_document(file: BinaryIO) -> str:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive, archive.open("mimetype") as entry:
            told = entry.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, RuntimeError):
        raise refusals.Broken() from None
    return told if told in (_ODT, _ODS) else "application/zip"
