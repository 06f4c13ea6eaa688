"""Archive (归档): a sealed copy of all that a case holds, with its hash and how long it is kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from kefu.cases.workorders import services as orders
from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock import queries as clock
from kefu.engines.files import queries as files
from kefu.engines.forms import queries as forms
from kefu.engines.privacy import queries as privacy
from kefu.engines.privacy.retention import months_before
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.people.actor import Actor
from kefu.timeline.models import Event, Note, Subject
from kefu.timeline.services import seal


def contents(subject: Subject, record: dict[str, Any]) -> dict[str, Any]:
    """Everything that stands on a subject, as JSON values."""
    events = Event.objects.filter(subject=subject).order_by("id")
    notes = Note.objects.filter(subject=subject).order_by("id")
    return {
        "subject": {"kind": subject.kind, "number": subject.number, "title": subject.title, "opened_at": subject.opened_at},
        "record": record,
        "events": [dict(row) for row in events.values("kind", "at", "data", "audience", "clauses", "actor__number")],
        "notes": [dict(row) for row in notes.values("text", "at", "author__number", "voided_at")],
        "limits": clock.of_subject(subject.pk),
        "forms": [{"code": one.code, "version": one.definition_id, "data": one.data} for one in forms.answers_of(subject.pk)],
        "files": files.of_subject(subject.pk),
    }


def months_kept(kind: str) -> int:
    """How many months a sealed case is kept: by the retention table, else by the setting ``archive.months`` (12)."""
    months = privacy.months_kept(kind)
    return int(setting("archive.months", default=12)) if months is None else months


def keep_until(kind: str, *, on: datetime | None = None) -> date:
    """Until when a sealed case is kept."""
    return timezone.localtime(months_before(on or moment.now(), -months_kept(kind))).date()


WAITS = {"workorder": "order.archive_after_days", "complaint": "complaint.archive_after_days"}


def days_to_wait(kind: str) -> int:
    """For how many days a closed case may be reopened before it is sealed (0: it is sealed as it closes)."""
    return int(setting(WAITS[kind], default=7))


def archive_order(*, actor: Actor, id: int) -> WorkOrder:  # noqa: A002
    """Seal a closed order and mark it archived."""
    with orders.given(actor, id, "archive") as order:
        return seal_order(actor=actor, order=order)


def archive_when_due(*, actor: Actor, order: WorkOrder) -> WorkOrder:
    """What closed without the customer's word is sealed at once only where the centre does not wait; else the timetable does it."""
    return order if days_to_wait("workorder") else seal_order(actor=actor, order=order)


def seal_order(*, actor: Actor, order: WorkOrder) -> WorkOrder:
    """Seal and archive; the caller holds the order and has judged."""
    with transaction.atomic():
        copy = seal(subject_id=order.pk, body=contents(order.subject, model_to_dict(order)), keep_until=keep_until("workorder"))
        return orders.archive(actor=actor, order=order, seal=copy.sha256)
