"""What crosses the API."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class PreviewIn(Schema):
    """A condition over the records of a kind."""

    kind: str = Field(max_length=32)
    tree: Any = None


class PreviewOut(Schema):
    count: int
    more: bool
    words: str
    rows: list[dict[str, Any]]


class ViewIn(Schema):
    """A saved view."""

    kind: str = Field(max_length=32)
    name: str = Field(max_length=200)
    tree: Any = None
    columns: list[str] = Field(default_factory=list, max_length=60)
    sort: str = Field("", max_length=40)
    shared_with: str = Field("none", max_length=10)
    icon: str = Field("", max_length=32)


class ViewOut(Schema):
    id: int


class OrderIn(Schema):
    kind: str = Field(max_length=32)
    ids: list[int] = Field(max_length=200)
