"""Looking behind masks. What lies in the history of a subject is blanked by the timeline itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.privacy.masking import PLAIN
from kefu.engines.privacy.models import RevealLog
from kefu.engines.privacy.queries import is_lifted
from kefu.engines.privacy.registry import personal_sources
from kefu.engines.rulebook.queries import setting
from kefu.kit import moment
from kefu.kit.errors import Invalid, NotAllowed, NotFound, TooOften
from kefu.people.actor import Actor
from kefu.people.services import hold
from kefu.timeline.choices import Audience
from kefu.timeline.queries import kind_of, visible_to
from kefu.timeline.services import blank_events, blank_notes, record_one

__all__ = ["RevealLimit", "blank_events", "blank_notes", "reveal"]

HOUR = timedelta(hours=1)
LIMIT = "privacy.reveals_per_hour"


class RevealLimit(TooOften):
    code = "reveal_limit"
    text = _("You have looked at %(limit)s masked values within an hour. Wait, or ask your team lead to look.")


@transaction.atomic
def reveal(*, actor: Actor, subject_id: int, field: str, reason: str) -> str:
    """The unmasked value of one personal field of a subject, logged with the reason (R-00-3.2a).

    Raises ``NotAllowed`` without the right, ``NotFound`` for a subject or field out of sight, ``Invalid`` without a reason,
    ``RevealLimit`` past the setting ``privacy.reveals_per_hour`` of the rule book (30 where it is not set).
    """
    if not actor.can("privacy.reveal"):
        raise NotAllowed()
    reason = reason.strip()
    if not 2 <= len(reason) <= 200:
        raise Invalid(fields={"reason": _("Give the reason in 2 to 200 characters.")})
    field_class, value = _read(actor, subject_id, field)
    hold(actor.person_id)
    at = moment.now()
    limit = int(setting(LIMIT, at, default=30))
    if RevealLog.objects.filter(staff_id=actor.person_id, at__gt=at - HOUR)[:limit].count() >= limit:
        raise RevealLimit(limit=limit)
    RevealLog.objects.create(staff_id=actor.person_id, subject_id=subject_id, field=field, field_class=field_class, reason=reason, at=at)
    record_one(
        actor_id=actor.id,
        subject_id=subject_id,
        kind="privacy.revealed",
        data={"field": field, "reason": reason},
        audience=Audience.AUDIT,
        clauses=("R-00-3.2a",),
        at=at,
    )
    return value


def _read(actor: Actor, subject_id: int, field: str) -> tuple[str, str]:
    kind = kind_of(subject_id) or ""
    source = personal_sources.get(kind)
    if source is None or not is_lifted(actor, kind, subject_id):
        raise NotFound()
    seen = source.visible(actor, subject_id) if source.visible else visible_to(actor).filter(pk=subject_id).exists()
    found = source.read(subject_id, field) if seen else None
    if found is None or found[0] in {PLAIN, "secret"}:
        raise NotFound()
    return found
