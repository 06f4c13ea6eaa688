"""Telling people, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from kefu.engines.notify.models import Notice
from kefu.engines.notify.registry import notice_kinds
from kefu.kit import moment, prepared
from kefu.kit.errors import Conflict, NotFound
from kefu.people.actor import Actor
from kefu.people.queries import reach


def tell(
    *,
    staff_ids: Iterable[int],
    kind: str,
    subject_id: int | None = None,
    params: dict[str, Any] | None = None,
    ack_within: timedelta | None = None,
) -> int:
    """Put a notice before each active person and whoever stands in, in the caller's transaction; the answer is how many were told.

    A person addressed twice is told once. ``ack_within`` asks for an acknowledgement in that time (kinds with ``needs_ack`` ask without
    a time too). Raises ``KeyError`` for an undeclared kind.
    """
    declared = notice_kinds[kind]
    wanted = sorted({staff_id for staff_id in staff_ids if staff_id is not None})
    if not wanted:
        return 0
    at = moment.now()
    rows = [
        prepared.made(
            Notice,
            recipient_id=recipient,
            instead_of_id=absent,
            kind=kind,
            subject_id=subject_id,
            params=params or {},
            at=at,
            needs_ack=declared.needs_ack or ack_within is not None,
            ack_due_at=at + ack_within if ack_within is not None else None,
        )
        for recipient, absent in reach(wanted).items()
    ]
    prepared.insert(rows)
    return len(rows)


def mark_read(*, actor: Actor, ids: Iterable[int] | None = None) -> int:
    """Mark own notices as read: those of ``ids``, or all that need no acknowledgement. The answer is how many changed."""
    own = Notice.objects.filter(recipient_id=actor.person_id, read_at=None)
    own = own.filter(needs_ack=False) if ids is None else own.filter(pk__in=list(ids))
    return own.update(read_at=moment.now())


def acknowledge(*, actor: Actor, id: int) -> None:  # noqa: A002
    """Confirm an own notice. Raises ``NotFound`` for a notice of somebody else, ``Conflict`` for one that asks no confirmation."""
    notice = Notice.objects.filter(pk=id, recipient_id=actor.person_id).first()
    if notice is None:
        raise NotFound()
    if not notice.needs_ack:
        raise Conflict(code="nothing_to_acknowledge")
    at = moment.now()
    Notice.objects.filter(pk=id, acked_at=None).update(acked_at=at)
    Notice.objects.filter(pk=id, read_at=None).update(read_at=at)
