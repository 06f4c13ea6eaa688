"""What crosses the API."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class SearchIn(Schema):
    """Every word of ``q`` must occur; ``after`` is the last id seen; ``kind`` narrows to one kind of record."""

    q: str = Field(max_length=200)
    kind: str = Field("", max_length=32)
    limit: int = Field(20, ge=1, le=100)
    after: int | None = Field(None, ge=0, le=2**62)
