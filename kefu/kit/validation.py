"""What pydantic found wrong, in words for people: one table of error types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.kit.errors import Invalid, Text

_NUMBER = _("Enter a number.")
_WHOLE = _("Enter a whole number.")
_DATE = _("Enter a date as yyyy-mm-dd.")
_TIME = _("Enter a date and time as yyyy-mm-dd HH:mm.")
_CHOICE = _("Choose one of the given values.")
_YES_NO = _("Answer yes or no.")
_WRONG_KIND = _("This value has the wrong form.")

TEXTS: dict[str, Text] = {
    "missing": _("This must be filled in."),
    "string_too_short": _("At least %(min_length)s characters."),
    "string_too_long": _("At most %(max_length)s characters."),
    "string_type": _("Enter a text."),
    "string_unicode": _("Enter a text."),
    "string_pattern_mismatch": _("This does not have the expected form."),
    "too_short": _("Give at least %(min_length)s."),
    "too_long": _("Give at most %(max_length)s."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _("This number is too large."),
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": _("This number is too long."),
    "decimal_whole_digits": _("This number is too large."),
    "decimal_max_places": _("At most %(decimal_places)s decimal places."),
    "greater_than": _("Must be more than %(gt)s."),
    "greater_than_equal": _("Must be at least %(ge)s."),
    "less_than": _("Must be less than %(lt)s."),
    "less_than_equal": _("Must be at most %(le)s."),
    "multiple_of": _("Must be a multiple of %(multiple_of)s."),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_past": _("This must be a day in the past."),
    "date_future": _("This must be a day in the future."),
    "time_type": _("Enter a time as HH:mm."),
    "time_parsing": _("Enter a time as HH:mm."),
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_past": _("This must lie in the past."),
    "datetime_future": _("This must lie in the future."),
    "timezone_aware": _("Say the time zone."),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "list_type": _("Give a list."),
    "dict_type": _WRONG_KIND,
    "model_type": _WRONG_KIND,
    "model_attributes_type": _WRONG_KIND,
    "uuid_parsing": _WRONG_KIND,
    "url_parsing": _("This is not a web address."),
    "extra_forbidden": _("This is not expected here."),
    "json_invalid": _("This is not valid JSON."),
}


def message(error: Mapping[str, Any]) -> Text:
    """The sentence for one entry of ``ValidationError.errors()``; a validator's own ``ValueError`` speaks for itself."""
    context: dict[str, Any] = error.get("ctx") or {}
    kind = str(error.get("type", ""))
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error") or _WRONG_KIND)
    text = TEXTS.get(kind)
    if text is None:
        return str(_WRONG_KIND)
    try:
        return str(text) % context if "%(" in str(text) else str(text)
    except KeyError:
        return str(_WRONG_KIND)


def messages(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> dict[str, Text]:
    """Field name (dotted path, ``skip`` leading parts dropped) to sentence; the first error of a field counts."""
    found: dict[str, Text] = {}
    for error in errors:
        parts = [str(part) for part in error.get("loc", ())]
        name = ".".join(parts[skip:]) or (parts[-1] if parts else "")
        found.setdefault(name, message(error))
    return found


def invalid(error: ValidationError) -> Invalid:
    """The refusal that tells what pydantic found. Errors inside a list stand under the list's field."""
    found: dict[str, Text] = {}
    for name, text in messages(error.errors(include_url=False, include_input=False)).items():
        found.setdefault(name.split(".")[0], text)
    return Invalid(fields=found)
