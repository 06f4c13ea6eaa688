"""How the messages of each channel go out: what a channel declares, and what ``reply`` and its neighbours read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

if TYPE_CHECKING:
    from kefu.people.actor import Actor
    from kefu.touch.conversations.models import Account, Conversation, Message


def _none(_account: Account) -> Text:
    return ""


@dataclass(frozen=True)
class Copies:
    """Who is to get a copy of a reply: addresses as they were typed (``bcc``: whom nobody else sees), and ``also`` by the keys that the
    ``heads`` of the letters give them."""

    cc: str = ""
    bcc: str = ""
    also: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cc or self.bcc or self.also)


@dataclass(frozen=True)
class Head:
    """To and from whom a letter goes, masked. ``all``: who is to get a copy of an answer to all, a key and how he is shown each."""

    sender: str = ""
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    more: int = 0
    all: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class WayIn:
    """A way in that nobody sets up: a counter, the portal, the city hotline. ``url``: where it is worked, if the page of all channels is to
    show it; a channel that tells of its own state gives none."""

    address: str
    name: Text
    url: str = ""


@dataclass(frozen=True)
class Outlet:
    """The way out of one channel.

    ``send`` is called in the transaction of the reply with a message whose ``delivery`` is QUEUED and whose files hang on it. It stores
    what the channel calls the message (``foreign_id``), and queues what has to be done after the commit; the channel says how that went
    with ``conversations.services.delivered``. It is None where what is stored has arrived. ``hindrance(account)`` says why nothing can go
    out now ("": it can). A text is at most ``most_text`` characters, the files together at most ``most_bytes``.

    Where a message goes to more than one: ``copy`` keeps who gets copies of a reply, before ``send`` (raises ``Invalid``), and ``heads``
    tells to whom the given messages (rows of ``queries.messages``) of a conversation went; messages between two have none.

    ``elsewhere``: nothing is sent here at all, and where the customer is answered instead. ``taken`` and ``closing`` are called in
    the transaction in which a person takes a talk or closes it (True: as junk), so that what the channel keeps of its own moves with it;
    they raise ``Conflict`` or ``Invalid`` with what hinders that. ``ends``: the talk is over when its contact has led to something.

    ``looked_up``: nothing reaches the customer, who reads the answer where he has to look; that one waits is told to him by mail or SMS.

    ``ways_in``: the ways in that the channel has without being set up, in the active language (decision 0030).
    """

    channel: str
    send: Callable[[Message], None] | None
    hindrance: Callable[[Account], Text] = _none
    most_text: int = 20_000
    most_files: int = 20
    most_bytes: int = 20 * 1024 * 1024
    copy: Callable[[Message, Copies], None] | None = None
    heads: Callable[[Conversation, Sequence[Mapping[str, Any]]], dict[int, Head]] | None = None
    elsewhere: Text = ""
    taken: Callable[[Actor, Conversation], None] | None = None
    closing: Callable[[Conversation, bool], None] | None = None
    ends: bool = False
    looked_up: bool = False
    ways_in: Callable[[], Iterable[WayIn]] | None = None


outlets: Registry[Outlet] = Registry("way out", lambda one: one.channel)
