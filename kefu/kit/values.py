"""Types of the values that cross the API, with the bounds that every database keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, Field

from kefu.kit.errors import Invalid
from kefu.kit.validation import TEXTS

MAX_ID = 2**63 - 1


def aware(value: datetime) -> datetime:
    """A time without a zone is meant in the time zone of the centre. Raises ``ValueError`` near the ends of the calendar."""
    if not 1900 <= value.year <= 9000:
        raise ValueError("a year from 1900 to 9000")
    return value if value.tzinfo else timezone.make_aware(value)


def settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a command gets: times always carry a zone. Raises ``Invalid`` naming the field."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        try:
            found[name] = aware(value) if isinstance(value, datetime) else value
        except ValueError as error:
            raise Invalid(fields={name: TEXTS["datetime_parsing"]}) from error
    return found


RowId = Annotated[int, Field(ge=1, le=MAX_ID, examples=[1])]
Instant = Annotated[datetime, AfterValidator(aware), Field(examples=["2026-11-22T09:30:00+08:00"])]
Size = Annotated[int, Field(ge=1, le=200, description="Rows on the page")]
Cursor = Annotated[str, Field(max_length=400, description="`next` of the page before")]
