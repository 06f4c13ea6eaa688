"""The table of moves: which command may be given in which state, in which relation to the case, and where it leads.

A capability names its states and relations (``Who``) in ``choices.py`` and says in ``policies.py`` how each relation is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from kefu.kit.errors import Conflict, NotAllowed

S = TypeVar("S", bound=str)
W = TypeVar("W", bound=Enum)


@dataclass(frozen=True)
class Move(Generic[S, W]):
    """A command: from which states, by whom, and into which state (None: it stays)."""

    states: frozenset[S]
    who: frozenset[W]
    to: S | None = None


def move(states: Iterable[S], *who: W, to: S | None = None) -> Move[S, W]:
    """One line of the table."""
    return Move(frozenset(states), frozenset(who), to)


def given(moves: Mapping[str, Move[S, W]], state: str, who: Set[W]) -> set[str]:
    """The commands the table lets somebody in these relations give now."""
    return {name for name, one in moves.items() if state in one.states and one.who & who}


def moved(before: str, after: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an event tells of a step: ``data``, and the states between which the case went, if it went."""
    told = dict(data or {})
    return told if before == after else told | {"from": str(before), "to": str(after)}


def require(moves: Mapping[str, Move[S, W]], command: str, *, allowed: Set[str], who: Set[W]) -> None:
    """Pass, or raise: ``NotAllowed`` where the person may never give it, ``Conflict`` where the case does not permit it now."""
    if command in allowed:
        return
    if moves[command].who & who:
        raise Conflict(code="not_now")
    raise NotAllowed()
