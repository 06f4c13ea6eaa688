"""The line is really cut, on either side, while both write: nothing is lost, doubled or told in another order."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import pytest

from tests.entry.test_talks import MADE, SITE, Stream
from tests.entry.test_waking import SESSION
from tests.installation import wait_for

TAKEN = """
from kefu.people.actor import load
from kefu.people.models import Staff
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation
result = Conversation.objects.get().pk
handling.take(actor=load(Staff.objects.get(number="021").pk), id=result)
"""
STORED = """
from kefu.touch.conversations.models import Message
result = list(Message.objects.order_by("pk").values_list("text", flat=True))
"""


class Cable:
    """A line between somebody and the server. ``deaf``: what is asked arrives, the answer does not. ``cut``: nothing goes through."""

    def __init__(self, port: int) -> None:
        self.target, self.deaf, self.broken = port, False, False
        self.ends: list[socket.socket] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listening.accept()
                if self.broken:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.target))
                self.ends += [near, far]
                threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if back and self.deaf:
                    break
                to.sendall(data)
        for end in (source, to):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.broken = True
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def mend(self) -> None:
        self.broken = self.deaf = False


@contextmanager
def cable(port: int) -> Iterator[Cable]:
    made = Cable(port)
    yield made
    made.cut()
    made.listening.close()


def post(port: int, path: str, body: str, headers: dict[str, str]) -> bytes:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        client.request("POST", path, body.encode(), headers)
        answer = client.getresponse()
        said = answer.read()
        assert answer.status in (200, 204, 303), said[:300]
        return said
    finally:
        client.close()


def test_what_both_sides_write_while_the_line_is_cut_arrives_once_and_in_order(installation):
    token = installation.python(MADE)
    session = installation.python(SESSION)
    with installation.serving("--no-worker") as serving, cable(serving.port) as guest, cable(serving.port) as agent:

        def write(text: str, number: int) -> None:
            post(guest.port, "/chat/send", json.dumps({"token": token, "text": text, "id": f"id-{number:06d}", "after": 0}), SITE)

        def reply(text: str, key: str) -> None:
            cookie = f"sessionid={session}; csrftoken={'c' * 32}"
            told = {"Cookie": cookie, "X-CSRFToken": "c" * 32, "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
            post(agent.port, f"/inbox/{talk}/do/reply", urlencode({"text": text, "key": key}), told)

        write("一", 1)
        talk = installation.python(TAKEN)
        stream = Stream(guest.port, token)
        seen = stream.next()["turns"]
        guest.deaf = agent.deaf = True
        for side in (lambda: write("二", 2), lambda: reply("三", "k-3")):
            with pytest.raises((OSError, http.client.HTTPException)):
                side()
        wait_for(lambda: installation.python(STORED) == ["一", "二", "三"])
        guest.cut()
        with pytest.raises((OSError, http.client.HTTPException)):
            write("二", 2)
        agent.mend()
        reply("三", "k-3")
        reply("四", "k-4")
        stream.close()
        guest.mend()
        write("二", 2)
        write("五", 5)
        stream = Stream(guest.port, token, after=seen[-1]["seq"])
        while len(seen) < 5:
            seen += stream.next()["turns"]
        stream.close()
        assert [turn["text"] for turn in seen] == ["一", "二", "三", "四", "五"] == installation.python(STORED)
        assert [turn["seq"] for turn in seen] == sorted(turn["seq"] for turn in seen)
