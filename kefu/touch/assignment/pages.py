"""What is offered to me, for the top bar."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from kefu.kit import http
from kefu.people.http import Request
from kefu.touch.assignment import queries


@require_GET
def mine(request: Request) -> HttpResponse:
    """The offers of this moment; nothing where the session has ended, which sends no one away from what is typed."""
    if getattr(request, "actor", None) is None or not request.actor.can("contacts.take"):
        return HttpResponse("")
    return http.page(request, "assignment/offers.html", {"offers": queries.offered_to(request.actor)})


mine.rights = ("contacts.take",)  # type: ignore[attr-defined]
urlpatterns = [path("inbox/offers", mine, name="offers.mine")]
