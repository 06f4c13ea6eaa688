"""Two names for one thing: stored texts are Chinese with English beside."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language


def in_chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def pick(chinese: str, english: str) -> str:
    """The text for the active language; Chinese where the English one is missing."""
    return chinese if in_chinese() or not english else english


def named(row: Any) -> str:
    """The ``name`` or ``name_en`` of a stored row (object or mapping) in the active language."""
    if isinstance(row, dict):
        return pick(row.get("name") or "", row.get("name_en") or "")
    return pick(row.name, getattr(row, "name_en", ""))
