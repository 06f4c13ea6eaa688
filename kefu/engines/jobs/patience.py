"""Trying again with patience what another system cannot take now: longer pauses each time, an end, and the sentences about both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kit import moment, sentences

SWITCHED_OFF, INTERRUPTED = _("the account is switched off"), _("it was interrupted")
_GIVEN_UP = _("Given up after %(hours)d hours. The server said: %(why)s")
_MAYBE = _("It may have been sent; nobody can tell (%(why)s). Ask the person before you send it again.")


class Held(Protocol):
    """A row of what is to be handed over."""

    since: datetime
    next_at: datetime
    tries: int

    def save(self, *, update_fields: list[str]) -> Any: ...


@dataclass(frozen=True)
class Patience:
    """``pauses`` in seconds, the last one again and again; given up after ``whole``."""

    pauses: tuple[int, ...]
    whole: timedelta

    def pause(self, tries: int) -> timedelta:
        """How long to wait after so many tries that failed before."""
        return timedelta(seconds=self.pauses[min(tries, len(self.pauses) - 1)])

    def wait(self, held: Held, why: str, *, over: Callable[[str], object], later: Callable[[str], object]) -> None:
        """It could not be handed over: ``over(sentence)`` when the patience has ended, else ``later(why)`` in the transaction that stores
        when it is tried next. The sentences are stored ones (kit.sentences)."""
        at = moment.now()
        if at - held.since >= self.whole:
            over(sentences.keep(_GIVEN_UP, hours=int(self.whole.total_seconds() // 3600), why=why))
            return
        with transaction.atomic():
            held.next_at = at + self.pause(held.tries)
            held.tries += 1
            held.save(update_fields=["next_at", "tries"])
            later(why)


def maybe(why: Any) -> str:
    """The stored sentence about what may have been sent."""
    return sentences.keep(_MAYBE, why=why)
