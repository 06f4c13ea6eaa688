"""How the messages of each channel go out: what a channel declares, and what ``reply`` reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

if TYPE_CHECKING:
    from kefu.touch.conversations.models import Account, Message


def _none(_account: Account) -> Text:
    return ""


@dataclass(frozen=True)
class Outlet:
    """The way out of one channel.

    ``send`` is called in the transaction of the reply with a message whose ``delivery`` is QUEUED and whose files hang on it. It stores
    what the channel calls the message (``foreign_id``), and queues what has to be done after the commit; the channel says how that went
    with ``conversations.services.delivered``. It is None where what is stored has arrived. ``hindrance(account)`` says why nothing can go
    out now ("": it can). A text is at most ``most_text`` characters, the files together at most ``most_bytes``.
    """

    channel: str
    send: Callable[[Message], None] | None
    hindrance: Callable[[Account], Text] = _none
    most_text: int = 20_000
    most_files: int = 20
    most_bytes: int = 20 * 1024 * 1024


outlets: Registry[Outlet] = Registry("way out", lambda one: one.channel)
