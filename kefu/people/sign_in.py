"""Sessions: who a request comes from."""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone, translation

from kefu.people.actor import CACHE_SECONDS, Actor, actor_of

STAFF_KEY = "staff"
_sessions: dict[str, tuple[float, int | None]] = {}
_lock = threading.Lock()


def forget_session(key: str | None) -> None:
    """Drop a session from the cache of this process (others follow within ``CACHE_SECONDS``)."""
    with _lock:
        _sessions.pop(key or "", None)


def actor_of_request(request: HttpRequest) -> Actor | None:
    """The signed-in person behind the session cookie, or None."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or len(key) > 64:
        return None
    held = _sessions.get(key)
    if held is None or held[0] <= time.monotonic():
        held = (time.monotonic() + CACHE_SECONDS, _staff_of(key))
        with _lock:
            if len(_sessions) > 20_000:
                _sessions.clear()
            _sessions[key] = held
    return actor_of(held[1]) if held[1] is not None else None


def _staff_of(key: str) -> int | None:
    session = Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
    if session is None:
        return None
    value = session.get_decoded().get(STAFF_KEY)
    return value if isinstance(value, int) else None


def language_of_guest(request: HttpRequest) -> str:
    """What a guest reads: the language chosen by cookie, else Chinese unless the browser asks for English first."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return "en" if translation.get_language_from_request(request).startswith("en") else "zh-hans"
