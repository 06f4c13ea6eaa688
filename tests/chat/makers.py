"""Makers of widgets, and a browser that chats."""

from __future__ import annotations

from typing import Any

import orjson
from django.test import Client

from kefu.touch.channels.chat.models import Widget
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations.models import Account
from tests.cast import Cast

SITE = "https://www.example.com"


def widget(cast: Cast, key: str = "w" * 20, **more: Any) -> Widget:
    account = Account.objects.create(channel=Channel.CHAT, name="官网", address=key, unit=cast.centre)
    return Widget.objects.create(**{"account": account, "key": key, "sites": [SITE], "greeting": "您好", **more})


class Browser:
    """What the widget does, without a page."""

    def __init__(self, key: str = "w" * 20, site: str = SITE) -> None:
        self.key, self.site, self.client, self.token = key, site, Client(), ""

    def ask(self, door: str, **words: Any) -> Any:
        body = orjson.dumps({"key": self.key, "token": self.token, **words})
        return self.client.post(f"/chat/{door}", body, content_type="text/plain", headers={"Origin": self.site})

    def start(self, **words: Any) -> Browser:
        self.token = self.ask("start", **words).json()["token"]
        return self

    def send(self, text: str, id: str, after: int = 0) -> Any:  # noqa: A002
        return self.ask("send", text=text, id=id, after=after)

    def turns(self, after: int = 0) -> list[tuple[bool, str]]:
        return [(one["own"], one["text"]) for one in self.ask("turns", after=after).json()["turns"]]
