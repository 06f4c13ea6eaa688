"""How the ways in and out fare: channels and receivers say it once, for the page of all channels and for ``kefu doctor``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

SEES = ("settings.manage", "conversations.lead")


@dataclass(frozen=True)
class Ill:
    """Something that is wrong with a way, and what to do about it, in the active language."""

    text: str
    remedy: str


@dataclass(frozen=True)
class Way:
    """One mailbox, line, widget or receiver. ``url`` leads to its settings; ``waiting`` and ``failing`` count what is to go out (or, for
    faxes, to be looked at). ``tried`` says that it has been seen to work."""

    kind: Text
    name: str
    url: str
    active: bool = True
    tried: bool = True
    last_in: datetime | None = None
    last_out: datetime | None = None
    waiting: int = 0
    failing: int = 0
    ills: tuple[Ill, ...] = ()

    @property
    def level(self) -> str:
        """ "warn", "off", "new" or "good"."""
        return "warn" if self.ills else "off" if not self.active else "good" if self.tried else "new"


@dataclass(frozen=True)
class Source:
    """Where the ways of one kind are read; whoever asks has been judged. One of the rights ``opens`` opens their settings."""

    code: str
    read: Callable[[], list[Way]]
    opens: tuple[str, ...]


healths: Registry[Source] = Registry("source of health", lambda one: one.code)


def ways(actor: Any) -> list[Way]:
    """All of them, those that are ill first. Raises ``NotAllowed``."""
    actor.require(*SEES)
    found = [way if actor.can_any(*source.opens) else replace(way, url="") for source in healths for way in source.read()]
    return sorted(found, key=lambda way: {"warn": 0, "new": 1, "good": 2, "off": 3}[way.level])
