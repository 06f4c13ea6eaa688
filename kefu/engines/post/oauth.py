"""A fresh access token for a refresh token (RFC 6749 §6)."""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from kefu.engines.post.servers import SECONDS, SignInRefused, Trouble, words

MOST = 1_000_000
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Token(NamedTuple):
    """``refresh`` is a new refresh token, "" if the old one stays good; ``seconds`` is how long ``access`` is."""

    access: str
    refresh: str
    seconds: int


class _NoWay(HTTPRedirectHandler):
    """A token address that sends elsewhere is not followed: the secret would go along."""

    def redirect_request(self, *_words: object) -> None:
        return None


def fresh(*, url: str, client_id: str, client_secret: str, refresh_token: str, scope: str = "") -> Token:
    """Ask for an access token. Raises ``SignInRefused`` if the grant is gone, ``Trouble`` if the address does not answer."""
    place = urlsplit(url)
    if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK):
        raise Trouble("the token address must begin with https://")
    asked = {"grant_type": "refresh_token", "client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
    asked |= {"scope": scope} if scope else {}
    body = urlencode({name: value for name, value in asked.items() if value}).encode()
    try:
        with build_opener(_NoWay).open(Request(url, data=body, method="POST"), timeout=SECONDS) as answer:  # noqa: S310 - scheme checked
            said = json.loads(answer.read(MOST))
        return Token(str(said["access_token"]), str(said.get("refresh_token") or ""), int(said.get("expires_in") or 300))
    except HTTPError as error:
        if error.code in (400, 401, 403):
            raise SignInRefused(f"the token was refused: {_reason(error)}") from error
        raise Trouble(f"the token address answered {error.code}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(f"no token: {words(error)}") from error


def _reason(error: HTTPError) -> str:
    try:
        said = json.loads(error.read(MOST))
        return " ".join(str(said.get(name, "")) for name in ("error", "error_description")).strip()[:200] or str(error.code)
    except (OSError, ValueError, AttributeError):
        return str(error.code)
