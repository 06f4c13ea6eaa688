"""The beat of an open page, answered with who else looks; the own state in the top bar."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from kefu.kit import http
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import Invalid
from kefu.people.http import Request
from kefu.timeline.queries import visible_to
from kefu.touch.presence import handling, queries, services
from kefu.touch.presence.choices import BY_HAND, KINDS, State


@require_POST
def beat(request: Request, subject: int) -> HttpResponse:
    """Note that the page is open. Answered with nobody where the session has ended (a beat sends no one away from what is typed), and for
    a record that the person does not see by scope (a helping unit's)."""
    if getattr(request, "actor", None) is None or not visible_to(request.actor).filter(pk=subject).exists():
        return HttpResponse("")
    services.seen(actor=request.actor, subject_id=subject)
    return http.page(request, "presence/others.html", {"others": queries.others(request.actor, subject)})


beat.rights = ()  # type: ignore[attr-defined]


@require_POST
def mine(request: Request) -> HttpResponse:
    """The own state for the top bar; ``state`` (and ``reason``) change it. Each asking shows that the person is connected. Nothing, where
    the session has ended: that sends no one away from what is typed."""
    if getattr(request, "actor", None) is None or not request.actor.can("contacts.take"):
        return HttpResponse("")
    me = request.actor.person_id
    state, error = request.POST.get("state", ""), ""
    try:
        if state:
            handling.change(actor=request.actor, id=me, state=state[:10], reason=request.POST.get("reason", "")[:40])
        else:
            handling.connected([me])
    except Invalid as refusal:
        error = " ".join(str(text) for text in refusal.fields.values()) or refusal.message()
    held = queries.now_of(me)
    shown = {"held": held, "label": State(held["state"]).label, "tone": KINDS[held["state"]].tone}
    return http.page(
        request, "presence/mine.html", {**shown, "why": queries.reason_name(held["reason"]), "choices": _choices(), "error": error}
    )


def _choices() -> list[tuple[str, str, str]]:
    """Every state that a person may choose, with each of its reasons: one click each."""
    found = []
    for state in BY_HAND:
        named = str(state.label)
        whys = [(code, f"{named} · {name}") for code, name in queries.reasons(state)] if KINDS[state].why else [("", named)]
        found += [(str(state), label, code) for code, label in whys]
    return found


mine.rights = ("contacts.take",)  # type: ignore[attr-defined]


urlpatterns = [
    path("presence/<int:subject>", beat, name="presence"),
    path("presence/me", mine, name="presence.me"),
    *command_urls(commands_of(queries.KIND), "agents", queries.KIND, lambda _id: "/floor"),
]
