"""Reads about visits. Who may see the contact may see its visit."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kefu.engines.rulebook.queries import code_items
from kefu.kit import moment
from kefu.kit.errors import NotFound
from kefu.kit.language import named
from kefu.people.actor import Actor
from kefu.touch.channels.visits.choices import HERE, State
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts import queries as contacts

KIND = "visit"
TAKE = "contacts.take"
LAST_CALLED = 6
MOST, ON_BOARD = 200, 8
LAST_RECEIVED, LAST_DAYS, FEWEST = 100, 30, 3  # what the pace of a counter is read from, and how many spans make one
_ROW = (
    "contact_id", "counter", "number", "state", "window", "called_at", "served_at", "left_at", "protocol", "organisation", "opinion",
    "refusal", "contact__received_at", "contact__name", "contact__content", "contact__outcome", "contact__agent__name",
    "contact__led_to__number",
)  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Visit]:
    if not actor.can(TAKE):
        return Visit.objects.none()
    return Visit.objects.filter(contact__in=contacts.visible_to(actor))


def get(actor: Actor, visit_id: int) -> Visit:
    """One visit with its contact; raises ``NotFound``."""
    found = visible_to(actor).select_related("contact__subject", "contact__customer", "host").filter(pk=visit_id).first()
    if found is None:
        raise NotFound()
    return found


def of_contact(contact_id: int) -> Visit | None:
    """The visit of a contact; the caller has judged the contact."""
    return Visit.objects.filter(pk=contact_id).first()


def today() -> date:
    return timezone.localdate(moment.now())


def of_day(actor: Actor, *, here: bool, limit: int = 200) -> list[dict[str, Any]]:
    """Who is here today, the first to come first; or who was here, the last first."""
    rows = visible_to(actor).filter(day=today())
    rows = rows.filter(state__in=HERE).order_by("contact_id") if here else rows.exclude(state__in=HERE).order_by("-contact_id")
    return [{**row, "ticket": f"{row['counter']}{row['number']:03d}"} for row in rows.values(*_ROW)[:limit]]


@dataclass(frozen=True)
class Place:
    """Where a waiting number stands at its counter: how many are before it, in about how many seconds it is received (None: unknown)."""

    ticket: str
    counter: str
    ahead: int
    about: int | None


def places() -> dict[int, Place]:
    """The places of those who wait today, by visit, the first to come first; counted to ``MOST``."""
    rows = list(Visit.objects.filter(day=today(), state=State.WAITING).order_by("contact_id").values_list("pk", "counter", "number")[:MOST])
    rhythm, before, found = paces() if rows else {}, Counter[str](), {}
    for pk, counter, number in rows:
        ahead, pace = before[counter], rhythm.get(counter)
        found[pk] = Place(f"{counter}{number:03d}", counter, ahead, None if pace is None else round(pace * (ahead + 1)))
        before[counter] += 1
    return found


def paces() -> dict[str, float]:
    """Seconds from one reception to the next at each counter while somebody waited, in the mean of the last ones; a counter with fewer
    than ``FEWEST`` such spans has none. Several windows of a counter make it quicker by themselves."""
    rows = Visit.objects.filter(served_at__gt=moment.now() - timedelta(days=LAST_DAYS)).order_by("-served_at")
    received: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for counter, came, served in rows.values_list("counter", "contact__received_at", "served_at")[:LAST_RECEIVED]:
        if served is not None and served > came:  # who is received at once has not waited
            received[counter].insert(0, (came, served))
    spans = {
        counter: [(served - before).total_seconds() for (_came, before), (came, served) in pairwise(found) if came <= before]
        for counter, found in received.items()
    }
    return {counter: sum(found) / len(found) for counter, found in spans.items() if len(found) >= FEWEST}


def board() -> dict[str, Any]:
    """What hangs in the waiting room: numbers and windows, who is next, how many wait. Nothing that says who."""
    rows = Visit.objects.filter(day=today())
    called = rows.filter(state__in=[State.CALLED, State.SERVING]).exclude(called_at=None).order_by("-called_at", "-pk")
    waiting = list(places().values())
    counts = Counter(one.counter for one in waiting)
    return {
        "next": waiting[:ON_BOARD],
        "called": [
            {"ticket": f"{counter}{number:03d}", "window": window}
            for counter, number, window in called.values_list("counter", "number", "window")[:LAST_CALLED]
        ],
        "waiting": [{"name": counter_name(letter), "count": counts[letter]} for letter in sorted(counts)],
    }


def counters() -> list[tuple[str, str]]:
    """The counters of the rule book (list ``visit_counters``), each by its letter; one where none are set."""
    found = [(item["code"].upper()[:2], named(item)) for item in code_items("visit_counters")]
    return found or [("A", "A")]


def counter_name(letter: str) -> str:
    return dict(counters()).get(letter, letter)
