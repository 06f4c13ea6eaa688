"""An SMTP server on loopback that answers as it is told, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Post:
    """``answers`` are what it says to the letters that come next ("250 ok" after them); ``letters`` is what it took."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)


def _talk(post: Post, talk: StreamRequestHandler) -> None:
    def say(text: str) -> None:
        talk.wfile.write(f"{text}\r\n".encode())

    say("220 loopback")
    sender = to = ""
    while line := talk.rfile.readline():
        word = line.decode().strip()
        verb = word[:4].upper()
        if verb == "EHLO":
            say("250-loopback\r\n250 AUTH PLAIN XOAUTH2")
        elif verb == "AUTH":
            post.signed_in.append(word[5:])
            say("235 ok")
        elif verb == "MAIL":
            sender = word[10:].split(">")[0].strip("<>")
            say("250 ok")
        elif verb == "RCPT":
            to = word[8:].strip("<>")
            say("550 5.1.1 no such user" if to.startswith("nobody@") else "250 ok")
        elif verb == "DATA":
            say("354 go on")
            data = b""
            while (part := talk.rfile.readline()) != b".\r\n":
                data += part
            answer = post.answers.pop(0) if post.answers else "250 ok"
            if answer.startswith("250"):
                post.letters.append((sender, to, data))
            say(answer)
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")


@contextmanager
def smtp(*answers: str) -> Iterator[Post]:
    """A server that runs until the end of the block."""
    post = Post(answers=list(answers))

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            _talk(post, self)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        post.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield post
        finally:
            server.shutdown()


def nobody_listens() -> int:
    """A port on which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
