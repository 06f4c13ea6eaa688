"""Writes to visits: arrive, call, receive, see off, turn away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.numbering.services import take_of_day
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.services import record_one
from kefu.touch.channels.visits import policies, queries
from kefu.touch.channels.visits.choices import QUEUE, Protocol, State
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.conversations import handling
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import State as Talk
from kefu.touch.conversations.registry import Outlet, WayIn
from kefu.touch.conversations.services import Conversation, Incoming
from kefu.touch.customers import queries as customers

_OWN = ("organisation", "rank", "protocol", "protocol_reason", "host_id")


def arrive(
    *, actor: Actor, counter: str = "", name: str = "", phone: str = "", purpose: str = "", received: bool = False, **own: Any
) -> Visit:
    """A visitor has come (R-04-2.1): number and waiting clock start now. ``received``: the one who writes this receives at once.

    ``own``: organisation, rank, protocol, protocol_reason, host_id. Raises ``NotAllowed``, ``Invalid``.
    """
    if not actor.can(queries.TAKE):
        raise NotAllowed()
    letters = [letter for letter, _name in queries.counters()]
    counter = counter or letters[0]
    if counter not in letters:
        raise Invalid(fields={"counter": _("Choose from the list.")})
    _check_level(own)
    at = moment.now()
    with transaction.atomic():
        known = customers.by_phone(actor, phone) if phone else []
        file = known[0] if len(known) == 1 else None
        fields: dict[str, Any] = {"phone": phone, "name": name, "content": purpose}
        if file:
            held = {"customer_id": file["customer_id"], "name": name or file["customer__name"], "address": file["customer__address"]}
            fields |= held
        taken: dict[str, Any] = {"answered_at": at} if received else {"waits": True}
        contact, _new = contacts.receive(actor=actor, channel=Channel.VISIT, **taken, **fields)
        number = take_of_day(counter, at)
        visit = Visit.objects.create(contact=contact, day=queries.today(), counter=counter, number=number, **own)
        record_one(actor_id=actor.id, subject_id=contact.pk, kind="visit.arrived", data={"ticket": visit.ticket}, at=at)
        clock.reach(subject=contact.subject, moments=("visitor_arrived",), at=at, facts={"channel": "visit"}, actor_id=actor.id)
        talk = _begin_talk(visit)
        if received:
            _received(visit, actor, at, talk)
    return visit


def _begin_talk(visit: Visit) -> Conversation | None:
    """The visitor waits in the inbox too (decision 0030); each counter is a way in of its own, with its skills."""
    account = talks.way_in(Channel.VISIT, f"counter:{visit.counter}", queries.counter_name(visit.counter))
    if account is None:
        return None
    contact = visit.contact
    word = f"ticket:{visit.day:%Y%m%d}-{visit.ticket}"
    told = Incoming(
        foreign_id=word, sender=contact.phone or word, name=contact.name, text=contact.content,
        title=" ".join(f"{visit.ticket} {contact.content}".split())[:60],
    )  # fmt: skip
    return talks.begin_on(contact=contact, account=account, incoming=told)


def taken(actor: Actor, talk: Conversation) -> None:
    """Who takes a visitor in the inbox calls the number. Raises ``Conflict`` when somebody else is calling it at this moment."""
    visit = Visit.objects.select_for_update(of=("self",), skip_locked=True).select_related("contact__subject").filter(pk=talk.pk).first()
    if visit is None and queries.of_contact(talk.pk) is not None:
        raise Conflict(_("The conversation has moved on meanwhile. Look at it again."))
    if visit is not None and visit.state == State.WAITING:
        _called(visit, actor, "")


def closing(talk: Conversation, _junk: bool) -> None:
    """A visitor who waits is not closed away."""
    visit = queries.of_contact(talk.pk)
    if visit is not None and visit.state in QUEUE:
        raise Conflict(_("The visitor is still waiting. Receive, see off or turn away first."))


def _ways_in() -> list[WayIn]:
    return [WayIn(f"counter:{letter}", name, "/visits") for letter, name in queries.counters()]


OUTLET = Outlet(
    Channel.VISIT, None, taken=taken, closing=closing, ends=True, ways_in=_ways_in,
    elsewhere=_("The visitor stands at the counter: nothing is sent. Receive, and keep the record there."),
)  # fmt: skip


def _check_level(own: dict[str, Any]) -> None:
    """Any level but the equal one has a reason (R-02F-recv)."""
    if own.get("protocol", Protocol.EQUAL) != Protocol.EQUAL and not own.get("protocol_reason", "").strip():
        raise Invalid(fields={"protocol_reason": _("Say why the visitor is received at this level.")})


@contextmanager
def given(actor: Actor, visit_id: int, command: str) -> Iterator[Visit]:
    """The visit, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    with transaction.atomic():
        queries.get(actor, visit_id)
        talks.lock(visit_id)  # before the visit, as who takes it in the inbox
        visit = Visit.objects.select_for_update(of=("self",)).select_related("contact__subject").get(pk=visit_id)
        if command not in policies.allowed(actor, visit.state):
            raise Conflict(code="not_now")
        yield visit


def call(*, actor: Actor, id: int, window: str = "") -> Visit:  # noqa: A002
    """Call a number to a window; called again if nobody comes."""
    with given(actor, id, "call") as visit:
        return _call(visit, actor, window)


def call_next(*, actor: Actor, counter: str = "", window: str = "") -> Visit:
    """Call who has waited longest, at one counter or at all. Two who press at once call two visitors. Raises ``Conflict``: nobody waits."""
    with transaction.atomic():
        waiting = queries.visible_to(actor).filter(day=queries.today(), state=State.WAITING)
        if counter:
            waiting = waiting.filter(counter=counter)
        rows = Visit.objects.filter(pk__in=waiting.values("pk")).order_by("pk")
        visit = rows.select_for_update(of=("self",), skip_locked=True).select_related("contact__subject").first()
        if visit is None:
            raise Conflict(_("Nobody waits here."), code="nobody_waits")
        return _call(visit, actor, window)


def _call(visit: Visit, actor: Actor, window: str) -> Visit:
    """Who calls a number has the visitor, unless somebody has already."""
    at, talk = moment.now(), talks.lock(visit.pk)
    if talk is not None and talk.state == Talk.WAITING:
        handling.get(talk, actor, at)
    return _called(visit, actor, window)


def _called(visit: Visit, actor: Actor, window: str) -> Visit:
    at = moment.now()
    visit.state, visit.called_at, visit.calls = State.CALLED, at, visit.calls + 1
    visit.window = window.replace("\x00", "").strip()[:20] or visit.window
    visit.save(update_fields=["state", "called_at", "calls", "window"])
    data = {"ticket": visit.ticket, "window": visit.window}
    record_one(actor_id=actor.id, subject_id=visit.pk, kind="visit.called", data=data, at=at)
    return visit


def serve(*, actor: Actor, id: int) -> Visit:  # noqa: A002
    """The visitor sits down: the contact is this person's, the wait ends here (R-04-2.1)."""
    with given(actor, id, "serve") as visit:
        talk = talks.lock(id)
        if talk is None:
            contacts.take_up(actor=actor, contact_id=id)
        _received(visit, actor, moment.now(), talk)
        return visit


def _received(visit: Visit, actor: Actor, at: datetime, talk: Conversation | None) -> None:
    visit.state, visit.served_at = State.SERVING, at
    visit.host_id = visit.host_id or actor.id
    visit.save(update_fields=["state", "served_at", "host"])
    record_one(actor_id=actor.id, subject_id=visit.pk, kind="visit.received", data={"ticket": visit.ticket}, clauses=("R-04-2.1",), at=at)
    clock.reach(subject=visit.contact.subject, moments=("visitor_received",), at=at, actor_id=actor.id)
    if talk is not None:
        handling.answered(talk, actor, at)


def leave(*, actor: Actor, id: int, opinion: str = "") -> Visit:  # noqa: A002
    """Seen off, asked for an opinion (R-04-2.5). Who goes before being received leaves an empty contact."""
    with given(actor, id, "leave") as visit:
        at = moment.now()
        visit.state, visit.left_at, visit.opinion = State.LEFT, at, opinion
        visit.save(update_fields=["state", "left_at", "opinion"])
        data = {"ticket": visit.ticket, "opinion": opinion}
        record_one(actor_id=actor.id, subject_id=id, kind="visit.left", data=data, clauses=("R-04-2.5",), at=at)
        clock.void(subject=visit.contact.subject, codes=["visit.wait"], reason=str(State.LEFT.label), at=at, actor_id=actor.id)
        if visit.served_at is None and visit.contact.outcome == Outcome.OPEN:
            contacts.finish(actor=actor, contact=visit.contact, outcome=Outcome.VOID, at=at)
            handling.end_with(actor=actor, contact=visit.contact, wrap_up="silent")
        return visit


def refuse(*, actor: Actor, id: int, refusal: str, text: str = "") -> Visit:  # noqa: A002
    """Turned away with a reason of the list (R-02F-recv); it stays in the register."""
    with given(actor, id, "refuse") as visit:
        at = moment.now()
        visit.state, visit.left_at, visit.refusal, visit.refused_reason = State.REFUSED, at, refusal, text
        visit.save(update_fields=["state", "left_at", "refusal", "refused_reason"])
        record_one(actor_id=actor.id, subject_id=id, kind="visit.refused", data={"reason": refusal, "text": text}, at=at)
        clock.void(subject=visit.contact.subject, codes=["visit.wait"], reason=str(State.REFUSED.label), at=at, actor_id=actor.id)
        if visit.contact.outcome == Outcome.OPEN:
            contacts.finish(actor=actor, contact=visit.contact, outcome=Outcome.VOID, at=at)
        handling.end_with(actor=actor, contact=visit.contact, wrap_up="not_ours")
        return visit


def register(*, actor: Actor, id: int, **own: Any) -> Visit:  # noqa: A002
    """What the register asks beside the record: organisation, rank, host, level with its reason."""
    _check_level(own)
    with given(actor, id, "register") as visit:
        for name in _OWN:
            setattr(visit, name, own[name])
        visit.save(update_fields=[name.removesuffix("_id") for name in _OWN])
        record_one(actor_id=actor.id, subject_id=id, kind="visit.registered", data={"protocol": str(visit.protocol)})
        return visit
