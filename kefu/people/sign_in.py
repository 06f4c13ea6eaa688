"""Sessions: who a request comes from, how one begins and ends."""

from __future__ import annotations

import ipaddress
import threading
import time

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, F
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone, translation

from kefu.kit import hot, moment
from kefu.people.actor import CACHE_SECONDS, Actor, actor_of, forget
from kefu.people.models import Staff

STAFF_KEY = "staff"
VERSION_KEY = "version"
PENDING_KEY = "pending"
PENDING_SECONDS = 300
_sessions: dict[str, tuple[float, tuple[int, int] | None]] = {}
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
    if held[1] is None:
        return None
    staff_id, version = held[1]
    actor = actor_of(staff_id)
    return actor if actor is not None and actor.sign_in_version == version else None


_session = hot.Rows(
    lambda: Session.objects.filter(session_key=hot.Slot("key", CharField()), expire_date__gt=hot.Slot("now", DateTimeField()))
)


def _staff_of(key: str) -> tuple[int, int] | None:
    """Whose session this is, and the sign-in version it was opened with."""
    found: list[Session] = _session(key=key, now=timezone.now())
    if not found:
        return None
    held = found[0].get_decoded()
    value, version = held.get(STAFF_KEY), held.get(VERSION_KEY, 0)
    return (value, version) if isinstance(value, int) else None


def open_session(request: HttpRequest, staff_id: int) -> None:
    """Begin a session under a new key: one that was planted before the sign-in is worth nothing after it."""
    forget_session(request.session.session_key)
    request.session.flush()
    Staff.objects.filter(pk=staff_id).update(last_login=moment.now())
    request.session[STAFF_KEY] = staff_id
    request.session[VERSION_KEY] = Staff.objects.values_list("sign_in_version", flat=True).get(pk=staff_id)
    forget(staff_id)
    rotate_token(request)


def close_session(request: HttpRequest) -> None:
    forget_session(request.session.session_key)
    request.session.flush()


def close_everywhere(staff_id: int) -> None:
    """End every session of a person; other processes follow within ``CACHE_SECONDS``."""
    Staff.objects.filter(pk=staff_id).update(sign_in_version=F("sign_in_version") + 1)
    forget(staff_id)


def wait_for_second_step(request: HttpRequest, staff_id: int) -> None:
    """The password was right; the code is still to come, within ``PENDING_SECONDS``."""
    forget_session(request.session.session_key)
    request.session.flush()
    request.session[PENDING_KEY] = [staff_id, int(moment.now().timestamp())]


def pending(request: HttpRequest) -> int | None:
    """Who still owes the second step."""
    held = request.session.get(PENDING_KEY)
    if not isinstance(held, list) or moment.now().timestamp() - held[1] > PENDING_SECONDS:
        return None
    staff_id: int = held[0]
    return staff_id


def address_of(request: HttpRequest) -> str | None:
    """The address the request came from, as the server in front of us gives it."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def language_of_guest(request: HttpRequest) -> str:
    """What a guest reads: the language chosen by cookie, else Chinese unless the browser asks for English first."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return "en" if translation.get_language_from_request(request).startswith("en") else "zh-hans"
