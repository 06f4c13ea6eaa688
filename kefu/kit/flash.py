"""One short message that survives a redirect: it travels in a cookie and is shown once."""

from __future__ import annotations

from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse

COOKIE = "kefu-flash"


def tell(response: HttpResponse, text: object) -> HttpResponse:
    """Have ``text`` shown on the page that ``response`` leads to."""
    response.set_cookie(COOKIE, quote(str(text)[:300]), max_age=60, httponly=True, samesite="Lax")
    return response


def shown(request: HttpRequest) -> str:
    """The message for this page; marks it as shown."""
    held = request.COOKIES.get(COOKIE, "")
    if held:
        request.flash_shown = True  # type: ignore[attr-defined]
    return unquote(held)[:300]


def clear(request: HttpRequest, response: HttpResponse) -> None:
    """Drop a message that was shown (the middleware calls this)."""
    if getattr(request, "flash_shown", False):
        response.delete_cookie(COOKIE, samesite="Lax")
