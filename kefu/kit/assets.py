"""Addresses of the bundled styles, scripts and icons, with the hash of their content so that browsers may keep them for ever."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.templatetags.static import static

LOOK_SECONDS = 1.0
_NEVER = (0.0, "")
BUNDLE = Path(__file__).resolve().parent.parent / "static" / "bundle"
_held: dict[tuple[Path, str], tuple[float, str]] = {}


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
    """The address of a bundled file, or "" if it was not bundled: the page then stays plain and readable. At most ``LOOK_SECONDS`` old."""
    key = (BUNDLE, name)
    until, address = _held.get(key, _NEVER)
    if until <= time.monotonic():
        address = _asset(name)
        _held[key] = (time.monotonic() + LOOK_SECONDS, address)
    return address


def _asset(name: str) -> str:
    entry = manifest().get(name)
    if entry is None:
        return static(f"bundle/{name}") if (BUNDLE / name).exists() else ""
    if isinstance(entry, dict):
        file, mark = str(entry.get("file", name)), str(entry.get("hash", ""))
    else:
        file, mark = name, str(entry)
    return static(f"bundle/{file}") + (f"?v={mark}" if mark else "")
