"""Writes of announcements."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.files import services as stored
from kefu.engines.forms.values import clean_text
from kefu.engines.notify import services as notify
from kefu.engines.numbering.services import take
from kefu.kit import moment, show
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor
from kefu.people.models import Post, Unit
from kefu.timeline.choices import Secrecy
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from kefu.touch.announcements import policies, queries
from kefu.touch.announcements.choices import MOVES, Kind
from kefu.touch.announcements.models import Announcement, Receipt

ALL_READ, EXPIRY, HAND_IN = "announcement.all_read", "announcement.expiry", "information.hand_in"
RECEIPTS, INFORMATION = ("R-02G-3.4",), ("R-02C-5.2",)
OWED = clock.Outside(
    name="业务信息报送", name_en="Information to be handed in", met_by=(HAND_IN,), warn_points=(0.5, 0.8),
    steps=({"after": 0, "to": "unit_head"}, {"after": 24, "to": "superior"}), clauses=INFORMATION,
)  # fmt: skip
REMIND_AT = 0.75
BATCH, ENDED_SINCE = 2_000, timedelta(days=7)
FIELDS = ("kind", "body", "posts", "units", "read_hours", "unit_id", "area", "effective_from", "effective_to")


def write(*, actor: Actor, **fields: Any) -> Announcement:
    """A new draft. Raises ``Invalid`` for what does not fit, ``NotAllowed``."""
    actor.require(queries.WRITE, queries.PUBLISH)
    title, values = _checked(fields)
    at = moment.now()
    with transaction.atomic():
        subject = Subject.objects.create(
            kind=queries.KIND, number=take("GG", at), title=title, unit_path=actor.unit_path, owner_id=actor.id, opened_at=at,
            secrecy=Secrecy.SECRET,
        )  # fmt: skip
        made = Announcement.objects.create(subject=subject, **values)
        _owe(actor, made)
        record_one(actor_id=actor.id, subject_id=subject.pk, kind="announcement.written", at=at)
    return made


def _owe(actor: Actor, held: Announcement) -> None:
    """Information must be handed in before it takes effect, or by when the centre demanded it; the clock urges."""
    if held.kind != Kind.INFORMATION:
        held.due_at = held.demanded_at = None
        clock.void(subject=held.subject, reason="other_kind", codes=[HAND_IN], actor_id=actor.id)
    elif held.received_at is None:
        held.due_at = held.due_at if held.demanded_at else held.effective_from
        if held.due_at and held.due_at > moment.now():
            clock.set_due(subject=held.subject, code=HAND_IN, until=held.due_at, source="announcement", outside=OWED, actor_id=actor.id)
    held.save(update_fields=["due_at", "demanded_at"])


def _checked(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    title = clean_text(str(fields.get("title") or "")).strip()
    values = {name: fields.get(name) for name in FIELDS}
    values |= {"body": clean_text(str(fields.get("body") or "")), "area": clean_text(str(fields.get("area") or ""))[:120]}
    posts, units = sorted(set(fields.get("posts") or ())), sorted(set(fields.get("units") or ()))
    values |= {"posts": posts, "units": units}
    wrong: dict[str, Any] = {name: _("Please fill this in.") for name, text in (("title", title), ("body", values["body"])) if not text}
    if Post.objects.filter(code__in=posts).count() < len(posts):
        wrong["posts"] = _("Choose one of the given values.")
    if Unit.objects.filter(pk__in=units, active=True).count() < len(units):
        wrong["units"] = _("Choose one of the given values.")
    if values["kind"] == Kind.INFORMATION:
        wrong |= {name: _("Please fill this in.") for name in ("unit_id", "effective_from") if not values[name]}
        if values["effective_from"] and values["effective_to"] and values["effective_to"] <= values["effective_from"]:
            wrong["effective_to"] = _("This lies before the beginning.")
        if values["unit_id"] and not Unit.objects.filter(pk=values["unit_id"], active=True).exists():
            wrong["unit_id"] = _("There is no such unit.")
    else:
        values |= {"unit_id": None, "area": "", "effective_from": None, "effective_to": None}
    if wrong:
        raise Invalid(fields=wrong)
    return title, values


def _move(actor: Actor, announcement_id: int, name: str) -> Announcement:
    """The announcement, held, after the judge has passed the command. Raises ``NotFound`` or ``Conflict``."""
    queries.get(actor, announcement_id)
    held = Announcement.objects.select_for_update(of=("self",)).select_related("subject", "unit").get(pk=announcement_id)
    if name not in policies.allowed(actor, held):
        raise Conflict(code="not_now")
    held.state = MOVES[name].to or held.state
    return held


def _told(actor: Actor, held: Announcement, kind: str, *, clauses: tuple[str, ...] = (), **data: Any) -> None:
    record_one(actor_id=actor.id, subject_id=held.pk, kind=f"announcement.{kind}", data=data, clauses=clauses)


@transaction.atomic
def edit(*, actor: Actor, id: int, **fields: Any) -> Announcement:  # noqa: A002
    title, values = _checked(fields)
    held = _move(actor, id, "edit")
    for name, value in values.items():
        setattr(held, name, value)
    held.save()
    _owe(actor, held)
    Subject.objects.filter(pk=id).update(title=title)
    _told(actor, held, "changed")
    return held


@transaction.atomic
def attach(*, actor: Actor, id: int, files: list[int]) -> Announcement:  # noqa: A002
    """Files of the announcement. Raises ``Invalid`` without one."""
    if not files:
        raise Invalid(fields={"files": _("Choose a file.")})
    held = _move(actor, id, "attach")
    stored.attach(actor=actor, file_ids=files, subject_id=id)
    return held


@transaction.atomic
def demand(*, actor: Actor, id: int, until: datetime) -> Announcement:  # noqa: A002
    """The centre demands information of a department: its head has it to do from now on. Raises ``Invalid`` without a head or time left."""
    held = _move(actor, id, "demand")
    head = queries.head_of(held)
    if head is None or held.unit is None:
        raise Invalid(fields={"until": _("This department has no head. Name one first (Settings, Units).")})
    if until <= moment.now():
        raise Invalid(fields={"until": _("Choose a time that is still to come.")})
    held.due_at, held.demanded_at = until, moment.now()
    clock.keep_up(subject=held.subject, at=held.demanded_at, over=False, unit_path=held.unit.path, owner_id=head)
    _owe(actor, held)
    notify.tell(staff_ids=[head], kind="announcement.demanded", subject_id=id, params={"until": show.stamp(until)})
    _told(actor, held, "demanded", clauses=INFORMATION, until=show.stamp(until), unit=held.unit.name, unit_en=held.unit.name_en)
    return held


@transaction.atomic
def hand_in(*, actor: Actor, id: int) -> Announcement:  # noqa: A002
    """The department has told the centre: late is what took effect before, or came after its limit (R-02C-5.2). The first time counts."""
    held = _move(actor, id, "hand_in")
    held.received_at = held.received_at or moment.now()
    held.late = any(one is not None and one < held.received_at for one in (held.effective_from, held.due_at))
    held.save()
    clock.reach(subject=held.subject, moments=[HAND_IN], actor_id=actor.id)
    clauses = INFORMATION if held.kind == Kind.INFORMATION else ()
    _told(actor, held, "handed_in", clauses=clauses, late=held.late)
    return held


@transaction.atomic
def give_back(*, actor: Actor, id: int, reason: str) -> Announcement:  # noqa: A002
    held = _move(actor, id, "give_back")
    held.save()
    _told(actor, held, "given_back", reason=clean_text(reason)[:500])
    return held


@transaction.atomic
def publish(*, actor: Actor, id: int) -> Announcement:  # noqa: A002
    """It is read from now on; each person for whom it is gets a receipt to give in time (R-02G-3.4)."""
    held = _move(actor, id, "publish")
    at = moment.now()
    held.published_at, held.published_by_id = at, actor.id
    due = at + timedelta(hours=held.read_hours) if held.read_hours else None
    held.remind_at = at + timedelta(hours=held.read_hours) * REMIND_AT if held.read_hours else None
    held.save()
    people = queries.addressed(held)
    if due or not held.to_all:
        Receipt.objects.bulk_create([Receipt(announcement=held, staff_id=one, due_at=due) for one in people], batch_size=BATCH)
    Subject.objects.filter(pk=id).update(secrecy=Secrecy.ORDINARY if held.to_all else Secrecy.SECRET)
    notify.tell(staff_ids=people, kind="announcement.published", subject_id=id)
    if due and people:
        told = clock.Outside(name="全员阅知", name_en="Read by everybody", met_by=(ALL_READ,), clauses=RECEIPTS)
        clock.set_due(subject=held.subject, code=ALL_READ, until=due, source="announcement", outside=told, actor_id=actor.id)
    if held.effective_to and held.effective_to > at:
        told = clock.Outside(name="业务信息到期", name_en="Information ends", met_by=(EXPIRY,), clauses=INFORMATION)
        clock.set_due(subject=held.subject, code=EXPIRY, until=held.effective_to, source="announcement", outside=told, actor_id=actor.id)
    _told(actor, held, "published", clauses=RECEIPTS if due else (), people=len(people))
    return held


@transaction.atomic
def confirm(*, actor: Actor, id: int) -> Announcement:  # noqa: A002
    """The person has read it. The clock of the publisher ends with the last one."""
    held = _move(actor, id, "confirm")
    at = moment.now()
    Receipt.objects.filter(announcement=held, staff_id=actor.person_id, read_at=None).update(read_at=at)
    if not Receipt.objects.filter(announcement=held, read_at=None, due_at__isnull=False).exists():
        clock.reach(subject=held.subject, moments=[ALL_READ], at=at, actor_id=actor.id)
    _told(actor, held, "read", clauses=RECEIPTS)
    return held


@transaction.atomic
def remind(*, actor: Actor, id: int) -> int:  # noqa: A002
    """Everybody who has not read it is told once more; the answer is how many."""
    held = _move(actor, id, "remind")
    missing = Receipt.objects.filter(announcement=held, read_at=None, due_at__isnull=False)
    people = list(missing.values_list("staff_id", flat=True))
    missing.update(reminded_at=moment.now())
    notify.tell(staff_ids=people, kind="announcement.reminder", subject_id=id)
    _told(actor, held, "reminded", people=len(people))
    return len(people)


@transaction.atomic
def withdraw(*, actor: Actor, id: int, reason: str) -> Announcement:  # noqa: A002
    held = _move(actor, id, "withdraw")
    held.save()
    Subject.objects.filter(pk=id).update(secrecy=Secrecy.SECRET)
    clock.void(subject=held.subject, reason="withdrawn", actor_id=actor.id)
    _told(actor, held, "withdrawn", reason=clean_text(reason)[:500])
    return held


@transaction.atomic
def remind_due() -> int:
    """Before the time to read has run out whoever has not read is reminded once; the answer is how many. What has ended is not owed."""
    at = moment.now()
    for one in queries.ended(at - ENDED_SINCE, at):
        clock.reach(subject=one.subject, moments=[EXPIRY], at=one.effective_to)
    rows = queries.to_remind(at, BATCH)
    for announcement_id, receipts in groupby(rows, key=lambda row: row[1]):
        notify.tell(staff_ids=[staff for _pk, _one, staff in receipts], kind="announcement.reminder", subject_id=announcement_id)
    Receipt.objects.filter(pk__in=[pk for pk, _one, _staff in rows]).update(reminded_at=at)
    return len(rows)
