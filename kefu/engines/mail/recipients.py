"""Whom a letter names beside the mailbox it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kefu.engines.mail.addresses import Address

MOST = 200  # of a letter to thousands the first are enough to know what it is
Pair = list[str]


@dataclass(frozen=True)
class Others:
    """Pairs of name and address; ``more`` is how many are left out."""

    to: list[Pair]
    cc: list[Pair]
    more: int


def others(to: Sequence[Address], cc: Sequence[Address], *, own: str, bare: Callable[[str], str] = str.lower) -> Others | None:
    """Whom a letter names beside ``own``, each once; addresses are the same if their ``bare`` forms are. A single address is another name
    of the mailbox: by it the letter came here."""
    if len(to) + len(cc) < 2:
        return None
    seen = {bare(own)}
    found: list[list[Pair]] = []
    for line in (to, cc):
        fresh: dict[str, Pair] = {}
        for one in line:
            marked = bare(one.address)
            if "@" in marked and marked not in seen:
                fresh.setdefault(marked, [one.name[:100], one.address[:254]])
        seen |= fresh.keys()
        found.append(list(fresh.values()))
    first = found[0][:MOST]
    second = found[1][: MOST - len(first)]
    more = len(found[0]) + len(found[1]) - len(first) - len(second)
    return Others(first, second, more) if first or second else None
