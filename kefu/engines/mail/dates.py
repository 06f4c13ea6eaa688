"""The moment a mail was written, in every form that mailers write it. The offset that was given is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

CHINA = timezone(timedelta(hours=8))
_USUAL = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ "
    r"-](\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(?:([+-])(\d{2}):?(\d{2})|(GMT|UTC|UT|Z|CST|HKT)\b)?"
)
_NUMBERS = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?(?:\s*(?:T|(?:[(（,，]?(?:周|星期|週|礼拜).[)）,，]?"
    r"|[,，]))?\s*(上午|下午|晚上|凌晨|AM|PM)?\s*(\d{1,2})[:时：](\d{1,2})(?:[:分：](\d{1,2}))?)?"
    r"(?:\.\d+)?\s*(?:([+-])(\d{2}):?(\d{2})|(GMT|UTC|Z)\b)?"
)
_OFFSET = re.compile(r"[+-]\d{4}")
_ZONE = re.compile(r"[+-]\d{4}|\b(?:GMT|UTC?|[ECMP][SD]T)\b")
_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_SHORT, 1)}


def _zone(sign: str | None, hours: str | None, minutes: str | None, name: str | None) -> timezone:
    if sign and hours and minutes:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(hours=24) else CHINA
    # Chinese mailers write CST for China Standard Time, and forget the zone when it is their own.
    return UTC if name and name not in {"CST", "HKT"} else CHINA


def _usual(text: str) -> datetime | None:
    found = _USUAL.match(text)
    if not found or found[2].lower() not in _MONTHS:
        return None
    day, month, year, hour, minute, second = int(found[1]), _MONTHS[found[2].lower()], int(found[3]), int(found[4]), int(found[5]), found[6]
    return datetime(year, month, day, hour, minute, min(int(second or 0), 59), tzinfo=_zone(found[7], found[8], found[9], found[10]))


def _numbers(text: str) -> datetime | None:
    found = _NUMBERS.search(text)
    if not found:
        return None
    hour = int(found[5] or 0)
    if found[4] in {"下午", "晚上", "PM"} and hour < 12:
        hour += 12
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    return datetime(year, month, day, hour, int(found[6] or 0), int(found[7] or 0), tzinfo=_zone(found[8], found[9], found[10], found[11]))


def _foreign(text: str) -> datetime | None:
    text = text if _OFFSET.search(text) else text.replace("CST", "+0800")
    parsed = parsedate_tz(text)
    if parsed is None or not 1970 <= parsed[0] < 2200:
        return None
    offset = parsed[9]
    zone = timezone(timedelta(seconds=offset)) if offset is not None and abs(offset) < 86_400 and _ZONE.search(text) else CHINA
    return datetime(parsed[0], parsed[1], parsed[2], parsed[3], parsed[4], min(parsed[5], 59), tzinfo=zone)


def moment_of(text: str) -> datetime | None:
    """The moment with its offset; none if the text names no possible moment. A forgotten zone is China's."""
    text = text.strip()[:200]
    for reading in (_usual, _numbers, _foreign):
        try:
            found = reading(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None and found.year >= 1970:
            return found
    return None
