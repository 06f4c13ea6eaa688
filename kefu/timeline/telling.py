"""Events in words: what the course of a record says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from kefu.kit.language import pick
from kefu.timeline.registry import event_kinds


def text(event: Mapping[str, Any]) -> str:
    """What happened, in the active language: ``event["text"]`` if given, else as the declared kind tells it from ``event["data"]``."""
    if event.get("text"):
        return str(event["text"])
    kind = event_kinds.get(event["kind"])
    data: dict[str, Any] = event.get("data") or {}
    if kind is None:
        return str(event["kind"])
    if kind.describe is not None:
        return kind.describe(data)
    if data.get("name_en"):
        data = {**data, "name": pick(str(data.get("name", "")), str(data["name_en"]))}
    told = str(kind.text)
    return told % defaultdict(str, data) if "%(" in told else told


def icon(event: Mapping[str, Any]) -> str:
    kind = event_kinds.get(event["kind"])
    return str(event.get("icon") or (kind.icon if kind else ""))


GLOBALS: dict[str, Any] = {"event_text": text, "event_icon": icon}
