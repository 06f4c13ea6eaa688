"""Tables that leave the house: asked for with a purpose, approved by another person, counted and hashed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.notify.services import tell
from kefu.engines.privacy.choices import MOVES, ExportState
from kefu.engines.privacy.models import ExportRequest
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.actor import Actor
from kefu.people.queries import holders_of_right

LASTS = timedelta(days=7)


class NeedsApproval(NotAllowed):
    code = "export_needs_approval"
    text = _("This export holds personal data. It can be made when another person has approved it.")


@transaction.atomic
def request(
    *,
    actor: Actor,
    what: str,
    purpose: str,
    columns: list[str],
    personal_columns: list[str] | None = None,
    query: dict[str, Any] | None = None,
) -> ExportRequest:
    """Ask for an export. Without personal columns it is approved at once; otherwise those who may approve are told.

    Raises ``NotAllowed`` without the right, ``Invalid`` without a purpose or columns.
    """
    if not actor.can("privacy.export"):
        raise NotAllowed()
    purpose = purpose.strip()
    if not 4 <= len(purpose) <= 200:
        raise Invalid(fields={"purpose": _("Say in 4 to 200 characters what the table is for.")})
    if not columns:
        raise Invalid(fields={"columns": _("Choose at least one column.")})
    at = moment.now()
    personal = [column for column in columns if column in set(personal_columns or ())]
    made = ExportRequest.objects.create(
        what=what,
        purpose=purpose,
        columns=columns,
        personal_columns=personal,
        query=query or {},
        requested_by_id=actor.person_id,
        requested_at=at,
        state=ExportState.ASKED if personal else ExportState.APPROVED,
        decided_at=None if personal else at,
        expires_at=None if personal else at + LASTS,
    )
    if personal:
        approvers = [staff for staff in holders_of_right("privacy.approve") if staff != actor.id]
        tell(staff_ids=approvers, kind="export.asked", params={"name": actor.name, "purpose": purpose, "url": "/settings/privacy"})
    return made


def _locked(id: int, move: str) -> ExportRequest:  # noqa: A002
    found = ExportRequest.objects.select_for_update().filter(pk=id).first()
    if found is None:
        raise NotFound()
    if move not in MOVES[found.state]:
        raise Conflict()
    return found


def allowed(actor: Actor, row: ExportRequest) -> set[str]:
    """What ``actor`` may do with an export now: approve and refuse (never one's own), record (only one's own)."""
    own = row.requested_by_id == actor.id
    may = {"record"} if own else {"approve", "refuse"} if actor.can("privacy.approve") else set()
    return may & MOVES[row.state]


def _judge(actor: Actor, row: ExportRequest, move: str) -> None:
    if move not in allowed(actor, row):
        raise NotAllowed()


@transaction.atomic
def approve(*, actor: Actor, id: int, days: int = LASTS.days) -> None:  # noqa: A002
    """Approve somebody else's export for ``days`` (1 to 30) days. Raises ``NotAllowed`` for one's own."""
    if not 1 <= days <= 30:
        raise Invalid(fields={"days": _("From 1 to 30 days.")})
    row = _locked(id, "approve")
    _judge(actor, row, "approve")
    row.state, row.approved_by_id, row.decided_at = ExportState.APPROVED, actor.person_id, moment.now()
    row.expires_at = row.decided_at + timedelta(days=days)
    row.save()
    tell(staff_ids=[row.requested_by_id], kind="export.approved", params={"purpose": row.purpose, "url": "/settings/privacy"})


@transaction.atomic
def refuse(*, actor: Actor, id: int, reason: str) -> None:  # noqa: A002
    """Refuse somebody else's export with a reason."""
    reason = reason.strip()
    if not 2 <= len(reason) <= 200:
        raise Invalid(fields={"reason": _("Give the reason in 2 to 200 characters.")})
    row = _locked(id, "refuse")
    _judge(actor, row, "refuse")
    row.state, row.approved_by_id, row.decided_at, row.refusal = ExportState.REFUSED, actor.person_id, moment.now(), reason
    row.save()
    tell(staff_ids=[row.requested_by_id], kind="export.refused", params={"reason": reason, "url": "/settings/privacy"})


@transaction.atomic
def record(*, actor: Actor, id: int, rows: int, sha256: str) -> ExportRequest:  # noqa: A002
    """Note the file that was made of an approved export; an approval serves once. Raises ``NeedsApproval`` if it has none or it ran out."""
    row = _locked_for_file(actor, id)
    row.state, row.made_at, row.rows, row.sha256 = ExportState.MADE, moment.now(), rows, sha256
    row.save()
    return row


def _locked_for_file(actor: Actor, id: int) -> ExportRequest:  # noqa: A002
    row = ExportRequest.objects.select_for_update().filter(pk=id, requested_by_id=actor.person_id).first()
    if row is None:
        raise NotFound()
    if row.state != ExportState.APPROVED or row.expires_at is None or row.expires_at <= moment.now():
        raise NeedsApproval()
    return row
