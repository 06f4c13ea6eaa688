"""The time of day as the system sees it. Tests set it; nothing sleeps for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_fixed: ContextVar[datetime | None] = ContextVar("kefu_now", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at ``at`` (aware) inside the block, for this thread or task only."""
    if at.tzinfo is None:
        raise ValueError("a fixed moment needs a time zone")
    token = _fixed.set(at)
    try:
        yield
    finally:
        _fixed.reset(token)
