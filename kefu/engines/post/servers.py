"""Where a mail server stands, and who signs in there."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from kefu.kit import trust

TLS, STARTTLS, PLAIN = "tls", "starttls", "none"
SECONDS = 30.0


class Trouble(Exception):
    """The server cannot be used now; the text says why, in the words of the server where it said any."""


class SignInRefused(Trouble):
    """The server does not take the user name or the password."""


@dataclass(frozen=True)
class Server:
    """``security`` is ``tls`` from the first byte, ``starttls``, or ``none`` (a server of one's own on the same machine)."""

    host: str
    port: int
    security: str = TLS


@dataclass(frozen=True)
class Login:
    """``secret`` is the password, or with ``oauth`` the access token. No user: nobody signs in."""

    user: str = ""
    secret: str = field(default="", repr=False)
    oauth: bool = False

    @property
    def xoauth2(self) -> str:
        """What XOAUTH2 sends, before it is made base64."""
        return f"user={self.user}\x01auth=Bearer {self.secret}\x01\x01"


def context() -> ssl.SSLContext:
    """Certificates are always judged: by the authorities of the system and by the centre's own (``KEFU_MAIL_CA_FILE``). Raises ``OSError``
    if its file cannot be read."""
    return trust.context("MAIL_CA_FILE")


def words(error: BaseException) -> str:
    """What an error says, in one line and without a secret: servers repeat no password."""
    said = str(error) or type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        said = f"the certificate of the server is not trusted: {error.verify_message}"
    if said.startswith(("b'", 'b"')):
        said = said[2:-1]
    return " ".join(said.split())[:300]
