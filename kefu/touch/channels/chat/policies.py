"""The judge of how often a visitor comes. Chats are too lively to write each knock down: a process counts for itself."""

from __future__ import annotations

from django.conf import settings

from kefu.kit.errors import TooOften
from kefu.kit.gate import Gate

SENDS = Gate(most=100, within=300)
UPLOADS = Gate(most=20, within=300)
READS = Gate(most=200, within=300)  # a widget without a stream asks every three seconds
MARKS = Gate(most=150, within=300)  # a widget tells at most every three seconds that somebody types, and what was read
STREAMS = Gate(most=60, within=300)
ADDRESSES = Gate(most=settings.CHAT_PER_MINUTE, within=60)  # many visitors may stand behind one address


def admit(gate: Gate, who: str) -> None:
    """Count one try. Raises ``TooOften``."""
    if not gate.passes(who):
        raise TooOften()
