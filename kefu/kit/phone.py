"""Phone numbers in one written form."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

REGION = "CN"
_GAP = r"[\s-]?"
_ALONE = re.compile(
    rf"(?:\+?86{_GAP})?(?:1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|\(?0\d{{2,3}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}})|\+\d(?:{_GAP}\d){{7,14}}"
)


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """``text`` in E.164 (``+8613800001234``) where it is a possible number of the region, else its bare digits ("" if there are none).

    Short service numbers (95598, extensions) stay as they are dialled.
    """
    text = text.strip()[:60]
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_possible_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "".join(char for char in text if char.isdecimal())


def shown(value: str) -> str:
    """As people of the region write it: without the country code."""
    return value.removeprefix("+86")


def is_possible(text: str) -> bool:
    """Whether a person could be reached by it: a possible number of the region, or 3 to 12 digits (service numbers, extensions)."""
    value = normalise(text)
    return value.startswith("+") or 3 <= len(value) <= 12


def leading(text: str) -> str:
    """The number that stands alone in the first line of a text: a mobile, a landline with its area code, or one with a country code; ""
    where there is none."""
    first = text.partition("\n")[0].strip()
    return first if _ALONE.fullmatch(first) else ""
