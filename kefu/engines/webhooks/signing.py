"""Signatures as the Standard Webhooks specification wants them (version 1, symmetric). Pure functions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX, SIZE = "whsec_", 32
LEAST, MOST = 24, 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ``ValueError`` unless it is "whsec_" and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if not secret.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError("whsec_ and 24 to 64 bytes")
    return key


def signature(secret: str, word: str, stamp: int, body: str) -> str:
    signed = hmac.new(key_of(secret), f"{word}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(secrets_: Iterable[str], word: str, stamp: int, body: str) -> dict[str, str]:
    """The three headers of a message; one signature for each secret in force."""
    signed = " ".join(signature(one, word, stamp, body) for one in secrets_)
    return {"webhook-id": word, "webhook-timestamp": str(stamp), "webhook-signature": signed}
