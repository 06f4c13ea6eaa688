"""Reads about visits. Who may see the contact may see its visit."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
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


def board() -> dict[str, Any]:
    """What hangs in the waiting room: numbers and windows, how many wait. Nothing that says who."""
    rows = Visit.objects.filter(day=today())
    called = rows.filter(state__in=[State.CALLED, State.SERVING]).exclude(called_at=None).order_by("-called_at", "-pk")
    waiting = rows.filter(state=State.WAITING).values("counter").annotate(count=Count("pk")).order_by("counter")
    return {
        "called": [
            {"ticket": f"{counter}{number:03d}", "window": window}
            for counter, number, window in called.values_list("counter", "number", "window")[:LAST_CALLED]
        ],
        "waiting": [{"name": counter_name(row["counter"]), "count": row["count"]} for row in waiting],
    }


def counters() -> list[tuple[str, str]]:
    """The counters of the rule book (list ``visit_counters``), each by its letter; one where none are set."""
    found = [(item["code"].upper()[:2], named(item)) for item in code_items("visit_counters")]
    return found or [("A", "A")]


def counter_name(letter: str) -> str:
    return dict(counters()).get(letter, letter)


def ahead(visit: Visit) -> int:
    """How many wait before a visitor at the same counter."""
    return Visit.objects.filter(Q(pk__lt=visit.pk), day=visit.day, counter=visit.counter, state=State.WAITING).count()
