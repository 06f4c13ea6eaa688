"""Answers: pages, fragments, JSON without models in between."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from kefu.kit import language
from kefu.kit.errors import KefuError, TooOften


def json(data: Any, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """``data`` as JSON by orjson; dates and UUIDs as ISO text, lazy texts as text."""
    return HttpResponse(orjson.dumps(data, default=str), content_type=content_type, status=status)


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A drawn template. Templates know ``request``, ``actor`` and what entry/jinja.py gives them."""
    say = language.said()
    known = {"actor": getattr(request, "actor", None), "_": say, "gettext": say, **(context or {})}
    return HttpResponse(render_to_string(template, known, request=request), status=status)


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of a page and not for a whole one (boosted links want whole pages)."""
    return request.META.get("HTTP_HX_REQUEST") == "true" and request.META.get("HTTP_HX_BOOSTED") != "true"


def part_wanted(request: HttpRequest) -> str:
    """The id of the element that htmx will put the answer into, where it asked for no whole page; else ""."""
    return request.META.get("HTTP_HX_TARGET", "") if wants_fragment(request) else ""


def wants_found(request: HttpRequest) -> bool:
    """Whether a page asks anew for what its list found (``<... id="orders-found">``), and not for what stands around."""
    return part_wanted(request).endswith("-found")


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to ``url``: a redirect for forms, ``HX-Redirect`` for htmx."""
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})


def own_path(target: str) -> str:
    """``target`` if it is a path of this site, else "/": where a sign-in may lead back to."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    return target


def problem(error: KefuError) -> HttpResponse:
    """A refusal as ``application/problem+json``."""
    answer = json(error.problem(), status=error.status, content_type="application/problem+json")
    if isinstance(error, TooOften) and error.after:
        answer.headers["Retry-After"] = str(error.after)
    return answer
