"""Reception: who waits, who is called, the board of the waiting room, and the register on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.engines.forms import drawing, printing
from kefu.engines.forms import queries as forms
from kefu.engines.privacy.masking import mask
from kefu.engines.rulebook.queries import code_name, setting, text_cards
from kefu.kit import flash, http, moment, show
from kefu.kit.command_pages import command_urls
from kefu.kit.errors import KefuError
from kefu.kit.fields import Field
from kefu.people import page_forms
from kefu.people.http import Request, staff_page
from kefu.touch.channels.visits import policies, queries, schemas, services
from kefu.touch.channels.visits.choices import Protocol, State
from kefu.touch.channels.visits.declares import COMMANDS
from kefu.touch.channels.visits.models import Visit

HOME = "/visits"
FORM = "F-26"
TONES = {"waiting": "warning", "called": "info", "serving": "primary", "left": "secondary", "refused": "danger"}


def place_words(place: queries.Place) -> str:
    """How many are before a number, and about how long that takes where the last visits tell."""
    said = _("%(ahead)d before") % {"ahead": place.ahead} if place.ahead else _("next")
    if place.about is None:
        return said
    return _("%(place)s, about %(time)s") % {"place": said, "time": show.span(max(60, -(-place.about // 60) * 60))}


def _dressed(request: Request, row: dict[str, Any], patience: int, place: queries.Place | None = None) -> dict[str, Any]:
    waited = ((row["served_at"] or row["left_at"] or moment.now()) - row["contact__received_at"]).total_seconds()
    return {
        **row,
        "id": row["contact_id"],
        "name": mask("name", row["contact__name"]),
        "counter_name": queries.counter_name(row["counter"]),
        "state_name": State(row["state"]).label,
        "tone": TONES[row["state"]],
        "waited": waited,
        "place": place_words(place) if place else "",
        "long": row["served_at"] is None and waited > patience * 60,
        "protocol_name": "" if row["protocol"] == Protocol.EQUAL else Protocol(row["protocol"]).label,
        "refusal_name": code_name("visit_refusals", row["refusal"]) if row["refusal"] else "",
        "commands": COMMANDS.pick(policies.allowed(request.actor, row["state"])),
    }


def _shown(request: Request, error: KefuError | None = None) -> HttpResponse:
    patience = int(setting("visit.wait_minutes", default=10))
    given, places = request.POST if request.method == "POST" else request.GET, queries.places()
    context = {
        "here": [_dressed(request, row, patience, places.get(row["contact_id"])) for row in queries.of_day(request.actor, here=True)],
        "gone": [_dressed(request, row, patience) for row in queries.of_day(request.actor, here=False, limit=50)],
        "cards": [card for at in ("visit", "farewell") for card in text_cards(at, "visit")],
        "fields": [
            Field("counter", _("Counter"), "select", value=given.get("counter", ""), choices=[("", _("All")), *queries.counters()]),
            Field("window", _("Window"), value=given.get("window", ""), maxlength=20),
        ],
        "error": error,
    }
    return http.page(request, "visits/list.html", context, status=error.status if error else 200)


@staff_page(queries.TAKE)
def index(request: Request) -> HttpResponse:
    """Who is here, with the minutes waited; who was here today."""
    return _shown(request)


@require_POST
@staff_page(queries.TAKE)
def next_one(request: Request) -> HttpResponse:
    """Call who has waited longest."""
    given = request.POST
    try:
        visit = services.call_next(actor=request.actor, counter=given.get("counter", ""), window=given.get("window", ""))
    except KefuError as refusal:
        return _shown(request, refusal)
    said = _("Number %(ticket)s is called.") % {"ticket": visit.ticket}
    return flash.tell(http.go(request, f"{HOME}?counter={visit.counter if given.get('counter') else ''}"), said)


@staff_page(queries.TAKE)
def new(request: Request) -> HttpResponse:
    """A visitor has come: a number is given at once."""

    def keep(**values: Any) -> HttpResponse:
        visit = services.arrive(actor=request.actor, **values)
        place = queries.places().get(visit.pk)
        said = _("Number %(ticket)s: %(place)s.") % {"ticket": visit.ticket, "place": place_words(place)} if place else visit.ticket
        return flash.tell(http.go(request, HOME), said)

    return page_forms.ask(request, _("A visitor has come"), keep, back_url=HOME, schema=schemas.Arrive, submit=_("Give a number"))


@staff_page(queries.TAKE)
def board(request: Request) -> HttpResponse:
    """For the screen in the waiting room: numbers and windows in big type, nothing that says who."""
    return http.page(request, "visits/board.html", {"board": queries.board(), "place_words": place_words})


@staff_page(queries.TAKE)
def sheet(request: Request, id: int) -> HttpResponse:  # noqa: A002
    """One entry of the register of visitors on paper (F-26); the name stands masked."""
    visit = queries.get(request.actor, id)
    view = drawing.view(forms.current(FORM), _answers(visit), mode="print")
    return HttpResponse(printing.sheet(view, head={"number": visit.contact.subject.number, "printed": request.actor.name}))


def _answers(visit: Visit) -> dict[str, Any]:
    """The visit under the field codes of the form."""
    refused = visit.state == State.REFUSED
    reason = " ".join(filter(None, (code_name("visit_refusals", visit.refusal) if visit.refusal else "", visit.refused_reason)))
    found = {
        "visitor": mask("name", visit.contact.name), "organisation": visit.organisation, "rank": visit.rank, "host": visit.host_id,
        "purpose": visit.contact.content, "arrived_at": visit.contact.received_at.isoformat(), "protocol": visit.protocol,
        "left_at": visit.left_at.isoformat() if visit.left_at else None, "protocol_reason": visit.protocol_reason, "refused": refused,
        "refused_reason": reason,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "")}


urlpatterns = [
    path("visits", index, name="visits"),
    path("visits/new", new, name="visits.new"),
    path("visits/next", next_one, name="visits.next"),
    path("visits/board", board, name="visits.board"),
    path("visits/<int:id>/sheet", sheet, name="visits.sheet"),
    *command_urls(COMMANDS, "visits", "visit", lambda _id: HOME),
]
