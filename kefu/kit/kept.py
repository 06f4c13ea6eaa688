"""Drawn pieces that are kept: a piece depends on what it is given and on the language alone, so the same asked again is the same drawn.

Both stand in the key, whole: nothing that was drawn for one person can stand before another who would have got something else. What passes
with time (remaining times) is no piece to be kept. At most ``MOST`` are held; the oldest half goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any

from markupsafe import Markup

from kefu.kit.language import said

MOST = 2000


class Kept:
    """``kept(piece, *given)`` is ``piece(*given)``, drawn once a language and process."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._held: dict[Hashable, Any] = {}

    def __call__(self, piece: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        """A piece that cannot be asked by what it was given (a list, a row) is drawn anew."""
        try:
            key = (said(), piece, _told(given), *[(name, _told(value)) for name, value in named.items()])
        except TypeError:
            return piece(*given, **named)
        return self.of(key, lambda: piece(*given, **named))

    def of(self, key: Hashable, draw: Callable[[], Any]) -> Any:
        """What ``draw`` gives; ``key`` holds all that it is drawn from."""
        known = self._held.get(key)
        if known is None:
            if len(self._held) >= self.most:
                for old in list(self._held)[: self.most // 2]:
                    self._held.pop(old, None)
            known = self._held[key] = draw()
        return known


_PLAIN = frozenset((Markup, int, bool, float, datetime))


def _told(value: Any) -> Hashable:
    """A value with its kind: a text that is safe to draw is another one than the same text that still has to be escaped."""
    if value is None or value.__class__ is str:
        return value  # type: ignore[no-any-return]
    if value.__class__ is tuple:
        return tuple([_told(one) for one in value])
    if value.__class__ in _PLAIN:
        return (value.__class__, value)
    raise TypeError


kept = Kept()
GLOBALS: dict[str, Any] = {"kept_piece": kept}
