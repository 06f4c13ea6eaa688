"""One value of one field: checked and brought into the form in which it is stored. Pure.

Stored JSON types: number, money, rating, score: number; date: "2026-11-22"; datetime: ISO in UTC; yes_no: true/false; choice: code;
choices: list of codes; phone: E.164 (or the bare digits of a short number); person, unit: id; photo, file: list of file ids;
table: list of objects; everything else: text. "na" stands in any field that allows "not applicable".
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.forms.choices import FieldKind
from kefu.engines.forms.definition import Field

MAX_ID = 2**63 - 1
MAX_NUMBER = 1e15
LENGTHS = {
    FieldKind.TEXT: 500,
    FieldKind.LONG_TEXT: 20_000,
    FieldKind.ADDRESS: 300,
    FieldKind.SIGNATURE: 60,
}
MAX_FILES = 20
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Wrong(Exception):
    """A value that does not fit; ``str(error)`` is the sentence for the person."""


def empty(value: Any) -> bool:
    """Nothing was answered. False and 0 are answers."""
    return value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip())


def clean_text(value: str) -> str:
    """Without what no database keeps (NUL, lone surrogates, control characters but line ends and tabs); emoji and direction marks stay."""
    if value.isprintable():
        return unicodedata.normalize("NFC", value).strip()
    value = value.encode("utf-8", "ignore").decode()
    value = _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", value).strip()


def text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Wrong(_("Write a text here."))
    limit = field.length or LENGTHS.get(field.kind, 500)
    given = str(value)
    if len(given) > limit * 4 + 1000:
        raise Wrong(
            _("At most %(limit)d characters; this is %(given)d. Attach long texts as a file.") % {"limit": limit, "given": len(given)}
        )
    given = clean_text(given)
    if field.kind != FieldKind.LONG_TEXT:
        given = " ".join(given.split("\n"))
    if len(given) > limit:
        raise Wrong(
            _("At most %(limit)d characters; this is %(given)d. Attach long texts as a file.") % {"limit": limit, "given": len(given)}
        )
    if field.pattern and not re.fullmatch(field.pattern, given[:1000]):
        raise Wrong(field.help or _("This is not written as expected."))
    return given


def number(field: Field, value: Any) -> int | float:
    """A finite number within the field's bounds."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = float(clean_text(value).replace(",", "").replace("，", ""))
        except ValueError:
            raise Wrong(_("Write a number, such as 12.5.")) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Wrong(_("Write a number, such as 12.5."))
    if (isinstance(value, float) and not math.isfinite(value)) or abs(value) > MAX_NUMBER:
        raise Wrong(_("This number is too large."))
    low, high = bounds(field)
    if low is not None and value < low:
        raise Wrong(_("At least %(limit)s.") % {"limit": _plain(low)})
    if high is not None and value > high:
        raise Wrong(_("At most %(limit)s.") % {"limit": _plain(high)})
    return int(value) if float(value).is_integer() else round(float(value), 6)


def bounds(field: Field) -> tuple[float | None, float | None]:
    """The least and greatest value: stars run from 1 to 5 and points from 0 to 100 unless the field says otherwise."""
    usual: dict[FieldKind, tuple[float | None, float | None]] = {FieldKind.RATING: (1, 5), FieldKind.SCORE: (0, 100)}
    low, high = usual.get(field.kind, (None, None))
    return (low if field.min is None else field.min), (high if field.max is None else field.max)


def _plain(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def money(field: Field, value: Any) -> int | float:
    amount = number(field, value.strip().lstrip("¥￥") if isinstance(value, str) else value)
    if abs(amount) > 1e12:
        raise Wrong(_("This number is too large."))
    if abs(round(amount, 2) - amount) > 1e-9:
        raise Wrong(_("Money has at most two digits after the point."))
    return round(amount, 2)


def rating(field: Field, value: Any) -> int | float:
    stars = number(field, value)
    if not float(stars).is_integer():
        raise Wrong(_("Choose whole stars."))
    return stars


_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)


def day(field: Field, value: Any) -> str:
    match = _DAY.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 40 else None
    try:
        if match is None:
            raise ValueError
        found = date(*(int(part) for part in match.groups()))
    except ValueError:
        raise Wrong(_("Write a date, such as 2026-03-01.")) from None
    return _within(found.year, found.isoformat())


def instant(field: Field, value: Any) -> str:
    """A moment; without an offset it is meant in the centre's time zone."""
    try:
        if not isinstance(value, str) or len(value) > 40:
            raise ValueError
        found = datetime.fromisoformat(value.strip().replace("/", "-"))
        _within(found.year, "")
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(timezone.get_default_timezone_name()))
        return found.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise Wrong(_("Write a date and time, such as 2026-03-01 09:30.")) from None


def _within(year: int, value: str) -> str:
    if not 1900 <= year <= 2200:
        raise Wrong(_("The year is out of reach."))
    return value


YES = {"true", "yes", "1", "on", "是"}
NO = {"false", "no", "0", "off", "否"}


def yes_no(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word in YES:
        return True
    if word in NO:
        return False
    raise Wrong(_("Choose yes or no."))


def phone(field: Field, value: Any) -> str:
    """E.164 where the number is a full one (mainland if no country is written), bare digits where it is a short or service number."""
    given = clean_text(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)[:61]) <= 60 else ""
    stored = _stored_phone(given)
    if stored is None:
        raise Wrong(_("Write a phone number, such as 13800138000 or 021-62345678."))
    return stored


@lru_cache(maxsize=4096)
def _stored_phone(given: str) -> str | None:
    """Kept a while, as ``kit.phone`` does: the number of one call is read at each draft and again when the record is sent."""
    given = re.sub(r"转|分机", " ext ", unicodedata.normalize("NFKC", given))
    try:
        parsed = phonenumbers.parse(given, "CN")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is not None and phonenumbers.is_valid_number(parsed):
        full = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return f"{full};ext={parsed.extension}" if parsed.extension else full
    digits = re.sub(r"[\s()-]", "", given)
    return digits if re.fullmatch(r"[0-9]{3,8}|[48]00[0-9]{7}|9[0-9]{4,9}", digits) else None


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(field: Field, value: Any) -> str:
    """A resident identity number with its birth date and check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    given = unicodedata.normalize("NFKC", value).strip().upper() if isinstance(value, str) and len(value) <= 40 else ""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", given):
        raise Wrong(_("An identity number has 18 characters."))
    try:
        born = date(int(given[6:10]), int(given[10:12]), int(given[12:14]))
    except ValueError:
        raise Wrong(_("The birth date in the identity number does not exist.")) from None
    _within(born.year, "")
    check = "10X98765432"[sum(int(d) * w for d, w in zip(given, _WEIGHTS, strict=False)) % 11]
    if check != given[17]:
        raise Wrong(_("The last character of the identity number does not fit; look at it again."))
    return given


def identity(field: Field, value: Any) -> int:
    """The id of a person or unit; that it exists is checked where the database is."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_ID:
        raise Wrong(_("Choose from the list."))
    return int(value)


def files(field: Field, value: Any) -> list[int]:
    given = value if isinstance(value, list) else [value]
    limit = int(field.max or MAX_FILES)
    if len(given) > limit:
        raise Wrong(_("At most %(limit)d files.") % {"limit": limit})
    return list(dict.fromkeys(identity(field, one) for one in given))


READERS: dict[FieldKind, Callable[[Field, Any], Any]] = {
    FieldKind.TEXT: text,
    FieldKind.LONG_TEXT: text,
    FieldKind.ADDRESS: text,
    FieldKind.SIGNATURE: text,
    FieldKind.NUMBER: number,
    FieldKind.SCORE: number,
    FieldKind.RATING: rating,
    FieldKind.MONEY: money,
    FieldKind.DATE: day,
    FieldKind.DATETIME: instant,
    FieldKind.YES_NO: yes_no,
    FieldKind.PHONE: phone,
    FieldKind.ID_NUMBER: id_number,
    FieldKind.PERSON: identity,
    FieldKind.UNIT: identity,
    FieldKind.PHOTO: files,
    FieldKind.FILE: files,
}
