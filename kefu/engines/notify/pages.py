"""The bell and the list of one's own notices."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from kefu.engines.notify import queries, services
from kefu.kit import http
from kefu.people.http import Request, staff_page


@require_GET
@staff_page()
def badge(request: Request) -> HttpResponse:
    """The unread count, as text: "" for none, "99+" at most."""
    return HttpResponse(queries.badge(queries.unread(request.actor)))


@require_GET
@staff_page()
def bell(request: Request) -> HttpResponse:
    """The unread count and the latest notices, for the drop-down."""
    count = queries.unread(request.actor)
    context = {"rows": queries.latest(request.actor), "badge": queries.badge(count)}
    return http.page(request, "notify/bell.html", context)


@require_GET
@staff_page()
def notices(request: Request) -> HttpResponse:
    """One's own notices, newest first."""
    unread = request.GET.get("unread") == "1"
    page = queries.page(request.actor, only_unread=unread, cursor=request.GET.get("after"))
    return http.page(request, "notify/notices.html", {"page": page, "unread": unread})


def _back(request: Request) -> HttpResponse:
    return http.go(request, http.own_path(request.POST.get("next", "/notices")))


@require_POST
@staff_page()
def read_all(request: Request) -> HttpResponse:
    services.mark_read(actor=request.actor)
    return _back(request)


@require_POST
@staff_page()
def read(request: Request, notice: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    services.mark_read(actor=request.actor, ids=[notice])
    return _back(request)


@require_POST
@staff_page()
def acknowledge(request: Request, notice: int) -> HttpResponse:
    services.acknowledge(actor=request.actor, id=notice)
    return _back(request)


urlpatterns = [
    path("notices", notices, name="notices"),
    path("notices/badge", badge, name="notices-badge"),
    path("notices/bell", bell, name="notices-bell"),
    path("notices/read", read_all, name="notices-read"),
    path("notices/<int:notice>/read", read, name="notice-read"),
    path("notices/<int:notice>/acknowledge", acknowledge, name="notice-acknowledge"),
]
