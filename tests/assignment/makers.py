"""Makers of chats that wait."""

from __future__ import annotations

from typing import Any

from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services
from kefu.touch.conversations.models import Account, Conversation
from kefu.touch.conversations.services import Incoming
from kefu.touch.presence import handling
from tests.cast import Cast


def chat_account(cast: Cast, address: str = "widget") -> Account:
    made, _new = Account.objects.get_or_create(
        channel=Channel.CHAT, address=address, defaults={"name": "官网在线客服", "unit": cast.centre}
    )
    return made


def chatted(cast: Cast, number: int = 1, address: str = "widget") -> Conversation:
    """A chat that nobody has taken."""
    incoming = Incoming(foreign_id=f"v{number}:1", sender=f"visitor:{number}", name="张伟", text="电梯坏了", reply="电梯坏了")
    message, _new = services.receive(account=chat_account(cast, address), incoming=incoming)
    return message.conversation


def wrote(cast: Cast, channel: str, number: int = 1, **words: Any) -> Conversation:
    """A talk on a channel that nobody has taken."""
    account, _new = Account.objects.get_or_create(channel=channel, address=f"in-{channel}", defaults={"name": channel, "unit": cast.centre})
    told = {"foreign_id": f"{channel}:{number}", "sender": f"person-{number}", "title": "漏水", "text": "漏水", "reply": "漏水"}
    return services.receive(account=account, incoming=Incoming(**{**told, **words}))[0].conversation


def ready(cast: Cast, *people: object) -> None:
    for one in people:
        handling.change(actor=cast.actor(one), id=one.pk, state="ready")  # type: ignore[arg-type, attr-defined]
