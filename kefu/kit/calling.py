"""One request over HTTP to a system that an administrator named: bounded in time and size, redirects not followed, certificates checked."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from kefu.kit import trust

CA = "GATEWAY_CA_FILE"


class NotSent(Exception):
    """No connection: nothing was sent."""


class Broken(Exception):
    """The line broke, or time was up, before the whole answer was there: what was asked may have been done."""


class TooLarge(Exception):
    """The answer is larger than what is taken."""


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def call(
    method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, seconds: float, total: float, most: int
) -> Answer:
    """``seconds`` to connect and for each piece, ``total`` for the whole answer, at most ``most`` bytes of it.

    Raises ``NotSent``, ``Broken``, ``TooLarge``.
    """
    place = urlsplit(address)
    path = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
    end = time.monotonic() + total
    try:
        way = _way(place.scheme, place.hostname or "", place.port, seconds)
        way.connect()
    except (OSError, ValueError) as error:
        raise NotSent(str(error) or type(error).__name__) from error
    try:
        way.request(method, path, body=body or None, headers=dict(headers or {}))
        answer = way.getresponse()
        return Answer(answer.status, answer.headers, _taken(answer, most, end))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Broken(str(error) or type(error).__name__) from error
    finally:
        way.close()


def _way(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port or 443, timeout=seconds, context=trust.context(CA))
    return http.client.HTTPConnection(host, port or 80, timeout=seconds)


def _taken(answer: http.client.HTTPResponse, most: int, end: float) -> bytes:
    told = int(answer.headers.get("Content-Length") or 0)
    if told > most:
        raise TooLarge()
    data = bytearray()
    while piece := answer.read1(65_536):
        data += piece
        if len(data) > most:
            raise TooLarge()
        if time.monotonic() > end:
            raise TimeoutError("the server answers too slowly")
    if len(data) < told:
        raise http.client.IncompleteRead(bytes(data), told - len(data))
    return bytes(data)
