"""What other channels take out of letters before they become conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kefu.engines.mail.reading import Message as Letter
from kefu.kit.registry import Registry

if TYPE_CHECKING:
    from kefu.touch.conversations.services import Account


@dataclass(frozen=True)
class LetterTaker:
    """``take(mailbox, letter)`` keeps what it needs in the caller's transaction; True: the letter is nobody else's. It is asked only about
    mailboxes that it ``watches``."""

    code: str
    watches: Callable[[Account], bool]
    take: Callable[[Account, Letter], bool]


# What queues the word to who began a conversation: the task, which stands above the services and enters itself.
acknowledging: list[Callable[[int], object]] = []

letter_takers: Registry[LetterTaker] = Registry("taker of letters", lambda one: one.code)
