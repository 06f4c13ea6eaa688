"""Help of a superior about a contact or an order: asked, answered within the limit of the pack, all of it on the line (R-01-3.1b)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases.supervision import queries, services
from kefu.cases.supervision.models import HelpCall
from kefu.cases.supervision.policies import CONTACT
from kefu.engines.clock import parts
from kefu.engines.clock.parts import Part
from kefu.engines.notify.services import tell
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.people.actor import Actor
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one, watch

CLAUSES = ("R-01-3.1b", "R-00-3.2b")


def ask_superior(*, actor: Actor, id: int, staff_id: int, text: str) -> HelpCall:
    """Ask a superior for help; from now on he follows the case, and owes an answer within the limit of the pack."""
    known = dict(queries.superiors(actor, id))
    if staff_id not in known:
        raise Invalid(fields={"staff_id": _("Choose from the list.")})
    with transaction.atomic():
        subject = _given(actor, id)
        at = moment.now()
        made = HelpCall.objects.create(subject=subject, asked_by_id=actor.person_id, superior_id=staff_id, text=text, at=at)
        part = Part(_key(made), known[staff_id], subject.unit_path, staff_id)
        # With a caller on the line minutes count, as in a conversation; "help_asked" of an order is the part of another unit.
        parts.begin(subject=subject, part=part, moment_reached="help_asked" if subject.kind == CONTACT else "superior_asked", at=at)
        data = {"to": known[staff_id], "text": text[:500]}
        record_one(actor_id=actor.id, subject_id=id, kind="case.help_asked", data=data, clauses=CLAUSES, at=at)
        watch(subject_id=id, staff_id=staff_id)
        tell(staff_ids=[staff_id], kind="case.help_asked", subject_id=id, params={"number": subject.number, "name": actor.name})
    return made


def _given(actor: Actor, subject_id: int) -> Subject:
    try:
        return services.given(actor, subject_id, "ask_superior")
    except NotAllowed:
        if queries.facts_of(subject_id, open_=True, unit_path="", owner_id=None).call is not None:
            raise Conflict(_("A superior is asked already. Wait for the answer, or ring.")) from None
        raise


def _key(row: HelpCall) -> str:
    return f"superior:{row.pk}"


def give_help(*, actor: Actor, id: int, answer: str) -> HelpCall:
    """The superior answers; who asked learns it at once."""
    with transaction.atomic():
        subject = services.given(actor, id, "give_help")
        at = moment.now()
        held = HelpCall.objects.select_for_update(of=("self",)).get(subject=subject, answered_at=None)
        held.answer, held.answered_by_id, held.answered_at = answer, actor.person_id, at
        held.save(update_fields=["answer", "answered_by", "answered_at"])
        parts.meet(subject=subject, key=_key(held), at=at, actor_id=actor.id)
        record_one(actor_id=actor.id, subject_id=id, kind="case.help_given", data={"answer": answer[:500]}, clauses=CLAUSES, at=at)
        tell(staff_ids=[held.asked_by_id], kind="case.help_given", subject_id=id, params={"number": subject.number, "name": actor.name})
    return held


def withdraw_call(*, actor: Actor, id: int) -> HelpCall:
    """Who asked needs no help any more; nothing is owed, and who was asked learns it."""
    with transaction.atomic():
        subject = services.given(actor, id, "withdraw_call")
        at = moment.now()
        held = HelpCall.objects.select_for_update(of=("self",)).get(subject=subject, answered_at=None)
        held.answered_by_id, held.answered_at = held.asked_by_id, at
        held.save(update_fields=["answered_by", "answered_at"])
        parts.void(subject=subject, key=_key(held), reason="withdrawn", at=at, actor_id=actor.id)
        record_one(actor_id=actor.id, subject_id=id, kind="case.help_withdrawn", clauses=CLAUSES, at=at)
        tell(
            staff_ids=[held.superior_id], kind="case.help_withdrawn", subject_id=id, params={"number": subject.number, "name": actor.name}
        )  # fmt: skip
    return held
