"""A folder of a mail server: what is new in it, the bytes of its letters, and waiting for the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from kefu.engines.post.servers import STARTTLS, TLS, Login, Server, SignInRefused, Trouble, context, words

CONNECT, READ = 20.0, 120.0
AT_ONCE = 500


class Folder:
    """One folder, opened for reading; nothing in it is ever marked, moved or deleted. All calls raise ``Trouble``."""

    def __init__(self, client: IMAPClient, validity: int) -> None:
        self.client = client
        self.validity = validity
        self.can_idle: bool = client.has_capability("IDLE")

    def new(self, after: int, since: date | None = None) -> list[tuple[int, int]]:
        """The letters with a number above ``after``, in order: number and size."""
        asked: list[Any] = ["UID", f"{after + 1}:*", *(["SINCE", since] if since else [])]
        with spoken():
            self.client.noop()
            uids = sorted(uid for uid in self.client.search(asked) if uid > after)
            found = []
            for start in range(0, len(uids), AT_ONCE):
                sizes = self.client.fetch(uids[start : start + AT_ONCE], ["RFC822.SIZE"])
                found += [(uid, int(sizes[uid].get(b"RFC822.SIZE") or 0)) for uid in sorted(sizes)]
            return found

    def letters(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of these letters; one that has gone meanwhile is left out."""
        with spoken():
            answered = self.client.fetch(list(uids), ["BODY.PEEK[]"])
        return {uid: said.get(b"BODY[]") or b"" for uid, said in answered.items() if uid in set(uids)}

    def head(self, uid: int, most: int) -> bytes:
        """The first ``most`` bytes of a letter."""
        with spoken():
            said = self.client.fetch([uid], [f"BODY.PEEK[]<0.{most}>"]).get(uid, {})
        return next((value for name, value in said.items() if name.startswith(b"BODY[]") and value), b"")

    @contextmanager
    def idle(self) -> Iterator[None]:
        """The server tells what arrives, until the end of the block."""
        with spoken():
            self.client.idle()
        try:
            yield
        finally:
            with spoken():
                self.client.idle_done()

    def told(self, seconds: float) -> bool:
        """Within ``idle``: whether the server told of a new letter in this time."""
        with spoken():
            return any(b"EXISTS" in answer or b"RECENT" in answer for answer in self.client.idle_check(timeout=seconds))


@contextmanager
def spoken() -> Iterator[None]:
    """Whatever goes wrong with the server is ``Trouble``."""
    try:
        yield
    except LoginError as error:
        raise SignInRefused(words(error)) from error
    except (IMAPClientError, OSError, ValueError, KeyError, AttributeError) as error:
        raise Trouble(words(error)) from error


@contextmanager
def opened(server: Server, login: Login, folder: str = "INBOX", *, patience: float = READ) -> Iterator[Folder]:
    """Sign in and open the folder; the server has ``patience`` seconds for each answer. Raises ``SignInRefused`` or ``Trouble``."""
    with spoken():
        secure = context() if server.security == TLS else None
        client = IMAPClient(
            server.host,
            port=server.port,
            ssl=server.security == TLS,
            ssl_context=secure,
            timeout=SocketTimeout(min(CONNECT, patience), patience),
        )
    client._imap.debug = 0  # IMAPClient has each letter written out as a line of a log that nobody reads: half of the time
    try:
        with spoken():
            if server.security == STARTTLS:
                client.starttls(context())
            if login.oauth:
                client.oauth2_login(login.user, login.secret)
            else:
                client.login(login.user, login.secret)
            _introduce(client)
            chosen = client.select_folder(folder, readonly=True)
        yield Folder(client, int(chosen.get(b"UIDVALIDITY") or 0))
    finally:
        with suppress(Exception):
            client.logout()
        with suppress(Exception):
            client.shutdown()


def _introduce(client: IMAPClient) -> None:
    """The servers of NetEase (163, 126) open no folder to a client that has not said who it is (RFC 2971)."""
    if client.has_capability("ID"):
        with suppress(IMAPClientError):
            client.id_({"name": "Kefu", "version": "1"})
