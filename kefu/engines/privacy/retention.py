"""How long data stays, what is due to go, and the proof that it went (PIPL art. 19, 47)."""

from __future__ import annotations

import calendar
import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.models import ErasureProof, RetentionRule
from kefu.engines.privacy.registry import erasures
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound
from kefu.people.actor import SYSTEM, Actor

BATCH = 500
BATCHES = 200
log = logging.getLogger("kefu.privacy")


def months_before(at: datetime, months: int) -> datetime:
    """The same day and time ``months`` months earlier, or the last day of that month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def _judge(actor: Actor) -> None:
    """The system itself (the timetable) may erase; a person needs the right."""
    if actor.id is not None and not actor.can("privacy.manage"):
        raise NotAllowed()


def set_rule(*, actor: Actor, data_kind: str, months: int, basis: str, clauses: Sequence[str] = (), active: bool = True) -> RetentionRule:
    """Set how many months a kind of data stays after its end. Raises ``Invalid`` for a kind nobody declared or without a basis."""
    _judge(actor)
    fields = {}
    if data_kind not in erasures:
        fields["data_kind"] = _("There is no such kind of data.")
    if not 1 <= months <= 1200:
        fields["months"] = _("From 1 to 1200 months.")
    if not 2 <= len(basis.strip()) <= 200:
        fields["basis"] = _("Name the law or rule that the time rests on.")
    if fields:
        raise Invalid(fields=fields)
    values = {"months": months, "basis": basis.strip(), "clauses": list(clauses), "active": active}
    return RetentionRule.objects.update_or_create(data_kind=data_kind, defaults=values)[0]


def due_for_erasure(data_kind: str, limit: int = BATCH) -> list[int]:
    """The ids of what has outlived the rule of its kind; none where no active rule is set. Raises ``NotFound`` for an undeclared kind."""
    erasure = erasures.get(data_kind)
    if erasure is None:
        raise NotFound()
    rule = RetentionRule.objects.filter(data_kind=data_kind, active=True).first()
    return erasure.due(months_before(moment.now(), rule.months), limit) if rule else []


@transaction.atomic
def erase_due(*, actor: Actor, data_kind: str, limit: int = BATCH) -> ErasureProof | None:
    """Erase one batch of what is due and write its proof; None when nothing is due."""
    _judge(actor)
    ids = sorted(due_for_erasure(data_kind, limit))
    if not ids:
        return None
    rule = RetentionRule.objects.get(data_kind=data_kind)
    rows = erasures[data_kind].erase(ids)
    return prove(actor=actor, data_kind=data_kind, basis=rule.basis, ids=ids, rows=rows, months=rule.months, clauses=rule.clauses)


def prove(
    *, actor: Actor, data_kind: str, basis: str, ids: Sequence[int], rows: int, months: int = 0, clauses: Sequence[str] = ()
) -> ErasureProof:
    """Write that these were erased, in the transaction that did it; ``months`` 0: by hand, whatever their age."""
    return ErasureProof.objects.create(
        data_kind=data_kind, months=months, basis=basis, clauses=list(clauses), ended_before=months_before(moment.now(), months),
        count=len(ids), rows=rows, digest=digest(ids), staff_id=actor.id,
    )  # fmt: skip


def erase_all() -> int:
    """Erase, batch by batch, what has outlived the active rules; a kind that fails holds up no other. The answer counts the batches."""
    done = 0
    for data_kind in RetentionRule.objects.filter(active=True).order_by("data_kind").values_list("data_kind", flat=True):
        try:
            for _batch in range(BATCHES):
                if data_kind not in erasures or erase_due(actor=SYSTEM, data_kind=data_kind) is None:
                    break
                done += 1
        except Exception:
            log.exception("data of the kind %s cannot be erased", data_kind)
    return done


def digest(ids: Sequence[int]) -> str:
    """SHA-256 of the sorted ids, one a line: who holds a list of ids can show that just these were erased."""
    return hashlib.sha256("\n".join(str(one) for one in sorted(ids)).encode()).hexdigest()
