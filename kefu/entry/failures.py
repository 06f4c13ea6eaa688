"""How a refusal or a fault is shown: JSON for programs, a fragment for htmx, a page for people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from kefu.kit import http
from kefu.kit.errors import KefuError, NotAllowed, NotFound


class Fault(KefuError):
    status = 500
    code = "fault"
    text = _("Something went wrong here. It is noted under number %(number)s; tell it to the administrator.")


class Unreadable(KefuError):
    status = 400
    code = "unreadable_request"
    text = _("This could not be read: too much was sent at once, or it was sent in a broken form. Shorten it, or attach it as a file.")


class StaleForm(NotAllowed):
    code = "stale_form"
    text = _("This page has been open too long. Reload it and send again; what you typed stays in the browser.")


def refusal(request: HttpRequest, error: KefuError) -> HttpResponse:
    """The answer to a refused request."""
    if request.path.startswith("/api/"):
        return http.problem(error)
    if http.wants_fragment(request):
        response = http.page(request, "kit/refusal_fragment.html", {"error": error}, status=error.status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "beforeend"
        return response
    response = http.page(request, "kit/refusal.html", {"error": error}, status=error.status)
    if request.headers.get("HX-Boosted") == "true":
        # htmx draws an answer of status 400 and above only where it is told to.
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def fault(request: HttpRequest, number: str) -> HttpResponse:
    return refusal(request, Fault(number=number))


def nothing_here(request: HttpRequest) -> HttpResponse:
    """The bare root of the API."""
    return refusal(request, NotFound())


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that is none of ours."""
    return refusal(request, NotFound())


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any page sees it, such as a form larger than it may be."""
    return refusal(request, Unreadable())


def broken(request: HttpRequest) -> HttpResponse:
    """A fault outside of any page; what can be told is told, without asking the database again."""
    return fault(request, "-")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refusal(request, StaleForm())
