"""Whether a text holds personal data that an SMS may not carry (R-03-7.2.2). Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_GAP = r"[\s-]?"
_MOBILE = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")
_IDENTITY = re.compile(r"(?<![0-9])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9])")
_CARD = re.compile(r"(?<!\d)\d(?:[\s-]?\d){15,18}(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}")
_HOME = re.compile(r"\d+\s*(?:号楼|栋|幢|座)\s*\d+|\d+\s*单元|[\dA-Za-z]\s*室(?!内|外)|\d+\s*弄\s*\d+\s*号")
_PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z]\s?·?\s?[A-Z0-9]{5,6}(?![A-Za-z0-9])")


def _luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def kinds(text: str, names: Iterable[str] = ()) -> list[str]:
    """The classes of personal data in a text (those of ``privacy.masking``); ``names`` are people who must not be named in full."""
    plain = unicodedata.normalize("NFKC", text)
    found = []
    if _IDENTITY.search(plain):
        found.append("id_number")
    if any(_luhn(re.sub(r"\D", "", one)) for one in _CARD.findall(plain)) and "id_number" not in found:
        found.append("bank_card")
    if _MOBILE.search(plain):
        found.append("phone")
    if _EMAIL.search(plain):
        found.append("email")
    if _HOME.search(plain):
        found.append("address")
    if _PLATE.search(plain):
        found.append("plate")
    if any(len(name.strip()) > 1 and name.strip() in text for name in names):
        found.append("name")
    return found
