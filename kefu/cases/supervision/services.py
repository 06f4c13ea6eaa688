"""Writes: urge, supervise, answer, lift."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision import policies, queries
from kefu.cases.supervision.choices import Level
from kefu.cases.supervision.models import Supervision, Urge
from kefu.engines.clock import services as clock
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.people.queries import head_above
from kefu.timeline.choices import Audience
from kefu.timeline.models import Subject
from kefu.timeline.queries import visible_to
from kefu.timeline.services import record_one


def given(actor: Actor, subject_id: int, command: str) -> Subject:
    """The subject, locked, and the command judged. Raises ``NotFound``, ``NotAllowed`` or ``Conflict``."""
    subject = visible_to(actor).filter(pk=subject_id).first()
    if subject is None:
        raise NotFound()
    subject = Subject.objects.select_for_update().get(pk=subject_id)
    facts = queries.facts(subject)
    if command not in policies.allowed(actor, facts):
        raise Conflict(code="not_now") if not facts.open else NotAllowed()
    return subject


def responsible(subject: Subject) -> list[int]:
    """Who answers for a case: its owner and the head of its unit."""
    head = head_above(subject.unit_path) if subject.unit_path else None
    return sorted({person for person in (subject.owner_id, head) if person is not None})


def urge(*, actor: Actor, id: int, text: str, contact_id: int | None = None) -> Urge:
    """Record that the customer asks again (催办), and tell those who answer for the case (R-02C-4.1)."""
    with transaction.atomic():
        subject = given(actor, id, "urge")
        at = moment.now()
        row = Urge.objects.create(subject=subject, by_id=actor.id, text=text, contact_id=contact_id, at=at)
        count = Urge.objects.filter(subject=subject).count()
        data = {"text": text[:500], "count": count, "contact": contact_id}
        record_one(
            actor_id=actor.id, subject_id=id, kind="case.urged", data=data, clauses=("R-02C-4.1",), audience=Audience.CUSTOMER, at=at
        )
        tell(staff_ids=responsible(subject), kind="case.urged", subject_id=id, params={"number": subject.number, "count": count})
    return row


def supervise(*, actor: Actor, id: int, level: Level, demand: str) -> Supervision:
    """Put a case under supervision (督办), or raise its grade. The unit owes a reply."""
    with transaction.atomic():
        subject = given(actor, id, "supervise")
        at = moment.now()
        held = queries.running(id)
        if held is not None:
            if policies.RANK[level] <= policies.RANK[held.level]:
                raise Invalid(fields={"level": _("Choose a graver grade than the one that runs.")})
            held.lifted_at, held.lifted_by_id = at, actor.person_id
            held.save(update_fields=["lifted_at", "lifted_by"])
        row = Supervision.objects.create(subject=subject, level=level, by_id=actor.person_id, demand=demand, at=at)
        data = {"level": str(level), "grade": str(level), "demand": demand[:500]}
        record_one(actor_id=actor.id, subject_id=id, kind="case.supervised", data=data, clauses=("R-02C-4.1",), at=at)
        clock.reach(subject=subject, moments=("supervised",), at=at, facts={"level": str(level)}, actor_id=actor.id)
        tell(
            staff_ids=responsible(subject), kind="case.supervised", subject_id=id, params={"number": subject.number, "demand": demand[:200]}
        )
    return row


def answer_urge(*, actor: Actor, id: int, reply: str) -> Subject:
    """Answer every urge and supervision that waits for a reply."""
    with transaction.atomic():
        subject = given(actor, id, "answer_urge")
        at = moment.now()
        changes = {"reply": reply, "replied_by_id": actor.person_id, "replied_at": at}
        asked = set(Urge.objects.filter(subject=subject, replied_at=None, by__isnull=False).values_list("by_id", flat=True))
        asked |= set(Supervision.objects.filter(subject=subject, replied_at=None, lifted_at=None).values_list("by_id", flat=True))
        Urge.objects.filter(subject=subject, replied_at=None).update(**changes)
        Supervision.objects.filter(subject=subject, replied_at=None, lifted_at=None).update(**changes)
        record_one(actor_id=actor.id, subject_id=id, kind="case.urge_answered", data={"reply": reply[:500]}, at=at)
        clock.reach(subject=subject, moments=("supervision_answered",), at=at, facts={}, actor_id=actor.id)
        tell(
            staff_ids=sorted(person for person in asked if person),
            kind="case.urge_answered",
            subject_id=id,
            params={"number": subject.number},
        )
    return subject


def lift(*, actor: Actor, id: int, reason: str) -> Subject:
    """End the supervision."""
    with transaction.atomic():
        subject = given(actor, id, "lift")
        at = moment.now()
        Supervision.objects.filter(subject=subject, lifted_at=None).update(lifted_at=at, lifted_by_id=actor.person_id)
        record_one(actor_id=actor.id, subject_id=id, kind="case.lifted", data={"reason": reason}, at=at)
        clock.reach(subject=subject, moments=("supervision_answered",), at=at, facts={}, actor_id=actor.id)
    return subject
