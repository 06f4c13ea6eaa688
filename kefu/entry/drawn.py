"""Where the line of events stands, for pages: at most one indexed query in a while, however many pages are drawn.

A bookmark that is a moment old is no harm: the stream replays a little more than the page missed.
"""

from __future__ import annotations

import time

from kefu.timeline import feed
from kefu.timeline.feed import Bookmark

CACHE_SECONDS = 0.3
_held: tuple[float, Bookmark] | None = None


def bookmark() -> Bookmark:
    """The newest settled event, as this process knew it at most ``CACHE_SECONDS`` ago."""
    global _held
    held = _held
    if held is None or held[0] <= time.monotonic():
        asked = time.monotonic()
        held = _held = (asked + CACHE_SECONDS, feed.end())
    return held[1]


def forget() -> None:
    """Drop what is held (another database, a test)."""
    global _held
    _held = None
