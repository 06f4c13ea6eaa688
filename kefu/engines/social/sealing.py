"""Signature and encryption of what the WeChat platforms post: AES-256 in CBC mode, PKCS#7 padding to 32 bytes, SHA-1 over sorted words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

RANDOM, LENGTH, BLOCK, KEY_CHARS = 16, 4, 32, 43


class Forged(Exception):
    """What was posted is not proved to come from the platform, or was sealed for somebody else."""


class BadKey(ValueError):
    """No EncodingAESKey: it has 43 letters and digits."""


def signature(*words: str) -> str:
    """SHA-1 over the words, sorted and joined. The platform gives the algorithm; the secret is among the words."""
    return hashlib.sha1("".join(sorted(words)).encode(), usedforsecurity=False).hexdigest()


def prove(given: str, *words: str) -> None:
    """Raises ``Forged`` unless ``given`` is the signature of the words."""
    if not given or not hmac.compare_digest(signature(*words).encode(), given.strip().lower().encode()):
        raise Forged("the signature does not hold")


class Sealer:
    """Opens and seals with an EncodingAESKey; ``receiver`` is the AppID or CorpID that stands at the end of what is sealed."""

    def __init__(self, key: str, receiver: str) -> None:
        try:
            self._key = base64.b64decode(f"{key}=", validate=True) if len(key) == KEY_CHARS else b""
        except ValueError:
            self._key = b""
        if len(self._key) != BLOCK:
            raise BadKey("an EncodingAESKey has 43 letters and digits")
        self._receiver = receiver.encode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def open(self, sealed: str) -> bytes:
        """The bytes inside. Raises ``Forged``. Prove the signature first: the padding alone proves nothing."""
        try:
            data = base64.b64decode(sealed, validate=True)
            opener = self._cipher().decryptor()
            plain = opener.update(data) + opener.finalize()
        except ValueError as error:
            raise Forged("it cannot be opened") from error
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise Forged("it was sealed with another key")
        inside = plain[RANDOM:-padding]
        size = int.from_bytes(inside[:LENGTH], "big")
        if len(inside) < LENGTH + size or inside[LENGTH + size :] != self._receiver:
            raise Forged("it was sealed for another account")
        return inside[LENGTH : LENGTH + size]

    def seal(self, data: bytes) -> str:
        inside = secrets.token_bytes(RANDOM) + len(data).to_bytes(LENGTH, "big") + data + self._receiver
        padding = BLOCK - len(inside) % BLOCK
        closer = self._cipher().encryptor()
        return base64.b64encode(closer.update(inside + bytes([padding]) * padding) + closer.finalize()).decode()
