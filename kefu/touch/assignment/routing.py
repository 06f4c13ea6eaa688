"""Who is offered what: pure and deterministic. The same facts always give the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Waiting:
    """A conversation that nobody has. ``tries`` is how often each person was offered it in vain, ``resting`` who was just now."""

    id: int
    account: int
    channel: str
    since: datetime
    key: bool = False
    last_agent: int | None = None
    tries: Mapping[int, int] = field(default_factory=dict)
    resting: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Free:
    """Somebody who is ready. ``load`` and ``capacity`` by channel, ``levels`` the skill by way in."""

    id: int
    idle_since: datetime
    load: Mapping[str, int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[int, int] = field(default_factory=dict)

    def share(self, channel: str) -> float:
        """How full this person is; 1 and more is full."""
        most = self.capacity.get(channel, 0)
        return self.load.get(channel, 0) / most if most else 1.0


def in_turn(talks: Iterable[Waiting]) -> list[Waiting]:
    """Key customers first, then who waits longest."""
    return sorted(talks, key=lambda talk: (not talk.key, talk.since, talk.id))


def choose(talk: Waiting, people: Iterable[Free], *, skilled: frozenset[int], at: datetime, overflow: timedelta) -> int | None:
    """Who is offered ``talk``, or None.

    Only those with room. A way in that some have a skill for (``skilled``) goes to them; after ``overflow`` to all. Who was asked least
    often comes first, then who served this customer last, the best skill, the lightest load, the longest idle.
    """
    wide = talk.account not in skilled or at - talk.since >= overflow
    open_to = [one for one in people if one.share(talk.channel) < 1 and one.id not in talk.resting and (wide or talk.account in one.levels)]
    if not open_to:
        return None

    def rank(one: Free) -> tuple[int, bool, int, float, datetime, int]:
        known = one.id == talk.last_agent
        level = one.levels.get(talk.account, 0)
        return talk.tries.get(one.id, 0), not known, -level, one.share(talk.channel), one.idle_since, one.id

    return min(open_to, key=rank).id


def plan(
    talks: Iterable[Waiting], people: Iterable[Free], *, skilled: frozenset[int], at: datetime, overflow: timedelta
) -> list[tuple[int, int]]:
    """Conversation and person for everything that can be offered now; each offer counts as load for the next."""
    free = {one.id: one for one in people}
    found = []
    for talk in in_turn(talks):
        chosen = choose(talk, free.values(), skilled=skilled, at=at, overflow=overflow)
        if chosen is None:
            continue
        one = free[chosen]
        free[chosen] = replace(one, idle_since=at, load={**one.load, talk.channel: one.load.get(talk.channel, 0) + 1})
        found.append((talk.id, chosen))
    return found
