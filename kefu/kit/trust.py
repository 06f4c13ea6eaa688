"""Whose certificates are trusted: those of the system's authorities, and of one that the centre names. There is no way to leave it out."""

from __future__ import annotations

import ssl

from django.conf import settings


def context(setting: str) -> ssl.SSLContext:
    """For a client. ``setting`` (such as MAIL_CA_FILE) names the file of the own authority. Raises ``OSError`` if it cannot be read."""
    made = ssl.create_default_context()
    if own := str(getattr(settings, setting, "")):
        try:
            made.load_verify_locations(cafile=own)
        except OSError as error:
            raise OSError(f"the certificate authority of KEFU_{setting} cannot be read: {error.strerror or error}") from error
    return made
