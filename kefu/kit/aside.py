"""What was worked out once and lies ready in the state folder, so that no process begins by working it out anew.

Nothing here is missed: whatever is gone or cannot be kept is made again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    return Path(settings.STATE) / "cache"


def keep(place: Path, data: bytes) -> None:
    """Put it there whole or not at all; another process may do the same now. A disk that is full or read only keeps nothing."""
    begun = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            begun.write_bytes(data)
            begun.replace(place)
        finally:
            begun.unlink(missing_ok=True)
