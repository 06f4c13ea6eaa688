"""The home page: what waits for me with its clocks, my notices, the ways on; and the one address of any subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kefu.engines.clock import queries as clock
from kefu.engines.clock.choices import State
from kefu.engines.notify import queries as notices
from kefu.engines.privacy.masking import mask
from kefu.kit import http, menu, moment, phone
from kefu.kit.deadlines import NEAR
from kefu.kit.errors import NotFound
from kefu.kit.waiting import queues
from kefu.people.actor import Actor
from kefu.people.http import Request, staff_page
from kefu.timeline.queries import visible_to
from kefu.timeline.registry import subject_kinds
from kefu.touch.announcements import queries as announcements
from kefu.touch.contacts import queries as contacts
from kefu.touch.contacts.choices import Channel
from kefu.touch.conversations import queries as conversations

SHOWN, SHOWN_MORE = 30, 15
# Who answers for more than the own work sees what of it is overdue or nearly so.
LEADS = ("orders.extend", "orders.supervise", "complaints.decide")


@dataclass(frozen=True)
class Group:
    """To-dos that are alike urgent, or wait at the same place. ``more``: only the first are shown, the rest stands at ``url``."""

    label: str
    tone: str
    rows: list[dict[str, Any]]
    url: str = ""
    more: bool = False


def _groups(rows: list[dict[str, Any]]) -> list[Group]:
    """What is over, what is due today, what comes later, what rests."""
    now = moment.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    resting = [row for row in rows if row["state"] == State.PAUSED]
    running = [row for row in rows if row["state"] != State.PAUSED]
    return [
        Group(_("Overdue"), "danger", [row for row in running if row["due_at"] < now]),
        Group(_("Due today"), "warning", [row for row in running if now <= row["due_at"] < midnight]),
        Group(_("Due later"), "secondary", [row for row in running if row["due_at"] >= midnight]),
        Group(_("Paused"), "info", resting),
    ]


def _area(actor: Actor, mine: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is overdue or nearly so where a person leads, beside what stands among the own to-dos."""
    if not actor.can_any(*LEADS):
        return []
    own = {row["id"] for row in mine}
    rows = clock.pressing(actor, moment.now() + NEAR, SHOWN_MORE + 1 + len(own))
    return [row for row in rows if row["id"] not in own][: SHOWN_MORE + 1]


def _desk(actor: Actor) -> list[Group]:
    """What waits at the desk and in the inbox for whoever takes it, with its clocks."""
    if not actor.can("contacts.take"):
        return []
    called = contacts.at_hand(actor, SHOWN_MORE + 1, but=conversations.is_conversation())
    wrote = conversations.rows(actor, tab="waiting", size=SHOWN_MORE)
    due = clock.soonest([row["subject_id"] for row in called] + [row["contact_id"] for row in wrote.rows])
    at_desk = [_waits(row["subject_id"], f"/desk/{row['subject_id']}", row, row["received_at"], due) for row in called]
    at_inbox = [_waits(row["contact_id"], f"/inbox/{row['contact_id']}", row, row["last_at"], due) for row in wrote.rows]
    return [
        Group(_("Waiting at the desk"), "primary", at_desk[:SHOWN_MORE], "/desk", more=len(at_desk) > SHOWN_MORE),
        Group(_("Waiting in the inbox"), "primary", at_inbox, "/inbox?tab=waiting", more=bool(wrote.next)),
    ]


def _waits(subject_id: int, url: str, row: dict[str, Any], since: datetime, due: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A contact as a to-do: what is wanted and of whom it comes, its limit, or else since when it waits."""
    who = mask("name", row.get("name") or row.get("contact__name") or "") or mask("phone", phone.shown(row.get("phone") or ""))
    way = str(Channel(row.get("channel") or row["contact__channel"]).label)
    about = {
        "subject_id": subject_id,
        "subject__kind": contacts.KIND,
        "subject__number": row.get("subject__number") or row["contact__subject__number"],
        "subject__title": (row.get("content") or row.get("title") or way)[:80],
        "about": f"{way} {who or conversations.masked(row.get('address') or '')}",
        "url": url,
        "since": since,
        "waited": (moment.now() - since).total_seconds(),
    }
    return about | due.get(subject_id, {"due_at": None, "name": "", "clauses": []})


def waiting(request: Request, *, whole: bool = False) -> dict[str, Any]:
    """My queues, my to-dos in groups, next due first, and the live keys of their subjects.

    ``whole``: with what waits at the desk for whoever takes it, and what is overdue or nearly so where I lead.
    """
    actor = request.actor
    mine = clock.my_open(actor, SHOWN)
    area = _area(actor, mine) if whole else []
    seen = set(visible_to(actor).filter(pk__in={row["subject_id"] for row in (*mine, *area)}).values_list("pk", flat=True))
    for row in (*mine, *area):
        # A limit may be addressed to a post whose holders do not see the (secret) subject: they learn its number, not its title.
        if row["subject_id"] not in seen:
            row["subject__title"] = ""
        kind = subject_kinds.get(row["subject__kind"])
        row["url"] = f"/s/{row['subject_id']}"
        row["kind_name"] = kind.name if kind else ""
        row["about"] = row.get("owner__name") or ""
    near = [row for row in area if row["subject_id"] in seen]
    found = _groups(mine)
    if whole:
        found += [*_desk(actor), Group(_("Overdue or due soon where you lead"), "danger", near[:SHOWN_MORE], more=len(near) > SHOWN_MORE)]
    groups = [group for group in found if group.rows]
    keys = sorted({f"{row['subject__kind']}:{row['subject_id']}" for group in groups for row in group.rows})
    return {"queues": queues(actor), "groups": groups, "live_keys": " ".join(keys), "whole": whole}


@require_GET
@staff_page()
def home(request: Request) -> HttpResponse:
    ways = [entry for _group, entries in menu.entries(request.actor, request.path) for entry in entries if entry.item.url != "/"]
    context = waiting(request, whole=True) | {
        "notices": notices.latest(request.actor),
        "unread": announcements.unread(request.actor),
        "ways": ways,
    }
    return http.page(request, "home/home.html", context)


@require_GET
@staff_page()
def todos(request: Request) -> HttpResponse:
    """The list of to-dos alone, fetched again when one of its subjects changes."""
    return http.page(request, "home/todos.html", waiting(request, whole="whole" in request.GET))


@require_GET
@staff_page()
def subject(request: Request, id: int) -> HttpResponse:
    """Lead to the page of a subject of any kind; search results, notices and to-dos point here."""
    kind = visible_to(request.actor).filter(pk=id).values_list("kind", flat=True).first()
    known = subject_kinds.get(kind or "")
    if known is None:
        raise NotFound()
    return http.go(request, known.url(id))


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("todos", todos, name="todos"),
    path("s/<int:id>", subject, name="subject"),
]
