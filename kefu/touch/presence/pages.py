"""The beat of an open page, answered with who else looks; the own state in the top bar; who is in which state on the floor."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.kit import http
from kefu.kit.command_pages import command_urls
from kefu.kit.commands import commands_of
from kefu.kit.errors import Invalid
from kefu.kit.tables import Column
from kefu.people.http import Request, staff_page
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


@staff_page("conversations.lead")
def floor(request: Request) -> HttpResponse:
    """Who is in which state since when, the longest over its limit in sight at once."""
    everybody = request.GET.get("all") == "1"
    rows = queries.on_the_floor(request.actor, all_states=everybody)
    for row in rows:
        row["id"] = row["agent__staff_id"]
        row["label"], row["tone"] = State(row["state"]).label, KINDS[row["state"]].tone
        row["why"] = queries.reason_name(row["reason"])
    context = {"rows": rows, "columns": _columns(), "counts": _counted(rows), "everybody": everybody, "address": request.get_full_path()}
    return http.page(request, "presence/floor.html", context)


def _columns() -> list[Column]:
    return [
        Column("agent__staff__number", _("Agent number"), fixed=True),
        Column("agent__staff__name", _("Name")),
        Column("agent__staff__unit__name", _("Unit")),
        Column("state", _("State"), "own"),
        Column("why", _("Reason")),
        Column("since", _("Since"), "short_stamp"),
        Column("due", _("At most until"), "own"),
        Column("do", _("Command"), "own"),
    ]


def _counted(rows: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """How many are in each state, in the order of the states."""
    held = Counter(row["state"] for row in rows)
    return [(str(state.label), KINDS[state].tone, held[state]) for state in State if held[state]]


urlpatterns = [
    path("presence/<int:subject>", beat, name="presence"),
    path("presence/me", mine, name="presence.me"),
    path("floor", floor, name="floor"),
    *command_urls(commands_of(queries.KIND), "agents", queries.KIND, lambda _id: "/floor"),
]
