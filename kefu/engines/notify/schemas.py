"""What crosses the API about notices."""

from __future__ import annotations

from ninja import Schema


class ReadSome(Schema):
    ids: list[int] | None = None


class Changed(Schema):
    changed: int
