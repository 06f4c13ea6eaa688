"""Writes to orders of the hotline: taken in once under their number, and sent back for redo rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import calendars
from kefu.engines.clock import services as clock
from kefu.engines.clock.arithmetic import due_at as reckon
from kefu.engines.clock.arithmetic import usual, whole
from kefu.engines.files import services as stored
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid
from kefu.people.actor import Actor
from kefu.timeline.choices import Secrecy
from kefu.timeline.services import record_one, settle
from kefu.touch.channels.hotline import policies, queries
from kefu.touch.channels.hotline.choices import SOURCE, Role, State
from kefu.touch.channels.hotline.models import HotlineOrder, HotlineRound
from kefu.touch.channels.hotline.registry import CaseKind, hotline_cases
from kefu.touch.contacts import services as contacts
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.queries import Contact
from kefu.touch.conversations import services as talks
from kefu.touch.conversations.choices import State as TalkState
from kefu.touch.conversations.registry import Outlet, WayIn
from kefu.touch.conversations.services import Conversation, Incoming
from kefu.touch.customers import queries as customers

CLAUSE = ("R-02C-2d",)
LIMIT = "hotline.report"
OUTSIDE = clock.Outside(
    name="12345 工单答复", name_en="Answer to the city hotline", met_by=("reported", "returned"), addressed_to="post:dispatcher",
    warn_points=(0.5, 0.8), steps=({"after": 0, "to": "unit_head"},), clauses=CLAUSE,
)  # fmt: skip


def _closing(_held: Conversation, junk: bool) -> None:
    if junk:
        raise Invalid(fields={"wrap_up": _("An order of the city hotline is never junk. Return it to the hotline instead.")})


OUTLET = Outlet(
    Channel.HOTLINE12345, None, closing=_closing, ends=True, ways_in=lambda: [WayIn("12345", Channel.HOTLINE12345.label)],
    elsewhere=_("The caller is answered by telephone, the city hotline by the report on its order. Open the case, then report back there."),
)  # fmt: skip
_CONTACT = ("name", "phone", "address", "content", "wishes")
_OWN = ("category", "role", "partners", "secret", "ruled")


@dataclass(frozen=True)
class Taken:
    """What became of a delivery: ``new`` order, ``redo`` round, or the ``same`` again."""

    order: HotlineOrder
    what: Literal["new", "redo", "same"]


def take_in(
    *, actor: Actor, number: str, passed_on_at: datetime | None = None, due_at: datetime | None = None, round: int | None = None,  # noqa: A002
    words: str = "", files: Sequence[int] = (), **fields: Any,
) -> Taken:  # fmt: skip
    """Take in an order that the hotline passed on (转办). One number is one order.

    ``round`` is the hotline's count of redo rounds (0: the first handling). The same number in a round that is known is the ``same``
    again; in a higher round it is a ``redo``. Where no round is told, what was passed on after the answer is a redo. ``due_at`` is the
    limit as written on the order; without one the limit ``hotline.report`` of the rule book holds. ``fields``: name, phone, address,
    content, wishes; category, role, partners, secret, ruled. ``files``: the scan and what was enclosed. Raises ``NotAllowed``, ``Invalid``,
    ``NotFound`` (a file), ``Conflict`` (it was returned).
    """
    actor.require(queries.TAKE)
    number = number.strip()
    at = moment.now()
    told_at = passed_on_at
    passed_on_at = whole(passed_on_at or at)
    check(number, passed_on_at, due_at, at)
    with transaction.atomic():
        held = HotlineOrder.objects.select_for_update(of=("self",)).select_related("contact__subject").filter(number=number).first()
        if held is None:
            made = _new(actor, number, passed_on_at, due_at, round or 0, words, fields)
            if made is not None:
                stored.attach(actor=actor, file_ids=files, subject_id=made.pk)
                _begin_talk(made, files)
                return Taken(made, "new")
            held = HotlineOrder.objects.select_for_update(of=("self",)).select_related("contact__subject").get(number=number)
        if not _is_redo(held, round, told_at):
            return Taken(held, "same")
        if held.state in (State.RETURNING, State.RETURNED):
            raise Conflict(_("Order %(number)s was returned to the hotline. Settle the return with the hotline first."), number=number)
        stored.attach(actor=actor, file_ids=files, subject_id=held.pk)
        return Taken(begin_round(actor, held, round, passed_on_at, due_at, words), "redo")


def check(number: str, passed_on_at: datetime, due_at: datetime | None, at: datetime) -> None:
    wrong: dict[str, Any] = {}
    if not number or len(number) > 60 or not number.isprintable():
        wrong["number"] = _("Write the number of the hotline, at most 60 characters.")
    if passed_on_at > at + contacts.LATEST:
        wrong["passed_on_at"] = _("This time is still to come.")
    if passed_on_at < at - contacts.EARLIEST:
        wrong["passed_on_at"] = _("This time is too long ago.")
    if due_at is not None and due_at <= passed_on_at:
        wrong["due_at"] = _("The limit lies before the order was passed on.")
    if wrong:
        raise Invalid(fields=wrong)


def _is_redo(held: HotlineOrder, told: int | None, passed_on_at: datetime | None) -> bool:
    if told is not None:
        return told > held.round
    if held.state != State.REPORTED or passed_on_at is None:
        return False
    reported = held.rounds.filter(number=held.round).values_list("reported_at", flat=True).first()
    return reported is not None and passed_on_at > reported


def _new(
    actor: Actor, number: str, passed_on_at: datetime, due_at: datetime | None, told: int, words: str, fields: dict[str, Any]
) -> HotlineOrder | None:
    """The rows of a new order; None if somebody took it in meanwhile. What other systems reported as a plain contact is taken over."""
    given = {name: fields[name] for name in _CONTACT if fields.get(name)} | _known(fields)
    contact, _made = contacts.receive(
        actor=actor, channel=Channel.HOTLINE12345, foreign_id=number, waits=True, received_at=passed_on_at, **given
    )
    contact = Contact.objects.select_for_update(of=("self",)).select_related("subject").get(pk=contact.pk)
    if HotlineOrder.objects.filter(pk=contact.pk).exists():
        return None
    own = {name: fields[name] for name in _OWN if fields.get(name)}
    order = HotlineOrder(contact=contact, number=number, round=told, return_until=_return_until(passed_on_at), **own)
    if order.secret:
        settle(subject=contact.subject, secrecy=Secrecy.SECRET)
    order.due_at = _begin_clock(actor, order, passed_on_at, due_at)
    order.save(force_insert=True)
    HotlineRound.objects.create(
        order=order, subject=contact.subject, number=told, passed_on_at=passed_on_at, due_at=order.due_at, words=words
    )
    data = {"number": number, "due": order.due_at.isoformat(), "role": str(order.role or Role.MAIN)}
    record_one(actor_id=actor.id, subject_id=contact.pk, kind="hotline.taken_in", data=data, clauses=CLAUSE)
    return order


def _begin_talk(order: HotlineOrder, file_ids: Sequence[int]) -> None:
    """It lies in the inbox (decision 0030). The hotline writes there, not the caller: who that is stands with the contact alone."""
    contact = order.contact
    account = talks.way_in(Channel.HOTLINE12345, "12345", Channel.HOTLINE12345.label)
    if account is None or contact.outcome != Outcome.OPEN:
        return
    word, title = f"12345:{order.number}", " ".join(contact.content.split())[:60] or order.number
    told = Incoming(foreign_id=word, sender=word, title=title, text=contact.content)
    talks.begin_on(contact=contact, account=account, incoming=told, file_ids=list(dict.fromkeys(file_ids)))


def _tell_talk(order: HotlineOrder, words: str) -> None:
    """A redo is the next turn of the talk, which opens again however long ago it was settled; what has led to a case goes on there."""
    held = talks.lock(order.pk)
    if held is not None and not (held.state == TalkState.CLOSED and held.contact.led_to_id):
        word = f"12345:{order.number}"
        told = Incoming(foreign_id=f"{word}:{order.round}", sender=word, text=words, reply=words)
        talks.receive(account=held.account, incoming=told, conversation_id=held.pk, ever=True)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """The one customer whose number it is; a caller who asked for secrecy is looked up nowhere."""
    found = customers.of_phone(fields.get("phone") or "") if not fields.get("secret") else []
    return {"customer_id": found[0]["customer_id"]} if len(found) == 1 else {}


def _return_until(passed_on_at: datetime) -> datetime | None:
    """The end of the window in which the hotline takes an order back (setting ``order.outside_return_workdays``; 0: never)."""
    days = int(setting("order.outside_return_workdays", default=0))
    return reckon(calendars.named("standard"), usual(days, "working_day"), passed_on_at) if days > 0 else None


def _begin_clock(actor: Actor, order: HotlineOrder, passed_on_at: datetime, written: datetime | None) -> datetime:
    """The limit of a round runs from the moment it was passed on (decision 0004): as written on the order, else as the rule book has it."""
    subject = order.contact.subject
    facts = {"channel": str(Channel.HOTLINE12345), "round": order.round}
    started = clock.reach(subject=subject, moments=("passed_on",), at=passed_on_at, facts=facts, actor_id=actor.id)
    if written is not None:
        row = clock.set_due(
            subject=subject, code=LIMIT, until=written, source=SOURCE, outside=OUTSIDE, at=passed_on_at, actor_id=actor.id
        )  # fmt: skip
        return row.due_at
    due = next((row.due_at for row in started if row.code == LIMIT), None)
    if due is None:
        raise Invalid(fields={"due_at": _("Write the limit that stands on the order.")})
    return due


def begin_round(
    actor: Actor, order: HotlineOrder, number: int | None, passed_on_at: datetime, due_at: datetime | None, words: str
) -> HotlineOrder:
    """A redo round (重办) with a clock of its own; the case behind it goes back to work. The caller holds the order and has judged.

    A round that was never answered stays unanswered: its clock ends without a verdict, its row counts as missed.
    """
    subject = order.contact.subject
    clock.void(subject=subject, codes=[LIMIT], reason=str(_("The hotline sent the order back for another round.")), actor_id=actor.id)
    order.round, order.state = number if number is not None else order.round + 1, State.OPEN
    order.due_at = _begin_clock(actor, order, passed_on_at, due_at)
    order.save(update_fields=["round", "state", "due_at"])
    HotlineRound.objects.create(
        order=order, subject=subject, number=order.round, passed_on_at=passed_on_at, due_at=order.due_at, words=words
    )
    data = {"round": order.round, "words": words[:500], "due": order.due_at.isoformat()}
    record_one(actor_id=actor.id, subject_id=order.pk, kind="hotline.redone", data=data, clauses=CLAUSE)
    asked = words or str(_("The hotline sent the order back for another round."))
    _tell_talk(order, asked)
    case = case_of(order)
    if case is not None:
        kind, subject_id = case
        subject_id = kind.again(actor, subject_id, asked, order.pk)
        kind.limit(actor, subject_id, order.due_at, passed_on_at)
    return order


def case_of(order: HotlineOrder) -> tuple[CaseKind, int] | None:
    """The case that the order led to, and how its kind is spoken to."""
    led_to = order.contact.led_to
    kind = hotline_cases.get(led_to.kind) if led_to is not None else None
    return (kind, led_to.pk) if kind is not None and led_to is not None else None


@contextmanager
def given(actor: Actor, order_id: int, command: str) -> Iterator[HotlineOrder]:
    """The order, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    with transaction.atomic():
        queries.get(actor, order_id)
        order = HotlineOrder.objects.select_for_update(of=("self",)).select_related("contact__subject", "contact__led_to").get(pk=order_id)
        policies.require(actor, policies.facts(order), command, moment.now())
        yield order


def redo(*, actor: Actor, id: int, words: str, due_at: datetime | None = None) -> HotlineOrder:  # noqa: A002
    """The hotline sent the order back by another way (telephone, letter): the next round begins now."""
    with given(actor, id, "redo") as order:
        at = moment.now()
        check(order.number, at, due_at, at)
        return begin_round(actor, order, None, whole(at), due_at, words)
