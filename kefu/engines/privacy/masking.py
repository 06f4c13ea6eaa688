"""How personal values are shown to those who need not know them (domain.md §4). Pure functions.

Models state the class of their fields: ``personal = {"phone": "phone", "id_number": "id_number", "remark": "free", "state": "plain"}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

PLAIN = "plain"
STARS = "****"
_NO_DIGIT = re.compile(r"\D")
_AREA = re.compile(r"^(\+?86[- ]?)?(\(?0\d{2,3}\)?)[- ]?(\d{7,8})((?:[-转#,x ]{1,3})\d{1,6})?$")
_HOUSE = re.compile(
    r"(?P<street>.*?(?:大道|胡同|街道|路|街|巷|弄|道|里|村|镇|乡|小区|花园|苑|avenue|street|road|lane))(?P<house>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百]*[0-9０-９].*", re.DOTALL)


def phone(value: str) -> str:
    """A mobile as 138****1234, a landline with area code and last two digits (0571-******21); anything else keeps its last two."""
    digits = value if value.isdecimal() else _NO_DIGIT.sub("", value)
    bare = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    if len(bare) == 11 and bare.startswith("1"):
        return f"{bare[:3]}{STARS}{bare[-4:]}"
    landline = _AREA.match(value.strip())
    if landline:
        area, local = re.sub(r"\D", "", landline[2]), landline[3]
        return f"{area}-{'*' * (len(local) - 2)}{local[-2:]}"
    return f"{STARS}{digits[-2:]}" if len(digits) > 4 else STARS


def id_number(value: str) -> str:
    """First three and last four of an identity number."""
    value = value.strip()
    return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}" if len(value) >= 12 else STARS


def name(value: str) -> str:
    """The first character (张**); of a Latin name the first letter."""
    value = value.strip()
    return f"{value[0]}**" if value else ""


def address(value: str) -> str:
    """Town and street; what follows the street, and else everything from the first number on, is hidden."""
    value = value.strip()
    street = _HOUSE.match(value)
    if street and not _NUMBER.search(street["street"]):
        rest = street["house"]
        while (further := _HOUSE.match(rest)) and not re.search(r"[0-9０-９]", further["street"]):
            rest = further["house"]
        kept = value[: len(value) - len(rest)]
        return f"{kept}{STARS}" if rest else kept
    kept = _NUMBER.sub("", value)
    return f"{kept}{STARS}" if len(kept) < len(value) else f"{value[: max(1, len(value) // 2)]}{STARS}"


def bank_card(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return f"{STARS} {digits[-4:]}" if len(digits) >= 8 else STARS


def email(value: str) -> str:
    """First character and domain (z***@qq.com)."""
    box, at, domain = value.strip().rpartition("@")
    return f"{box[0]}***@{domain}" if at and box and domain else STARS


def plate(value: str) -> str:
    """Province and town letter, last two (浙A***12)."""
    value = value.strip()
    return f"{value[:2]}***{value[-2:]}" if len(value) >= 6 else STARS


def hidden(value: str) -> str:
    """Nothing is shown: free text, secrets, sound."""
    return STARS


MASKS: dict[str, Callable[[str], str]] = {
    "phone": phone,
    "id_number": id_number,
    "name": name,
    "address": address,
    "bank_card": bank_card,
    "email": email,
    "plate": plate,
    "free": hidden,
    "sensitive": hidden,
    "secret": hidden,
}
# Once lost or sold these harm most (PIPL art. 28): their columns are stored encrypted.
SEALED = frozenset({"id_number", "bank_card", "secret"})
CLASSES = frozenset(MASKS) | {PLAIN}


def mask(kind: str, value: str | None) -> str:
    """``value`` as those see it who need not know it; a class nobody declared hides everything, "" stays ""."""
    if not value:
        return ""
    if kind == PLAIN:
        return value
    return MASKS.get(kind, hidden)(value)


def masker(kind: str) -> Callable[[str | None], str]:
    """``mask`` for many values of one class."""
    way = MASKS.get(kind, str if kind == PLAIN else hidden)
    return lambda value: way(value) if value else ""
