"""Bytes to text, whatever the label says. A label that decodes is believed, unless it is often wrong.

Chinese mailers write ``gb2312`` and mean GBK or GB18030, ``iso-8859-1`` and mean anything, or write nothing at all. Every answer tells
whether the charset was guessed.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from kefu.engines.mail.characters import likeness, plainly_chinese
from kefu.engines.mail.iso2022cn import decode_iso2022cn

SAMPLE, GLANCE = 2048, 360
_GB, _BIG5 = "gb18030", "cp950"
_ALIASES = {
    _GB: "gb2312 gb_2312 gb231280 gb2312_80 gb_2312_80 gbk x_gbk cp936 ms936 windows936 chinese csgb2312 csgb231280 "
    "gb18030 gb180302000 euccn x_euccn "
    "iso_ir_58 csiso58gb231280 gb xgbk zh_cn cngb 936",
    _BIG5: "big5 x_big5 cnbig5 cp950 ms950 windows950 x_x_big5 csbig5 big5tw big5eten zh_tw 950",
    "big5hkscs": "big5hkscs big5_hkscs hkscs",
    "hz": "hz hzgb2312 hzgb hzgb231280",
    "iso2022cn": "iso2022cn iso2022cnext csiso2022cn",
    "iso2022_jp_2": "iso2022jp iso2022jp1 iso2022jp2 csiso2022jp iso2022jpms cp50220 cp50221",
    "iso2022_kr": "iso2022kr csiso2022kr",
    "utf-7": "utf7 unicode11utf7 csunicode11utf7 x_unicode20utf7 unicode20utf7",
    "utf-8": "utf8 unicode11utf8 utf8mb4 unicode utf xutf8 unicode20utf8 65001 cp65001",
    "cp932": "shiftjis sjis x_sjis mskanji cp932 windows31j csshiftjis ms932",
    "euc_jp": "eucjp x_eucjp ujis",
    "cp949": "euckr ksc5601 ksc56011987 ksc_5601 korean cp949 windows949 ks_c_5601_1987 cseuckr uhc",
    "cp1252": "iso88591 latin1 l1 windows1252 cp1252 iso885915 ansi iso_8859_1 iso8859",
    "ascii": "usascii ascii ansix341968 iso646us us",
}
_NAMES = {re.sub("[^a-z0-9]", "", alias): codec for codec, names in _ALIASES.items() for alias in names.split()}
# Codecs that are text and take linear time; idna, punycode, unicode_escape and the like are not for mail.
_SAFE = re.compile(
    r"utf-(?:16|32)(?:-[lb]e)?|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|euc_\w+|shift_jis\w*|johab|iso2022_\w+|tis-620|ptcp154|kz1048|big5\w*"
)
_SEVEN_BIT = {"hz", "iso2022cn", "iso2022_jp_2", "iso2022_kr", "utf-7"}
_DOUBTFUL = {_GB, _BIG5, "big5hkscs", "cp1252", "cp949"}
_CANDIDATES = (_GB, "big5hkscs", "cp932", "euc_jp", "cp949", "cp1252", "cp1251", "koi8-r")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LONG = re.compile(rb"[\xe0-\xff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_KANA = re.compile("[\u3041-\u30fa]")
_WORTH = {"cp1252": -0.05, "cp1251": -0.35, "koi8-r": -0.4, "cp932": -0.1, "euc_jp": -0.05, "big5hkscs": -0.02}


class Decoded(NamedTuple):
    """A text, the codec that made it, and whether the label did not say so."""

    text: str
    codec: str
    guessed: bool


@lru_cache(maxsize=512)
def codec_of(label: str) -> str:
    """The codec of a label as mailers write it; empty if the label says nothing."""
    plain = re.sub("[^a-z0-9]", "", label.lower().partition("*")[0])[:60]
    if plain in _NAMES:
        return _NAMES[plain]
    try:
        name = codecs.lookup(label.strip().lower()[:40]).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return name if _SAFE.fullmatch(name) else ""


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return decode_iso2022cn(data) if codec == "iso2022cn" else data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def lenient(data: bytes, codec: str) -> str:
    """Whatever can be read, U+FFFD for the rest."""
    if codec == "iso2022cn":
        return decode_iso2022cn(data)
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError, LookupError):
        return data.decode("latin-1")


def _sample(data: bytes, size: int = SAMPLE) -> bytes:
    """The stretch that tells most: from just before the first byte beyond ASCII, cut between characters where that can be seen."""
    first = _HIGH.search(data)
    start = first.start() if first else 0
    piece = data[start : start + size]
    if len(piece) == size:
        cut = max(piece.rfind(b"\n"), piece.rfind(b" "), piece.rfind(b">"))
        piece = piece[: cut + 1] if cut > size // 2 else piece
    return piece


def _scored(sample: bytes, codec: str) -> float:
    text = lenient(sample, codec)
    return likeness(text[:-1] if len(sample) == SAMPLE else text) + _WORTH.get(codec, 0.0)


def _escapes(data: bytes) -> str:
    """The 7-bit charset that escape sequences show; empty if none."""
    if b"\x1b" in data:
        if b"\x1b$)A" in data or b"\x1b$)G" in data or b"\x1b$*H" in data:
            return "iso2022cn"
        if b"\x1b$)C" in data:
            return "iso2022_kr"
        if re.search(rb"\x1b[$(][@BJI(]", data):
            return "iso2022_jp_2"
    if b"~{" in data and re.search(rb"~\{(?:[\x21-\x77][\x21-\x7e]){1,500}~\}", data):
        return "hz"
    return ""


def _pairs_of_gb(data: bytes) -> bool:
    """Two bytes of GBK can be one character of UTF-8 (停水通知 is); then the text that reads better is meant."""
    if _LONG.search(data):
        return False
    sample = _sample(data)
    return _scored(sample, _GB) > _scored(sample, "utf-8") + 0.5


def detect(data: bytes, hint: str = "") -> str:
    """The codec of bytes without a label worth believing. ``hint`` is a codec that other parts of the same mail use."""
    if data.isascii():
        return _escapes(data) or "ascii"
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec
    if _strict(data, "utf-8") is not None and not _pairs_of_gb(data):
        return "utf-8"
    sample = _sample(data)
    scores = {codec: _scored(sample, codec) for codec in _CANDIDATES}
    if hint in scores:
        scores[hint] += 0.25
    # A text cut in the middle of a character is still UTF-8.
    broken = lenient(sample, "utf-8")
    wrong, foreign = broken.count("\ufffd"), sum(sign > "\x7f" for sign in broken)
    if wrong * 8 <= foreign and foreign - wrong > 2:
        scores["utf-8"] = 0.9
    best = max(scores, key=lambda codec: scores[codec])
    if best == _GB and len(_KANA.findall(lenient(sample, _GB))) * 6 > foreign // 2 and _strict(data, "euc_jp") is not None:
        return "euc_jp"  # kana stand at the same places in GB 2312 and in JIS
    return best


def _unlabelled(data: bytes, hint: str) -> Decoded:
    codec = detect(data, hint)
    if codec == "ascii":
        return Decoded(data.decode("ascii"), "ascii", False)
    return Decoded(_final(data, codec), codec, True)


def _final(data: bytes, codec: str) -> str:
    text = _strict(data, codec)
    if text is None and codec == "big5hkscs":
        text = _strict(data, _BIG5)
    if text is None:
        text = lenient(data, codec)
    return text.removeprefix("\ufeff")


def _is_gb2312(data: bytes) -> bool:
    return _strict(data, "gb2312") is not None


def _doubted(data: bytes, codec: str, text: str, hint: str) -> Decoded:
    """The label decodes, but is one that is often wrong: UTF-8 or another Chinese charset may fit far better."""
    glance = _sample(data, GLANCE)
    if codec in (_GB, _BIG5) and plainly_chinese(text[:160]) and _strict(glance, "utf-8") is None:
        return Decoded(text, codec, False)
    if codec == _GB and _strict(glance, "utf-8") is None and likeness(lenient(glance, _GB)) > (0.3 if _is_gb2312(glance) else 0.5):
        return Decoded(text, codec, False)
    if codec == "cp1252" and likeness(lenient(glance, codec)) > 0.5:
        return Decoded(text, codec, False)
    sample = _sample(data)
    other = detect(data, hint)
    if other in ("big5hkscs", _BIG5) and codec in ("big5hkscs", _BIG5):
        return Decoded(text, codec, False)
    margin = 0.12 if codec == "cp1252" else 0.15 if other == "utf-8" else 0.3
    better = 2.0 if other == "utf-8" and codec == "cp1252" else _scored(sample, other)
    if other != codec and better > _scored(sample, codec) + margin:
        return Decoded(_final(data, other), other, True)
    return Decoded(text, codec, False)


def decode(data: bytes, label: str = "", hint: str = "") -> Decoded:
    """The text of some bytes that claim to be in the charset ``label`` (empty: nothing is claimed)."""
    codec = codec_of(label) if label else ""
    if data.isascii():
        if codec not in _SEVEN_BIT and not codec.startswith("utf-16") and not codec.startswith("utf-32"):
            codec = _escapes(data) if b"\x1b" in data or b"~{" in data else ""
            return Decoded(_final(data, codec), codec, True) if codec else Decoded(data.decode("ascii"), "ascii", False)
        return Decoded(_final(data, codec), codec, False)
    if codec in ("", "ascii"):
        return _unlabelled(data, hint)
    text = _strict(data, codec)
    if text is None and codec == _BIG5:
        codec, text = "big5hkscs", _strict(data, "big5hkscs")
    if text is not None:
        if codec in _DOUBTFUL or (codec == "utf-8" and _pairs_of_gb(data)):
            return _doubted(data, codec, text, hint)
        return Decoded(text.removeprefix("\ufeff"), codec, False)
    other = detect(data, codec)
    if other == codec or codec in _SEVEN_BIT or _scored(_sample(data), other) < _scored(_sample(data), codec) + 0.1:
        return Decoded(lenient(data, codec).removeprefix("\ufeff"), codec, False)
    return Decoded(_final(data, other), other, True)
