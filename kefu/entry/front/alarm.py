"""Hears the words that wake this process (``timeline.waking``) and hands them on, those that come together at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from kefu.timeline import waking
from kefu.timeline.waking import Listening, Word

GATHER = 0.02
log = logging.getLogger("kefu.live")


class Alarm:
    """Calls ``heed`` with what came, one call at a time, and rests ``GATHER`` seconds after each: a rush costs no more than that."""

    def __init__(self, heed: Callable[[list[Word]], Awaitable[None]]) -> None:
        self.heed = heed
        self.listening: Listening | None = None
        self.words: list[Word] = []
        self.task: asyncio.Task[None] | None = None

    async def set(self, read: Callable[..., Awaitable[Any]]) -> None:
        """Be woken from now on. Where that cannot be, all is told by the next reading of the line."""
        if self.listening is not None:
            return
        try:
            self.listening = await read(waking.listening)
        except Exception:
            log.exception("the streams cannot be woken")
        else:
            asyncio.get_running_loop().add_reader(self.listening.fileno(), self._take)

    def end(self) -> None:
        if self.listening is not None:
            asyncio.get_running_loop().remove_reader(self.listening.fileno())
            self.listening.close()
            self.listening = None

    def _take(self) -> None:
        if self.listening is None:
            return
        try:
            self.words += self.listening.take()
        except Exception:
            log.warning("the line that wakes the streams broke; it is taken up again")
            self.end()
            return
        if self.words and (self.task is None or self.task.done()):
            self.task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self.words:
            words, self.words = self.words, []
            try:
                await self.heed(words)
            except Exception:
                log.exception("the streams could not be woken")
            await asyncio.sleep(GATHER)
