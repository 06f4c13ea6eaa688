"""Addresses of the bundled styles, scripts and icons, with the hash of their content so that browsers may keep them for ever."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.templatetags.static import static

BUNDLE = Path(__file__).resolve().parent.parent / "static" / "bundle"


@lru_cache(maxsize=4)
def _manifest(changed: float) -> dict[str, Any]:
    try:
        found = orjson.loads((BUNDLE / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def manifest() -> dict[str, Any]:
    """What the bundler wrote: a file's name to its hash or to ``{"file": ..., "hash": ...}``; empty when nothing is bundled yet."""
    try:
        return _manifest((BUNDLE / "manifest.json").stat().st_mtime)
    except OSError:
        return {}


def asset(name: str) -> str:
    """The address of a bundled file, or "" if it was not bundled: the page then stays plain and readable."""
    entry = manifest().get(name)
    if entry is None:
        return static(f"bundle/{name}") if (BUNDLE / name).exists() else ""
    if isinstance(entry, dict):
        file, mark = str(entry.get("file", name)), str(entry.get("hash", ""))
    else:
        file, mark = name, str(entry)
    return static(f"bundle/{file}") + (f"?v={mark}" if mark else "")
