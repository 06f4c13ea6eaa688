"""Text kept encrypted at rest (AES-256-GCM), and a blind index by which an encrypted value is still found by equality.

``settings.FIELD_KEYS`` holds one or more keys, newest first: the first one seals, all of them open. So a key is rotated by putting
a new one before it, sealing the rows again and then taking the old one away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


class Unreadable(ValueError):
    """A sealed text that none of the present keys opens, or that was made for another purpose."""


def _derive(key: str, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(key.encode())


@lru_cache(maxsize=4)
def _ring(keys: str) -> tuple[str, dict[str, AESGCM]]:
    ring = {}
    for key in keys.replace(",", " ").split():
        ring[hashlib.sha256(b"kefu key id" + key.encode()).hexdigest()[:8]] = AESGCM(_derive(key, b"kefu fields"))
    if not ring:
        raise ValueError("FIELD_KEYS is empty")
    return next(iter(ring)), ring


def _current() -> tuple[str, dict[str, AESGCM]]:
    return _ring(settings.FIELD_KEYS)


def seal(text: str, purpose: str) -> str:
    """``text`` encrypted; only ``unseal`` with the same ``purpose`` (the column it stands in) opens it. "" stays ""."""
    if not text:
        return ""
    key_id, ring = _current()
    nonce = os.urandom(NONCE)
    sealed = ring[key_id].encrypt(nonce, text.encode(), purpose.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(token: str, purpose: str) -> str:
    """The text in ``token``; raises ``Unreadable``."""
    if not token:
        return ""
    key_id, _, body = token.partition(".")
    key = _current()[1].get(key_id)
    if key is None:
        raise Unreadable(f"no key {key_id[:8]!r}")
    try:
        raw = base64.urlsafe_b64decode(body)
        return key.decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("the sealed text does not open") from error


def is_stale(token: str) -> bool:
    """Whether ``token`` was sealed with a key that is no longer the first one."""
    return bool(token) and token.partition(".")[0] != _current()[0]


def blind(value: str, purpose: str) -> str:
    """A keyed hash (32 hex digits): equal values of one purpose give equal hashes, and nobody without the key can guess them."""
    if not value:
        return ""
    key = hmac.new(settings.BLIND_KEY.encode(), purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]
