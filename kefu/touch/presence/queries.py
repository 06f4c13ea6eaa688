"""Reads: who is in which state since when, and who else looks at a record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from kefu.engines.clock import queries as clock
from kefu.engines.rulebook.queries import code_items, code_name, setting
from kefu.kit import language, moment
from kefu.kit.errors import NotFound
from kefu.kit.language import pick
from kefu.people.actor import Actor
from kefu.people.models import Staff
from kefu.timeline.queries import visible
from kefu.touch.presence.choices import CAPACITY_SETTING, DISCONNECTED, REASONS, State
from kefu.touch.presence.models import Agent, Stay, Viewer

# Two beats of the page (20 s) and some delay.
FRESH = timedelta(seconds=50)
MOST = 500


def others(actor: Actor, subject_id: int) -> list[dict[str, Any]]:
    """Name and number of the others whose page of this record is open now; the caller has judged that the record may be seen."""
    rows = Viewer.objects.filter(subject_id=subject_id, seen_at__gt=moment.now() - FRESH).exclude(staff_id=actor.id or 0)
    return [dict(row) for row in rows.order_by("staff__number").values("staff__name", "staff__number")[:10]]


KIND = "agent"
ROW = (
    "agent_id", "agent__staff_id", "agent__staff__number", "agent__staff__name", "agent__staff__unit__name",
    "agent__staff__unit__name_en", "state", "reason", "since",
)  # fmt: skip


def visible_to(actor: Actor) -> QuerySet[Agent]:
    """The agents whose unit a person sees."""
    return Agent.objects.filter(visible(actor, "subject__", kind=KIND))


def unit_path_of(staff_id: int) -> str:
    """Where an active person stands. Raises ``NotFound``."""
    path = Staff.objects.filter(pk=staff_id, is_active=True).values_list("unit__path", flat=True).first()
    if path is None:
        raise NotFound()
    return path


def now_of(staff_id: int) -> dict[str, Any]:
    """The state a person is in since when, why, and until when at most; who has never served is signed off."""
    row = Stay.objects.filter(agent__staff_id=staff_id, until=None).values("agent_id", "state", "reason", "since").first()
    if row is None:
        return {"agent_id": None, "state": State.OFFLINE, "reason": "", "since": None, "due": None}
    return {**row, "due": clock.next_due([row["agent_id"]]).get(row["agent_id"])}


def on_the_floor(actor: Actor, *, all_states: bool = False) -> list[dict[str, Any]]:
    """Who of those a person sees is in which state since when, with the limit; those signed off only with ``all_states``."""
    rows = Stay.objects.filter(until=None, agent__in=visible_to(actor), agent__staff__is_active=True)
    if not all_states:
        rows = rows.exclude(state=State.OFFLINE)
    found = [dict(row) for row in rows.order_by("agent__staff__number").values(*ROW)[:MOST]]
    due = clock.next_due(row["agent_id"] for row in found)
    return [{**row, "due": due.get(row["agent_id"])} for row in language.spoken(found, "agent__staff__unit__name")]


def ready() -> list[tuple[int, datetime]]:
    """The people who are ready, with the instant since when."""
    rows = Stay.objects.filter(until=None, state=State.READY, agent__staff__is_active=True)
    return list(rows.order_by("since", "agent_id").values_list("agent__staff_id", "since"))


def ready_ones(staff: str) -> QuerySet[Stay]:
    """For a query: the stays of who is ready, of the person whose key the row holds in ``staff``."""
    return Stay.objects.filter(until=None, state=State.READY, agent__staff=OuterRef(staff))


def states_of(staff_ids: Iterable[int]) -> dict[int, State]:
    """The state each of these people is in; who has never served is signed off."""
    found = dict.fromkeys(staff_ids, State.OFFLINE)
    rows = Stay.objects.filter(until=None, agent__staff_id__in=list(found)).values_list("agent__staff_id", "state")
    return found | {staff: State(state) for staff, state in rows}


def signed_off(staff_ids: Iterable[int]) -> dict[int, datetime]:
    """Those of these people who are signed off (by hand or by a lost connection), with the instant since when."""
    rows = Stay.objects.filter(until=None, state=State.OFFLINE, agent__staff_id__in=list(staff_ids))
    return dict(rows.values_list("agent__staff_id", "since"))


def who_signed_off(before: datetime) -> QuerySet[Stay, Any]:
    """For a query: the people who have been signed off since before then."""
    return Stay.objects.filter(until=None, state=State.OFFLINE, since__lte=before).values("agent__staff_id")


def ledger(staff_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The stays of a person that touch a span, in order: state, reason, since, until (None: still)."""
    rows = Stay.objects.filter(Q(until=None) | Q(until__gt=since), agent__staff_id=staff_id, since__lt=until)
    return [dict(row) for row in rows.order_by("since", "id").values("state", "reason", "since", "until")]


def capacity(channel: str) -> int:
    """How many conversations of a channel one agent holds at a time (setting ``presence.capacity``)."""
    held = setting(CAPACITY_SETTING, default={})
    value = held.get(channel, 1) if isinstance(held, dict) else 1
    return value if isinstance(value, int) and value >= 0 else 1


def reasons(state: str) -> list[tuple[str, str]]:
    """Why somebody may be in a state: the items of the list ``presence_reasons`` for it."""
    return [
        (item["code"], pick(item["name"], item["name_en"])) for item in code_items(REASONS) if (item["extra"] or {}).get("state") == state
    ]


def reason_name(code: str) -> str:
    """A reason in words; the system has one of its own."""
    return str(_("Connection lost")) if code == DISCONNECTED else code_name(REASONS, code) if code else ""
