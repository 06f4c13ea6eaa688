"""Reading the line past the bookmarks: each new event that a receiver wants becomes a delivery, once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from django.db import transaction
from django.urls import Resolver404, resolve

from kefu.engines.filters.memory import compiled
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.kit import moment
from kefu.people.paths import WIDTH
from kefu.timeline import feed
from kefu.timeline.choices import Audience, Secrecy
from kefu.timeline.feed import Bookmark, Entry
from kefu.timeline.models import Event
from kefu.timeline.registry import subject_kinds

BATCH = 500
PING = "webhook.ping"


@cache
def api_of(kind: str) -> str:
    """The address of records of a kind in the API with {id} in it, "" where it has none."""
    known = subject_kinds.get(kind)
    url = f"/api/v1{known.url(0)}" if known else ""
    try:
        resolve(url)
    except Resolver404:
        return ""
    return f"{url.removesuffix('0')}{{id}}"


def offered() -> list[str]:
    """The kinds of subjects that receivers hear of: those that the API shows."""
    return [one.code for one in subject_kinds if api_of(one.code)]


def units_of(path: str) -> list[int]:
    """The units of a path, from the top down."""
    return [int(path[start : start + WIDTH]) for start in range(0, len(path), WIDTH)]


def facts_of(entry: Entry) -> dict[str, Any]:
    """What a receiver's condition may ask of an event."""
    return {"event": entry.kind, "subject": entry.subject_kind, "unit": entry.unit_path, "audience": entry.audience}


def _may_leave(entry: Entry) -> bool:
    """Secret cases and what only auditors read stay in the house."""
    return entry.secrecy == Secrecy.ORDINARY and entry.audience != Audience.AUDIT and bool(api_of(entry.subject_kind))


def wanted_by(receiver: Receiver) -> Callable[[Entry], bool]:
    kinds, events, asks = set(receiver.kinds), set(receiver.events), compiled(receiver.condition)

    def wants(entry: Entry) -> bool:
        if (kinds and entry.subject_kind not in kinds) or (events and entry.kind not in events):
            return False
        return _may_leave(entry) and asks(facts_of(entry))

    return wants


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def body_of(kind: str, at: datetime, data: dict[str, Any]) -> str:
    return orjson.dumps({"type": kind, "timestamp": stamp(at), "data": data}).decode()


def told(entry: Entry, at: datetime, number: str) -> str:
    """What a receiver is sent of an event: which record, what happened, where to ask for more. Nothing of a person is in it."""
    subject = {"kind": entry.subject_kind, "id": entry.subject_id, "number": number}
    link = api_of(entry.subject_kind).format(id=entry.subject_id)
    return body_of(
        entry.kind, at, {"event": entry.id, "subject": subject, "units": units_of(entry.unit_path), "audience": entry.audience, "url": link}
    )  # fmt: skip


def new_word() -> str:
    return f"msg_{secrets.token_hex(14)}"


def gather() -> bool:
    """Make deliveries of the next events; whether there may be more of them at once."""
    rows = list(Receiver.objects.filter(active=True).values_list("xid", "event"))
    entries = feed.read(Bookmark(*min(rows)), BATCH) if rows else []
    if not entries:
        return False
    with transaction.atomic():
        held = list(Receiver.objects.select_for_update(of=("self",)).filter(active=True).order_by("pk"))
        made = [(one, entry) for one in held for entry in _wanted(one, entries)]
        _write(made)
        last = entries[-1]
        behind = [one.pk for one in held if (one.xid, one.event) < last.bookmark]
        Receiver.objects.filter(pk__in=behind).update(xid=last.xid, event=last.id)
    return len(entries) == BATCH


def _wanted(receiver: Receiver, entries: Iterable[Entry]) -> list[Entry]:
    wants = wanted_by(receiver)
    return [one for one in entries if one.bookmark > (receiver.xid, receiver.event) and wants(one)]


def _write(made: Sequence[tuple[Receiver, Entry]]) -> None:
    ids = {entry.id for _receiver, entry in made}
    known = {pk: (at, number) for pk, at, number in Event.objects.filter(pk__in=ids).values_list("pk", "at", "subject__number")}
    at = moment.now()
    rows = [
        Delivery(
            receiver=receiver, word=new_word(), event=entry.id, kind=entry.kind, subject_id=entry.subject_id, since=at, next_at=at,
            body=told(entry, *known[entry.id]),
        )
        for receiver, entry in made
    ]  # fmt: skip
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
