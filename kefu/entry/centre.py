"""The name of this centre, as every page shows it: the root of the unit tree, or ``KEFU_NAME``."""

from __future__ import annotations

import os
import time

from django.db import DatabaseError

from kefu.kit.language import named
from kefu.people.models import Unit

SECONDS = 60.0
_held: tuple[float, dict[str, str]] | None = None


def forget() -> None:
    global _held
    _held = None


def name() -> str:
    """At most a minute old; never fails, since the pages that tell of failures show it too."""
    given = os.environ.get("KEFU_NAME")
    if given:
        return given
    global _held
    if _held is None or _held[0] < time.monotonic():
        try:
            root = Unit.objects.filter(parent=None).order_by("pk").values("name", "name_en").first()
        except DatabaseError:
            return "Kefu"
        texts = {"name": root["name"], "name_en": root["name_en"]} if root else {"name": "Kefu 客服", "name_en": "Kefu"}
        _held = (time.monotonic() + SECONDS, texts)
    return named(_held[1])
