"""The judge of who sets up WeChat accounts, and of how often their platforms come. A process counts for itself."""

from __future__ import annotations

from kefu.kit.errors import NotAllowed, TooOften
from kefu.kit.gate import Gate
from kefu.people.actor import Actor
from kefu.touch.channels.social import queries

POSTS = Gate(most=3000, within=60)  # of one account; a campaign brings many people at once


def judge(actor: Actor) -> None:
    """Pass who sets up WeChat accounts; raises ``NotAllowed`` for all others."""
    if not actor.can(queries.MANAGE):
        raise NotAllowed()


def admit(who: str) -> None:
    """Count one post. Raises ``TooOften``."""
    if not POSTS.passes(who):
        raise TooOften()
