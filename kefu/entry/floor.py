"""The floor, for who leads: what waits and is in hand by channel, what is due next, who serves and how loaded; all of it live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from kefu.engines.clock import queries as clock
from kefu.engines.privacy.masking import mask
from kefu.kit import http
from kefu.kit.commands import commands_of
from kefu.kit.tables import Column
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.touch.assignment import queries as assignment
from kefu.touch.contacts.choices import ICONS, Channel
from kefu.touch.conversations import policies, queries
from kefu.touch.conversations.choices import State
from kefu.touch.presence import queries as presence
from kefu.touch.presence.choices import KINDS
from kefu.touch.presence.choices import State as Stay

SHOWN = 40
_NONE = dict.fromkeys(("waiting", "open", "pending", "robot"), "0")
STEPS = ("take", "join", "take_over", "transfer")
TONES = {"robot": "info", "waiting": "danger", "open": "primary", "pending": "warning"}


@staff_page("conversations.lead")
def floor(request: Request) -> HttpResponse:
    """One page, however large the centre: counts end at ``MOST_COUNTED``, and what is due first is shown."""
    everybody, channel = request.GET.get("all") == "1", request.GET.get("channel", "")
    channel = channel if channel in Channel.values else ""
    people = _people(request.actor, all_states=everybody)
    context = {
        "ways": _ways(request.actor),
        "talks": _talks(request.actor, channel),
        "talk_columns": _talk_columns(),
        "rows": people,
        "columns": _columns(),
        "counts": _counted(people),
        "everybody": everybody,
        "channel": channel,
        "channel_name": Channel(channel).label if channel else "",
        "tones": TONES,
        "address": request.get_full_path(),
    }
    return http.page(request, "desk/floor.html", context)


def _ways(actor: Actor) -> list[dict[str, Any]]:
    """By channel: how many stand how, and since when the oldest waits. A count that was cut is marked so."""
    found: dict[str, dict[str, Any]] = {}
    for state in (State.WAITING, State.OPEN, State.PENDING, State.ROBOT):
        rows = assignment.counted(actor, state)
        for channel, many in Counter(row["contact__channel"] for row in rows).items():
            way = found.setdefault(
                channel, {"code": channel, "label": Channel(channel).label, "icon": ICONS[channel], "oldest": None, **_NONE}
            )
            way[str(state)] = f"{many}+" if len(rows) >= assignment.MOST_COUNTED else str(many)
        if state == State.WAITING:
            for row in rows:
                oldest = found[row["contact__channel"]]["oldest"]
                found[row["contact__channel"]]["oldest"] = min(oldest or row["began"], row["began"])
    return sorted(found.values(), key=lambda way: list(Channel.values).index(way["code"]))


def _talks(actor: Actor, channel: str) -> list[dict[str, Any]]:
    """What waits and what is in hand, the nearest due time first, then who waits longest; with what this person may do about it."""
    rows = assignment.at_hand(actor, channel)
    due = clock.next_due(row["contact_id"] for row in rows)
    rows.sort(key=lambda row: (due.get(row["contact_id"]) is None, due.get(row["contact_id"]) or row["began"], row["contact_id"]))
    return [_dressed(actor, row, due) for row in rows[:SHOWN]]


def _dressed(actor: Actor, row: dict[str, Any], due: Mapping[int, Any]) -> dict[str, Any]:
    facts = policies.Facts(row["state"], row["contact__agent_id"], row["contact__outcome"], row["contact__channel"], failed=False)
    may = policies.allowed(actor, facts)
    return {
        **row,
        "id": row["contact_id"],
        "title": row["title"] or _("(no subject line)"),
        "from": mask("name", row["contact__name"]) or queries.masked(row["address"]),
        "state_name": State(row["state"]).label,
        "label": Channel(row["contact__channel"]).label,
        "icon": ICONS[row["contact__channel"]],
        "due": due.get(row["contact_id"]),
        "steps": [command for command in commands_of(queries.KIND).pick(may) if command.name in STEPS],
    }


def _people(actor: Actor, *, all_states: bool) -> list[dict[str, Any]]:
    """Who is in which state since when, with what each has in hand against the room there is."""
    rows = presence.on_the_floor(actor, all_states=all_states)
    loads = assignment.loads(row["agent__staff_id"] for row in rows)
    room = {channel: presence.capacity(channel) for channel in assignment.channels()}
    for row in rows:
        row["id"] = row["agent__staff_id"]
        row["label"], row["tone"] = Stay(row["state"]).label, KINDS[row["state"]].tone
        row["why"] = presence.reason_name(row["reason"])
        held = loads.get(row["id"], Counter[str]())
        row["load"] = [_loaded(channel, many, room.get(channel)) for channel, many in sorted(held.items()) if many]
    return rows


def _loaded(channel: str, many: int, room: int | None) -> dict[str, Any]:
    return {"icon": ICONS[channel], "label": Channel(channel).label, "many": many, "room": room, "full": room is not None and many >= room}


def _talk_columns() -> list[Column]:
    return [
        Column("title", _("Subject line"), fixed=True),
        Column("channel", _("Arrived by"), "own"),
        Column("state", _("State"), "own"),
        Column("from", _("Customer")),
        Column("contact__agent__name", _("Agent")),
        Column("began", _("Since"), "short_stamp"),
        Column("due", _("Next due"), "own"),
        Column("do", _("Command"), "own"),
    ]


def _columns() -> list[Column]:
    return [
        Column("agent__staff__number", _("Agent number"), fixed=True),
        Column("agent__staff__name", _("Name")),
        Column("agent__staff__unit__name", _("Unit")),
        Column("state", _("State"), "own"),
        Column("why", _("Reason")),
        Column("since", _("Since"), "short_stamp"),
        Column("load", _("In hand now"), "own"),
        Column("due", _("At most until"), "own"),
        Column("do", _("Command"), "own"),
    ]


def _counted(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """How many are in each state, in the order of the states."""
    held = Counter(row["state"] for row in rows)
    return [(str(state.label), KINDS[state].tone, held[state]) for state in Stay if held[state]]


urlpatterns = [path("floor", floor, name="floor")]
