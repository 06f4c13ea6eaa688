"""Phone numbers in one written form."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

REGION = "CN"


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
