"""Which test proves which clause, and which events cite it: written by ``tools/proofs.py``, since a wheel has no tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("proofs.json")


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return found


def proven() -> dict[str, list[str]]:
    """Clause id to the tests that prove it."""
    return _read().get("proven", {})


def written() -> dict[str, list[str]]:
    """Clause id to the kinds of events that cite it."""
    return _read().get("written", {})
