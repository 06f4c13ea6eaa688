"""One POST to an address that somebody typed: only to where it may go, and never longer than stated. Raises ``Unreached``.

A name is resolved once, and the connection goes to what was resolved: a name that points elsewhere a moment later leads nowhere.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from kefu.engines.webhooks.choices import Trouble
from kefu.kit import trust

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
READ, SAID = 65_536, 1000


class Unreached(Exception):
    """No answer came, or the address may not be called at all."""

    def __init__(self, why: Trouble, detail: str = "") -> None:
        super().__init__(f"{why} {detail}")
        self.why, self.detail = why, detail[:200]


class Bounds(NamedTuple):
    """Seconds: to connect, to wait for the next bytes, and for everything together."""

    connect: float = 5.0
    wait: float = 10.0
    total: float = 20.0


class Answer(NamedTuple):
    """``text`` is the begin of the body, ``later`` the seconds of Retry-After."""

    status: int
    text: str
    later: int | None


def _inside(host: str, address: Address, named: Sequence[str]) -> bool:
    """Whether the one who runs this machine has named the host, its address or its network."""
    for one in named:
        if one.lower() == host:
            return True
        with suppress(ValueError):
            if address in ipaddress.ip_network(one, strict=False):
                return True
    return False


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        held = address.ipv4_mapped or address.sixtofour
        if held is None and address in NAT64:
            held = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if held is not None:
            return _public(held)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def place_of(url: str) -> tuple[SplitResult, str, int]:
    """The parts of an address, its host in small letters, its port. Raises ``Unreached``."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        host.encode("idna")
    except (ValueError, UnicodeError) as error:
        raise Unreached(Trouble.ADDRESS) from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or not url.isascii() or not url.isprintable():
        raise Unreached(Trouble.ADDRESS)
    return parts, host, port


def target(url: str, named: Sequence[str] | None = None) -> tuple[str, int]:
    """The address and port to connect to. Raises ``Unreached``.

    ``named`` are hosts, addresses and networks inside that may be called (the setting KEFU_WEBHOOK_INSIDE).
    """
    parts, host, port = place_of(url)
    named = settings.WEBHOOK_INSIDE if named is None else named
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreached(Trouble.NAME, host) from error
    places = [(str(place[0]), ipaddress.ip_address(str(place[0]).partition("%")[0])) for *_kind, place in found]
    for text, address in places:
        if _inside(host, address, named) or (parts.scheme == "https" and _public(address)):
            return text, port
    raise Unreached(
        Trouble.PLAIN if parts.scheme == "http" and all(_public(address) for _text, address in places) else Trouble.INSIDE, host
    )


@contextmanager
def _cut_after(sock: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Break the connection when the time is up, whatever is being waited for. The event says that it was."""
    late, number = threading.Event(), os.dup(sock.fileno())

    def cut() -> None:
        late.set()
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as same:
            same.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        os.close(number)


def post(url: str, headers: Mapping[str, str], body: bytes, bounds: Bounds) -> Answer:
    """Hand over ``body``. A redirect is an answer like any other. Raises ``Unreached``."""
    parts, host, port = place_of(url)
    end = time.monotonic() + bounds.total
    try:
        plain = socket.create_connection(target(url), timeout=bounds.connect)
    except OSError as error:
        raise Unreached(Trouble.CONNECT, said(error)) from error
    with plain, _cut_after(plain, max(0.05, end - time.monotonic())) as late:
        plain.settimeout(bounds.wait)
        try:
            sock = _sealed(plain, host) if parts.scheme == "https" else plain
            with sock:
                way = http.client.HTTPConnection(host, port)
                way.sock, way.auto_open = sock, 0
                way.request(
                    "POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, {"Host": parts.netloc, **headers}
                )
                return _read(way.getresponse())
        except ssl.SSLCertVerificationError as error:
            raise Unreached(Trouble.UNTRUSTED, error.verify_message[:200]) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise Unreached(Trouble.SLOW) from error
            raise Unreached(Trouble.BROKE, said(error)) from error


def _sealed(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return trust.context("WEBHOOK_CA_FILE").wrap_socket(plain, server_hostname=host)


def _read(answer: http.client.HTTPResponse) -> Answer:
    """The status says whether the message was taken; a body that breaks off or never ends changes nothing of it."""
    held = b""
    with suppress(OSError, ValueError, http.client.HTTPException):
        while len(held) < READ and (piece := answer.read1(READ - len(held))):
            held += piece
    later = answer.headers.get("Retry-After", "")
    text = held.decode("utf-8", "replace").replace("\x00", "")[:SAID]
    return Answer(answer.status, text, int(later) if later.isdecimal() and len(later) < 9 else None)


def said(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200]
