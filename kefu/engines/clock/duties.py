"""One coming of a recurring duty: who may see it, and that it was done."""

from __future__ import annotations

from django.db import transaction

from kefu.engines.clock import recurrences, running, services
from kefu.engines.clock.choices import OPEN
from kefu.engines.clock.models import Obligation
from kefu.engines.files import services as files
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.queries import lock, visible_to
from kefu.timeline.services import record_one, settle, watch


def get(actor: Actor, subject_id: int) -> tuple[Subject, Obligation | None]:
    """The duty and its obligation, for who sees its unit and for who answers for it. Raises ``NotFound``."""
    subject = Subject.objects.filter(pk=subject_id, kind=recurrences.DUTY).select_related("owner").first()
    row = Obligation.objects.filter(subject_id=subject_id).order_by("id").first()
    if subject is None or not (_answers(actor, row) or visible_to(actor).filter(pk=subject_id).exists()):
        raise NotFound()
    return subject, row


def _answers(actor: Actor, row: Obligation | None) -> bool:
    return row is not None and actor.id is not None and actor.id in running.answering(row)


def allowed(actor: Actor, subject_id: int) -> set[str]:
    """Who answers for the duty reports it done, also late; raises ``NotFound`` for a hidden one."""
    _subject, row = get(actor, subject_id)
    return {"done"} if row is not None and row.state in OPEN and _answers(actor, row) else set()


def done(*, actor: Actor, id: int, note: str = "", file: int | None = None) -> Subject:  # noqa: A002
    """The duty was done; a file may prove it. Whoever reports it follows it from now on. Raises ``NotFound``, ``Conflict``."""
    with transaction.atomic():
        lock(id)
        if "done" not in allowed(actor, id):
            raise Conflict(code="not_now")
        subject, _row = get(actor, id)
        at = moment.now()
        watch(subject_id=id, staff_id=actor.person_id)
        if file is not None:
            files.attach(actor=actor, file_ids=[file], subject_id=id)
        record_one(actor_id=actor.id, subject_id=id, kind=recurrences.DONE, data={"note": note}, at=at)
        services.reach(subject=subject, moments=(recurrences.DONE,), at=at, actor_id=actor.id)
        settle(subject=subject, closed_at=at)
    return subject
