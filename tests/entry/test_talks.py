"""The stream of a visitor on a real server: told at once, and again from where it broke."""

from __future__ import annotations

import http.client
import json

MADE = """
from kefu.touch.channels.chat import queries
from kefu.touch.channels.chat.models import Visitor
from tests.cast import make_cast
from tests.chat.makers import widget
from kefu.touch.channels.chat import services
cast = make_cast()
made = services.start(widget=widget(cast), name="", origin="", agreed=False)
result = queries.token_of(made)
"""
WRITE = """
from kefu.touch.channels.chat import queries, services
services.write(visitor=queries.visitor({token!r}), text={text!r}, id={id!r})
result = True
"""
REPLY = """
from kefu.people.actor import load
from kefu.people.models import Staff
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation
for text in {texts!r}:
    handling.reply(actor=load(Staff.objects.get(number="021").pk), id=Conversation.objects.get().pk, text=text)
result = True
"""
SITE = {"Origin": "https://www.example.com", "Content-Type": "text/plain"}


class Stream:
    def __init__(self, port: int, token: str, after: int = 0, origin: str = SITE["Origin"]) -> None:
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.client.request("POST", "/chat/stream", json.dumps({"token": token, "after": after}), {**SITE, "Origin": origin})
        self.response = self.client.getresponse()

    def next(self) -> dict:
        """The next thing said that holds turns."""
        while True:
            line = self.response.readline().decode()
            assert line, "the stream ended"
            if line.startswith("data: ") and (told := json.loads(line[6:]))["turns"]:
                return told

    def close(self) -> None:
        self.response.close()
        self.client.close()


def refused(port: int, token: str, origin: str = SITE["Origin"]) -> tuple[int, str]:
    stream = Stream(port, token, origin=origin)
    said = json.loads(stream.response.read())
    stream.close()
    return stream.response.status, said["code"]


def test_a_stream_tells_at_once_and_goes_on_where_it_broke(installation):
    token = installation.python(MADE)
    with installation.serving() as serving:
        assert refused(serving.port, token) == (422, "no_talk")
        installation.python(WRITE.format(token=token, text="一", id="id-000001"))
        assert refused(serving.port, token, origin="https://evil.example.com") == (403, "not_allowed")
        assert refused(serving.port, token + "x") == (404, "not_found")
        first = Stream(serving.port, token)
        assert first.response.getheader("access-control-allow-origin") == SITE["Origin"]
        said = first.next()
        assert [one["text"] for one in said["turns"]] == ["一"]
        installation.python(REPLY.format(texts=["二", "三"]))
        told = []
        while len(told) < 2:
            told += first.next()["turns"]
        assert [one["text"] for one in told] == ["二", "三"]
        first.close()
        installation.python(REPLY.format(texts=["四"]))
        installation.python(WRITE.format(token=token, text="五", id="id-000002"))
        again = Stream(serving.port, token, after=told[-1]["seq"])
        assert [one["text"] for one in again.next()["turns"]] == ["四", "五"]
        again.close()
