"""What every request passes: refusals become answers, headers are safe, the person is known."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.http import urlencode

from kefu.entry import drawn, failures
from kefu.kit import flash, http
from kefu.kit.errors import KefuError, NotFound, NotSignedIn, TooMuch, Unavailable
from kefu.kit.values import MAX_ID
from kefu.people import sign_in

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("kefu.web")
_ASKED = "HX-Request, HX-Boosted, HX-Target"
_NO_PAGES = ("/api/", "/static/", "/files/", "/portal")

# Where somebody who has yet to replace a one-time password may go.
_OPEN = ("/sign-in", "/sign-out", "/language", "/me/theme", "/static/", "/api/")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'self'; form-action 'self'; media-src 'self' blob:"
)


class CompressMiddleware(GZipMiddleware):
    """Pages and JSON travel compressed; files, which mostly are already, stay as they are. (Padding by chance guards against BREACH.)"""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(("text/", "application/json", "application/problem+json")):
            return response
        return super().process_response(request, response)


class SafetyMiddleware:
    """Outermost: no refusal and no fault of the store leaves as a bare 500."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked:
            # No database keeps a NUL; nothing is meant by one.
            request.META["QUERY_STRING"] = asked.replace("%00", "")
        response = self.get_response(request)
        flash.clear(request, response)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        if getattr(request, "actor", None) is not None:
            # One address gives a page or a part of it; neither may stand for the other, so nothing is kept.
            headers.setdefault("Cache-Control", "no-store")
            headers["Vary"] = f"{headers['Vary']}, {_ASKED}" if "Vary" in headers else _ASKED
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]) -> HttpResponse | None:
        if any(isinstance(value, int) and value > MAX_ID for value in kwargs.values()):
            return failures.refusal(request, NotFound())
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, KefuError):
            return failures.refusal(request, error)
        if isinstance(error, RequestDataTooBig):
            return failures.refusal(request, TooMuch())
        if isinstance(error, (BadRequest, SuspiciousOperation)):
            return failures.refusal(request, KefuError(code="bad_request"))
        if isinstance(error, (OperationalError, InterfaceError)):
            return database_refused(request, error)
        if isinstance(error, DatabaseError):
            log.exception("the database refused a statement")
            return None
        if settings.DEBUG:
            return None
        number = uuid.uuid4().hex[:12]
        log.exception("fault %s at %s", number, request.path)
        return failures.fault(request, number)


def database_refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """Locked, full or away: nothing was changed, and the answer says so."""
    log.error("the database refused: %s", error)
    connection.close_if_unusable_or_obsolete()
    return failures.refusal(request, Unavailable())


class DrawnMiddleware:
    """Before a page of staff or its list is drawn, note where the line stood: ``request.drawn``; its stream begins there (live.py)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = request.method == "GET" and not request.path.startswith(_NO_PAGES)
        if page and (not http.wants_fragment(request) or http.wants_found(request)) and getattr(request, "actor", None) is not None:
            request.drawn = str(drawn.bookmark())  # type: ignore[attr-defined]
        return self.get_response(request)


class ActorMiddleware:
    """Who asks: ``request.actor`` is the signed-in person or None; texts follow the person's language."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            actor = sign_in.actor_of_request(request)
        except (OperationalError, InterfaceError) as error:
            request.actor = None  # type: ignore[attr-defined]
            return database_refused(request, error)
        request.actor = actor  # type: ignore[attr-defined]
        language = actor.language if actor else sign_in.language_of_guest(request)
        with translation.override(language):
            if actor and actor.must_change_password and not request.path.startswith(_OPEN):
                return http.go(
                    request,
                    "/sign-in/password?" + urlencode({"next": request.get_full_path()}) if request.method == "GET" else "/sign-in/password",
                )
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A guest on a staff page is led to the sign-in page and back."""
        if isinstance(error, NotSignedIn) and not request.path.startswith("/api/"):
            return http.go(request, "/sign-in?" + urlencode({"next": request.get_full_path()}) if request.method == "GET" else "/sign-in")
        return None
