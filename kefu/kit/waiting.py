"""Queues of work that wait for somebody: capabilities declare them, the home page of each person counts those that are his to empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

MOST = 100


@dataclass(frozen=True)
class Queue:
    """One queue. ``count(actor)`` looks at no more than ``MOST`` rows; one of ``rights`` shows it; ``url`` leads to the list."""

    code: str
    label: Text
    url: str
    icon: str
    count: Callable[[Any], int]
    rights: tuple[str, ...]


waiting: Registry[Queue] = Registry("queue", lambda queue: queue.code)


def counted(many: int) -> str:
    """How much waits, as it is shown: "99+" for many, "" for nothing."""
    return "" if not many else f"{MOST - 1}+" if many >= MOST else str(many)


def queues(actor: Any) -> list[tuple[Queue, str]]:
    """The queues of a person in which something lies, with how much ("99+" for many)."""
    mine = [queue for queue in waiting if any(actor.can(right) for right in queue.rights)]
    found = [(queue, counted(queue.count(actor))) for queue in mine]
    return [(queue, count) for queue, count in found if count]
