"""Writes to contacts. Intake is idempotent: the same channel and foreign id is the same contact."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.clock import services as clock
from kefu.engines.forms.values import clean_text
from kefu.engines.numbering.services import take, take_many
from kefu.kit import hot, moment, phone, prepared
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.timeline.choices import Audience
from kefu.timeline.models import Subject
from kefu.timeline.services import Happened, record, record_one
from kefu.touch.contacts import queries
from kefu.touch.contacts.choices import Channel, Outcome
from kefu.touch.contacts.models import Contact as Contact  # others name one

TEXTS = {"name": 80, "phone": 40, "address": 200, "content": 20_000, "wishes": 500, "order_type": 60}
LATEST = timedelta(minutes=10)
EARLIEST = timedelta(days=3660)
# Nobody mistakes one of these for another, on paper or by voice.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS = (LETTERS * 8).encode()  # of 32 letters: each byte is one, and each as likely


def tracking_code() -> str:
    """Ten characters by which a customer asks how the matter stands (with the last digits of the phone)."""
    return letters(10)


def letters(count: int) -> str:
    """So many of ``LETTERS`` that nobody guesses; the system is asked for randomness once, not for each."""
    return secrets.token_bytes(count).translate(_LETTERS).decode()


def receive(*, actor: Actor, channel: Channel, foreign_id: str | None = None, waits: bool = False, **fields: Any) -> tuple[Contact, bool]:
    """Store what arrived; answers the contact and whether it is new. Raises ``Invalid`` for text that is too long or a time to come.

    ``waits``: it came without a person taking it (web form, other system), lies on the desk until somebody does, and can be tracked.
    """
    if foreign_id:
        held = Contact.objects.filter(channel=channel, foreign_id=foreign_id).select_related("subject").first()
        if held:
            return held, False
    try:
        with transaction.atomic():
            return _store(actor, channel, foreign_id or None, fields, waits=waits), True
    except IntegrityError:
        held = Contact.objects.filter(channel=channel, foreign_id=foreign_id).select_related("subject").first()
        if held is None:
            raise
        return held, False


def _store(actor: Actor, channel: Channel, foreign_id: str | None, fields: dict[str, Any], *, waits: bool) -> Contact:
    at = moment.now()
    received: datetime = fields.pop("received_at", None) or at
    if received > at + LATEST:
        raise Invalid(fields={"received_at": _("This time is still to come.")})
    if received < at - EARLIEST:
        raise Invalid(fields={"received_at": _("This time is too long ago.")})
    values = checked(fields)
    taker = None if waits else actor.id
    subject = Subject.objects.create(
        kind=queries.KIND,
        number=take("JC", at),
        title=(values.get("content") or "")[:80],
        unit_path=actor.unit_path,
        owner_id=taker,
        opened_at=at,
    )
    contact = Contact.objects.create(
        subject=subject, channel=channel, foreign_id=foreign_id, agent_id=taker, received_at=received,
        tracking_code=tracking_code() if waits else "", **values,
    )  # fmt: skip
    data = {"channel": str(channel)}
    record_one(actor_id=actor.id, subject_id=subject.pk, kind="contact.received", data=data, clauses=("R-04-1.4",), at=at)
    return contact


def receive_all(*, actor: Actor, channel: Channel, at: datetime, rows: Sequence[dict[str, Any]]) -> list[Contact]:
    """``receive`` for many that wait and are known to be new, in a few statements; ``title`` names each in place of its content.

    A number of the channel that is here already raises ``IntegrityError``: the caller's transaction stores all or none.
    """
    values = [checked(one) for one in rows]
    titles = [str(one.pop("title", "") or one.get("content", ""))[:80] for one in values]
    subjects = [
        prepared.made(Subject, kind=queries.KIND, number=number, title=title, unit_path=actor.unit_path, opened_at=at)
        for number, title in zip(take_many("JC", at, len(rows)), titles, strict=True)
    ]
    prepared.insert(subjects)
    made = []
    for subject, one in zip(subjects, values, strict=True):
        told = {"customer_id": None, "name": "", "address": "", "content": "", "phone": "", **one}
        contact = prepared.made(
            Contact, subject_id=subject.pk, channel=channel, received_at=at, tracking_code=tracking_code(), record={}, **told
        )
        contact.subject = subject
        made.append(contact)
    prepared.insert(made)
    happened = [Happened(one.pk, "contact.received", {"channel": str(channel)}, clauses=("R-04-1.4",)) for one in made]
    record(actor_id=actor.id, happened=happened, at=at)
    return made


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts within their lengths, the phone in one written form. Raises ``Invalid`` naming each field that does not fit."""
    problems = {
        name: _("At most %(most)d characters fit here.") % {"most": most}
        for name, most in TEXTS.items()
        if isinstance(fields.get(name), str) and len(fields[name]) > most
    }
    if problems:
        raise Invalid(fields=problems)
    values = {name: clean_text(value) if isinstance(value, str) else value for name, value in fields.items()}
    if values.get("phone"):
        values["phone"] = phone.normalise(values["phone"])
    return values


def take_up(*, actor: Actor, contact_id: int) -> Contact:
    """An agent takes a waiting contact: the waiting clock ends here."""
    if not actor.can("contacts.take"):
        raise NotAllowed()
    with transaction.atomic():
        contact = lock(actor, contact_id)
        if contact.outcome != Outcome.OPEN or contact.agent_id not in (None, actor.id):
            raise Conflict(_("Somebody else has taken this already."))
        at = moment.now()
        Contact.objects.filter(pk=contact_id).update(agent_id=actor.id, answered_at=contact.answered_at or at)
        Subject.objects.filter(pk=contact_id).update(owner_id=actor.id)
        record_one(actor_id=actor.id, subject_id=contact_id, kind="contact.taken", at=at)
    return contact


def hand_to(*, contact: Contact, agent_id: int | None, unit_path: str | None = None, at: datetime) -> None:
    """The contact is this agent's now (nobody's: None), with all limits that run; the caller holds the lock, has judged and records it."""
    path = contact.subject.unit_path if unit_path is None else unit_path
    contact.agent_id, contact.answered_at = agent_id, contact.answered_at or (at if agent_id else None)
    contact.subject.owner_id, contact.subject.unit_path = agent_id, path
    prepared.update(Contact, contact.pk, agent_id=agent_id, answered_at=contact.answered_at)
    prepared.update(Subject, contact.pk, owner_id=agent_id, unit_path=path)
    clock.hand_over(subject_id=contact.pk, owner_id=agent_id, unit_path=path)


def belongs_to(*, ids: list[int], customer_id: int) -> None:
    """These contacts are of this customer; the caller has judged and records it."""
    Contact.objects.filter(pk__in=ids).update(customer_id=customer_id)


def open_again(*, contact: Contact) -> None:
    """What was settled by an answer is open again; what led to a case stays so. The caller holds the lock and records it."""
    if contact.outcome in (Outcome.SETTLED, Outcome.VOID):
        contact.outcome, contact.ended_at = Outcome.OPEN, None
        prepared.update(Contact, contact.pk, outcome=Outcome.OPEN, ended_at=None)
        prepared.update(Subject, contact.pk, closed_at=None)


def get_own(actor: Actor, contact_id: int) -> Contact:
    """The contact, if this person may still write to it. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    contact = queries.get(actor, contact_id)
    if not actor.can("contacts.take") or contact.agent_id not in (None, actor.id):
        raise NotAllowed()
    if contact.outcome != Outcome.OPEN:
        raise Conflict()
    return contact


def keep_draft(contact: Contact, **fields: Any) -> None:
    """Store what is typed so far; a draft writes no event, the finished record does."""
    values = checked(fields)
    if values.get("order_type"):
        values["order_type"] = values["order_type"][:60]
    Contact.objects.filter(pk=contact.pk, outcome=Outcome.OPEN).update(**values)


def lock(actor: Actor, contact_id: int) -> Contact:
    """The row, held until the transaction ends."""
    held: list[Contact] = _locked(actor, id=contact_id)
    if not held:
        raise NotFound()
    return held[0]


_locked = hot.Rows(
    lambda actor: queries.visible_to(actor).select_for_update(of=("self",)).select_related("subject", "customer").filter(pk=hot.Slot("id"))
)


def finish(
    *,
    actor: Actor,
    contact: Contact,
    outcome: Outcome,
    led_to: int | None = None,
    at: datetime | None = None,
    also: Iterable[Happened] = (),
    **fields: Any,
) -> None:
    """Write what became of a contact; the caller holds the lock and has judged. ``also`` happened in the same step."""
    at = at or moment.now()
    values = checked(fields)
    ended, agent = max(at, contact.received_at), contact.agent_id or actor.id
    prepared.update(Contact, contact.pk, outcome=outcome, led_to_id=led_to, ended_at=ended, agent_id=agent, **values)
    prepared.update(Subject, contact.pk, closed_at=at, title=(values.get("content") or contact.content)[:80])
    record(
        actor_id=actor.id,
        happened=[Happened(contact.pk, "contact.finished", {"outcome": str(outcome), "led_to": led_to}), *also],
        at=at,
    )


def settle(*, actor: Actor, id: int, answer: str, answer_source: str = "") -> Contact:
    """Answered on the spot and closed as a consultation (R-01-2.1a)."""
    return _end(actor, id, Outcome.SETTLED, answer, answer_source=answer_source.replace("\x00", "")[:200])


def rests_on(*, contact_id: int, source: str) -> None:
    """An answer in a talk rests on this; the first one named stays (R-01-2.1a). The caller has judged."""
    Contact.objects.filter(pk=contact_id, answer_source="").update(answer_source=source[:200])


def refer(*, actor: Actor, id: int, answer: str, referred_to: str) -> Contact:
    """Not the firm's matter: explained and pointed to another way; no order is opened, the contact is kept (R-03-3.3.1)."""
    return _end(actor, id, Outcome.REFERRED, answer, referred_to=referred_to.replace("\x00", "")[:120])


def _end(actor: Actor, contact_id: int, outcome: Outcome, answer: str, **fields: Any) -> Contact:
    if not actor.can("contacts.take"):
        raise NotAllowed()
    with transaction.atomic():
        contact = lock(actor, contact_id)
        if contact.outcome != Outcome.OPEN:
            raise Conflict()
        finish(actor=actor, contact=contact, outcome=outcome, **fields)
        data = {"answer": answer.replace("\x00", "")[:500], **{name: value for name, value in fields.items() if value}}
        record_one(actor_id=actor.id, subject_id=contact_id, kind="contact.answered", data=data, audience=Audience.CUSTOMER)
        contact.refresh_from_db()
    return contact
