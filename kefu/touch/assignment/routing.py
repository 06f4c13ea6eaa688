"""Who is offered what: pure and deterministic. The same facts always give the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kefu.touch.contacts.choices import Channel
from kefu.touch.presence.choices import State as Presence


@dataclass(frozen=True)
class Waiting:
    """A conversation that nobody has. ``tries`` is how often each person was offered it in vain, ``resting`` who was just now.

    ``live``: the customer sits before it (a chat). After ``overflow`` it is offered whatever the skill. ``secret``: only who may see
    secrets is asked.
    """

    id: int
    account: int
    channel: str
    since: datetime
    key: bool = False
    last_agent: int | None = None
    tries: Mapping[int, int] = field(default_factory=dict)
    resting: frozenset[int] = frozenset()
    live: bool = True
    overflow: timedelta = timedelta(seconds=60)
    secret: bool = False


@dataclass(frozen=True)
class Free:
    """Somebody who is ready. ``load`` and ``capacity`` by channel, ``levels`` the skill by way in. ``asked``: something that is not live is
    offered to this person right now. ``knows``: may see secrets."""

    id: int
    idle_since: datetime
    load: Mapping[str, int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[int, int] = field(default_factory=dict)
    asked: bool = False
    knows: bool = True

    def share(self, channel: str) -> float:
        """How full this person is; 1 and more is full."""
        most = self.capacity.get(channel, 0)
        return self.load.get(channel, 0) / most if most else 1.0

    @property
    def full(self) -> float:
        """How full over all channels."""
        return sum(self.share(channel) for channel, count in self.load.items() if count)

    def has_room(self, talk: Waiting) -> bool:
        """Who sits before a chat is served by anybody with room for chats; a letter waits for who has time, and comes one at a time."""
        return (self.knows or not talk.secret) and self.share(talk.channel) < 1 and (talk.live or (self.full < 1 and not self.asked))


@dataclass(frozen=True)
class Colleague:
    """Somebody who could be drawn into a conversation. ``load`` and ``most`` are those of its channel; ``is_near``: of the own unit."""

    id: int
    number: str
    name: str
    unit: str
    is_near: bool
    state: Presence
    load: int
    most: int

    @property
    def is_ready(self) -> bool:
        return self.state == Presence.READY

    @property
    def has_room(self) -> bool:
        return self.is_ready and self.load < self.most


def in_turn(talks: Iterable[Waiting]) -> list[Waiting]:
    """Who sits before it first, then who stands at a counter, then key customers, then who waits longest."""
    return sorted(talks, key=lambda talk: (not talk.live, talk.channel != Channel.VISIT, not talk.key, talk.since, talk.id))


def choose(talk: Waiting, people: Iterable[Free], *, skilled: frozenset[int], at: datetime) -> int | None:
    """Who is offered ``talk``, or None.

    Only those with room. A way in that some have a skill for (``skilled``) goes to them; after its time to all. Who was asked least
    often comes first, then who served this customer last, the best skill, the lightest load, the longest idle.
    """
    wide = talk.account not in skilled or at - talk.since >= talk.overflow
    open_to = [one for one in people if one.has_room(talk) and one.id not in talk.resting and (wide or talk.account in one.levels)]
    if not open_to:
        return None

    def rank(one: Free) -> tuple[int, bool, int, float, float, datetime, int]:
        known = one.id == talk.last_agent
        level = one.levels.get(talk.account, 0)
        return talk.tries.get(one.id, 0), not known, -level, one.share(talk.channel), one.full, one.idle_since, one.id

    return min(open_to, key=rank).id


def plan(talks: Iterable[Waiting], people: Iterable[Free], *, skilled: frozenset[int], at: datetime) -> list[tuple[int, int]]:
    """Conversation and person for everything that can be offered now; each offer counts as load for the next."""
    free = {one.id: one for one in people}
    found = []
    for talk in in_turn(talks):
        chosen = choose(talk, free.values(), skilled=skilled, at=at)
        if chosen is None:
            continue
        one = free[chosen]
        load = {**one.load, talk.channel: one.load.get(talk.channel, 0) + 1}
        free[chosen] = replace(one, idle_since=at, load=load, asked=one.asked or not talk.live)
        found.append((talk.id, chosen))
    return found
