"""The beat of an open page, answered with who else looks."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from kefu.kit import http
from kefu.people.http import Request
from kefu.timeline.queries import visible_to
from kefu.touch.presence import queries, services


@require_POST
def beat(request: Request, subject: int) -> HttpResponse:
    """Note that the page is open. Answered with nobody where the session has ended (a beat sends no one away from what is typed), and for
    a record that the person does not see by scope (a helping unit's)."""
    if getattr(request, "actor", None) is None or not visible_to(request.actor).filter(pk=subject).exists():
        return HttpResponse("")
    services.seen(actor=request.actor, subject_id=subject)
    return http.page(request, "presence/others.html", {"others": queries.others(request.actor, subject)})


beat.rights = ()  # type: ignore[attr-defined]
urlpatterns = [path("presence/<int:subject>", beat, name="presence")]
