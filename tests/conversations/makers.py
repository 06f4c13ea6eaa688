"""Makers of mailboxes, letters and conversations."""

from __future__ import annotations

from typing import Any

from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import services
from kefu.touch.conversations.models import Account, Conversation
from kefu.touch.conversations.services import Incoming
from tests.cast import Cast


def account(cast: Cast, address: str = "service@kefu.example", unit: Any = None) -> Account:
    made, _new = Account.objects.get_or_create(
        channel=Channel.EMAIL, address=address, defaults={"name": "服务邮箱", "unit": unit or cast.centre}
    )
    return made


def letter(number: int = 1, **words: Any) -> Incoming:
    told = {
        "foreign_id": f"<{number}@home.example>",
        "sender": "Zhang@Home.example",
        "name": "张伟",
        "title": "水管漏水",
        "text": "厨房水管漏水\n-- \n张伟",
        "reply": "厨房水管漏水",
    }
    return Incoming(**{**told, **words})


def written(cast: Cast, number: int = 1, **words: Any) -> Conversation:
    """A conversation that nobody has taken."""
    message, _new = services.receive(account=account(cast), incoming=letter(number, **words))
    return message.conversation
