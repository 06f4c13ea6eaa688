"""A session with an SMSC: bound as a transceiver, one thread, nothing acknowledged before it is stored."""

from __future__ import annotations

import itertools
import select
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from kefu.engines.texting import pdus
from kefu.engines.texting.carrier import SignInRefused, Trouble, words
from kefu.engines.texting.pdus import Malformed, Pdu, Short

CONNECT, ANSWER = 15.0, 20.0
ENQUIRE_AFTER, SILENT_FOR = 30.0, 60.0


class Place(NamedTuple):
    """Where an SMSC stands and who signs in there."""

    host: str
    port: int
    tls: bool = False
    system_id: str = ""
    password: str = ""
    system_type: str = ""


class Taken(NamedTuple):
    """The answer to a part that was submitted. ``status`` 0: taken, and called ``id``."""

    sequence: int
    status: int
    id: str


class Came(NamedTuple):
    """A deliver_sm that waits to be acknowledged; ``short`` is None if it cannot be read."""

    pdu: Pdu
    short: Short | None


class Session:
    """A bound connection. All calls raise ``Trouble`` when it is over."""

    def __init__(self, way: socket.socket, *, enquire_after: float = ENQUIRE_AFTER, silent_for: float = SILENT_FOR) -> None:
        self.way = way
        self.held = b""
        self.numbers = itertools.count(1)
        self.bound_at = self.heard = self.asked = time.monotonic()
        self.enquire_after, self.silent_for = enquire_after, silent_for

    def bind(self, place: Place) -> None:
        """Sign in. Raises ``SignInRefused``."""
        self._write(pdus.bind(next(self.numbers), place.system_id, place.password, place.system_type))
        end = time.monotonic() + ANSWER
        while time.monotonic() < end:
            for pdu in self._arrived(min(1.0, ANSWER)):
                if pdu.command == pdus.BIND | pdus.RESPONSE:
                    if pdu.status in pdus.SIGN_IN:
                        raise SignInRefused(f"sign-in: {pdus.SIGN_IN[pdu.status]}")
                    if pdu.status:
                        raise Trouble(f"bind: {pdus.STATUS.get(pdu.status, hex(pdu.status))}")
                    return
                if pdu.command == pdus.NACK:
                    raise Trouble("bind: the SMSC does not understand")
        raise Trouble("bind: timed out")

    def submit(self, source: str, target: str, part: Short) -> int:
        """Write a part; its answer comes by ``events`` under the number given here."""
        number = next(self.numbers)
        self._write(pdus.submit(number, source, target, part))
        return number

    def acknowledge(self, pdu: Pdu, status: int = pdus.OK) -> None:
        self._write(pdus.answer(pdu, status))

    def events(self, seconds: float) -> Iterator[Taken | Came]:
        """What arrives within ``seconds``. The link is kept and its silence is noticed."""
        for pdu in self._arrived(seconds):
            if pdu.command == pdus.SUBMIT | pdus.RESPONSE:
                yield Taken(pdu.sequence, pdu.status, _named(pdu))
            elif pdu.command == pdus.NACK:
                yield Taken(pdu.sequence, pdu.status or pdus.SYSTEM, "")
            elif pdu.command == pdus.DELIVER:
                yield Came(pdu, _short(pdu))
            elif pdu.command == pdus.ENQUIRE:
                self._write(pdus.answer(pdu))
            elif pdu.command == pdus.UNBIND:
                with suppress(Trouble):
                    self._write(pdus.answer(pdu))
                raise Trouble("the SMSC has ended the session")
            elif not pdu.command & pdus.RESPONSE:
                self._write(Pdu(pdus.NACK, pdus.NOT_MINE, pdu.sequence).packed())
        self._keep()

    def _keep(self) -> None:
        now = time.monotonic()
        if now - self.heard > self.silent_for:
            raise Trouble("the SMSC is silent")
        if now - max(self.heard, self.asked) > self.enquire_after:
            self.asked = now
            self._write(Pdu(pdus.ENQUIRE, 0, next(self.numbers)).packed())

    def _write(self, data: bytes) -> None:
        try:
            self.way.settimeout(ANSWER)
            self.way.sendall(data)
        except OSError as error:
            raise Trouble(words(error)) from error

    def _arrived(self, seconds: float) -> list[Pdu]:
        """The whole PDUs that are there, after waiting for the first at most so long."""
        try:
            if not self._waiting() and not select.select([self.way], [], [], seconds)[0]:
                return self._whole()
            data = self.way.recv(65_536)
        except (OSError, ValueError) as error:
            raise Trouble(words(error)) from error
        if not data:
            raise Trouble("the SMSC has hung up")
        self.heard = time.monotonic()
        self.held += data
        return self._whole()

    def _waiting(self) -> bool:
        return isinstance(self.way, ssl.SSLSocket) and self.way.pending() > 0

    def _whole(self) -> list[Pdu]:
        found = []
        try:
            while len(self.held) >= 4 and len(self.held) >= (size := pdus.size_of(self.held)):
                found.append(pdus.read(self.held[:size]))
                self.held = self.held[size:]
        except Malformed as error:
            raise Trouble(f"the SMSC writes what is no SMPP: {error}") from error
        return found


def _named(pdu: Pdu) -> str:
    try:
        return pdus.message_id(pdu)
    except Malformed:
        return ""


def _short(pdu: Pdu) -> Short | None:
    try:
        return pdus.short(pdu)
    except Malformed:
        return None


@contextmanager
def opened(place: Place) -> Iterator[Session]:
    """A session that is bound. Raises ``SignInRefused`` or ``Trouble``."""
    try:
        way: socket.socket = socket.create_connection((place.host, place.port), CONNECT)
        if place.tls:
            way = ssl.create_default_context().wrap_socket(way, server_hostname=place.host)
    except (OSError, ValueError) as error:
        raise Trouble(words(error)) from error
    try:
        session = Session(way)
        session.bind(place)
        yield session
        with suppress(Trouble):
            session._write(Pdu(pdus.UNBIND, 0, next(session.numbers)).packed())
    finally:
        way.close()
