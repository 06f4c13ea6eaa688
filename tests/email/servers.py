"""An SMTP server on loopback that answers as it is told, in a thread of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Post:
    """``answers`` are what it says to the letters that come next ("250 ok" after them); ``letters`` is what it took, ``reached`` whom each
    of them goes to. It knows no "nobody@...", and those at "later@..." have to wait."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    letters: list[tuple[str, str, bytes]] = field(default_factory=list)
    reached: list[list[str]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    protected: bool = False


def _talk(post: Post, talk: StreamRequestHandler, tls: ssl.SSLContext | None) -> None:
    def say(text: str) -> None:
        talk.wfile.write(f"{text}\r\n".encode())

    say("220 loopback")
    sender, to, taken = "", "", list[str]()
    while line := talk.rfile.readline():
        word = line.decode().strip()
        verb = word[:4].upper()
        if verb == "EHLO":
            say("250-loopback\r\n" + ("250-STARTTLS\r\n" if tls else "") + "250 AUTH PLAIN XOAUTH2")
        elif verb == "STAR" and tls:
            say("220 go on")
            talk.connection = tls.wrap_socket(talk.connection, server_side=True)
            talk.rfile, talk.wfile = talk.connection.makefile("rb"), talk.connection.makefile("wb", buffering=0)
            tls, post.protected = None, True
        elif verb == "AUTH":
            post.signed_in.append(word[5:])
            say("235 ok")
        elif verb == "MAIL":
            sender, taken = word[10:].split(">")[0].strip("<>"), []
            say("250 ok")
        elif verb == "RCPT":
            to = word[8:].strip("<>")
            late = to.startswith("later@")
            say("550 5.1.1 no such user" if to.startswith("nobody@") else "451 4.2.1 try again later" if late else "250 ok")
            taken += [] if late or to.startswith("nobody@") else [to]
        elif verb == "DATA":
            say("354 go on")
            data = b""
            while (part := talk.rfile.readline()) != b".\r\n":
                data += part
            answer = post.answers.pop(0) if post.answers else "250 ok"
            if answer.startswith("250"):
                post.letters.append((sender, taken[0], data))
                post.reached.append(taken)
            say(answer)
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 ok")


@contextmanager
def smtp(*answers: str, tls: ssl.SSLContext | None = None, at_once: bool = False) -> Iterator[Post]:
    """A server that runs until the end of the block; with ``tls`` it speaks STARTTLS, ``at_once`` from the first byte on."""
    post = Post(answers=list(answers))

    class Handler(StreamRequestHandler):
        def setup(self) -> None:
            if tls and at_once:
                self.request, post.protected = tls.wrap_socket(self.request, server_side=True), True
            super().setup()

        def handle(self) -> None:
            with suppress(ssl.SSLError):
                _talk(post, self, None if at_once else tls)

        def finish(self) -> None:
            super().finish()
            self.connection.close()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.handle_error = True, lambda *_words: None  # a client that does not trust it hangs up
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
