"""What crosses the API."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class FigureIn(Schema):
    """``period``: 2026-03-11, 2026-W11, 2026-03, 2026-Q1, 2026-H1 or 2026. ``by``: dimension codes, comma between."""

    period: str = Field("", max_length=12)
    by: str = Field("", max_length=200)
