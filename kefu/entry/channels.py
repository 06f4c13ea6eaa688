"""One page over all ways in and out: how each fares, and what to do."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from kefu.kit import health, http
from kefu.people.http import Request, staff_page

TONES = {"warn": "danger", "off": "secondary", "new": "warning", "good": "success"}


@staff_page(*health.SEES)
def index(request: Request) -> HttpResponse:
    return http.page(request, "channels/health.html", {"rows": health.ways(request.actor), "tones": TONES})


urlpatterns = [path("settings/channels", index, name="channels")]
