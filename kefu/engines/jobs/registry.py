"""What runs by itself: entries of the timetable and tickers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kefu.engines.jobs import rhythm
from kefu.kit.errors import Text
from kefu.kit.registry import Registry


@dataclass(frozen=True)
class Periodic:
    """Work done again and again, once for all workers together, and caught up once after a standstill.

    Exactly one rhythm: ``every`` seconds; ``at`` "HH:MM" each day in the time zone of the centre; ``cron`` "minute hour day month weekday".
    ``run`` takes nothing and is idempotent. Raises ``ValueError`` for a rhythm that cannot be read.
    """

    code: str
    name: Text
    run: Callable[[], object]
    every: int | None = None
    at: str | None = None
    cron: str | None = None
    clauses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if [self.every, self.at, self.cron].count(None) != 2:
            raise ValueError(f"{self.code}: one of every, at, cron")
        rhythm.parse(self.spec)

    @property
    def spec(self) -> str:
        """The rhythm as one text."""
        return f"every {self.every}" if self.every is not None else f"at {self.at}" if self.at is not None else f"cron {self.cron}"


@dataclass(frozen=True)
class Ticker:
    """Work of every second in every worker (the clock). ``run`` takes little time and guards itself against its like in other workers."""

    code: str
    run: Callable[[], object]


periodics: Registry[Periodic] = Registry("entry of the timetable", lambda one: one.code)
tickers: Registry[Ticker] = Registry("ticker", lambda one: one.code)
