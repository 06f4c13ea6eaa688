"""Answer the same request once, count knocks, forget both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.intake.models import Answered, Knock
from kefu.kit import moment, secrecy
from kefu.kit.errors import Invalid, TooOften
from kefu.people.actor import Actor

KEY_LENGTH = 200
KEEP_ANSWERS, KEEP_KNOCKS = timedelta(days=7), timedelta(days=2)
Answer = tuple[int, dict[str, Any]]


def once(*, actor: Actor, door: str, key: str, body: bytes, make: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer to a request with an idempotency key, and whether it was answered before.

    ``make`` writes and answers (status, JSON values) in the transaction that stores the answer: both are there or neither. Two requests
    at the same instant: one waits for the other and gets its answer. Raises ``Invalid`` for a key that was used with another body.
    """
    key = _checked(key)
    digest = hashlib.sha256(body).hexdigest()
    if not key:
        with transaction.atomic():
            return make(), False
    held = _held(actor, door, key, digest)
    if held is not None:
        return held, True
    try:
        with transaction.atomic():
            row = Answered.objects.create(staff_id=actor.person_id, door=door, key=key, digest=digest)
            row.status, row.answer = make()
            row.save(update_fields=["status", "answer"])
            return (row.status, row.answer), False
    except IntegrityError:
        held = _held(actor, door, key, digest)
        if held is None:
            raise
        return held, True


def _checked(key: str) -> str:
    key = key.strip()
    if len(key) > KEY_LENGTH or not key.isprintable():
        raise Invalid(_("An idempotency key has at most %(most)d printable characters."), code="bad_idempotency_key", most=KEY_LENGTH)
    return key


def _held(actor: Actor, door: str, key: str, digest: str) -> Answer | None:
    row = Answered.objects.filter(staff_id=actor.person_id, door=door, key=key).values_list("digest", "status", "answer").first()
    if row is None:
        return None
    if row[0] != digest:
        raise Invalid(_("This key was used with another content already. Take a new key for a new request."), code="idempotency_mismatch")
    return row[1], row[2]


def knock(*, door: str, who: str, most: int, within: timedelta) -> None:
    """Count one try of ``who`` at ``door``; raises ``TooOften`` past ``most`` in the span. Tries sent all at once are counted too."""
    at = moment.now()
    hashed = secrecy.blind(who or "-", f"intake.{door}")
    if Knock.objects.filter(door=door, who=hashed, at__gt=at - within).count() >= most:
        raise TooOften()
    Knock.objects.create(door=door, who=hashed, at=at)


def forget_old() -> int:
    """Drop answers after a week and knocks after two days."""
    at = moment.now()
    gone = Answered.objects.filter(at__lt=at - KEEP_ANSWERS).delete()[0]
    return gone + Knock.objects.filter(at__lt=at - KEEP_KNOCKS).delete()[0]
