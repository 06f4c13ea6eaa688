"""Word lists written as text."""

from __future__ import annotations


def words(*texts: str) -> frozenset[str]:
    """The words of texts, cut at blanks."""
    return frozenset(word for text in texts for word in text.split())
