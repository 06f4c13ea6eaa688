"""One delivery is handed over, and what came of it is noted. Killed between the two, it goes out again under the same name."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from kefu.engines.notify.services import tell
from kefu.engines.webhooks import signing
from kefu.engines.webhooks.choices import Off, State, Trouble
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.engines.webhooks.reaching import Bounds, Unreached, post
from kefu.kit import moment
from kefu.people.queries import holders_of_right

log = logging.getLogger("kefu.webhooks")
RIGHT = "webhooks.manage"
BOUNDS = Bounds()
PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER, LATEST = 0.2, 86_400
GIVEN_UP = timedelta(seconds=sum(PAUSES) * (1 + JITTER))
SICK, REST, MOST_REST = 5, 10, 600
SWITCHED_OFF = timedelta(days=5)


class Outcome(NamedTuple):
    """How a try went. ``status`` is None where no answer came."""

    status: int | None
    answer: str
    later: int | None
    trouble: Trouble
    detail: str
    took: int

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def due(receiver_id: int) -> int | None:
    """The delivery to be tried next, if the receiver is in use and does not rest."""
    at = moment.now()
    awake = Q(receiver__rests_until=None) | Q(receiver__rests_until__lte=at)
    rows = Delivery.objects.filter(awake, receiver_id=receiver_id, receiver__active=True, state=State.WAITING, next_at__lte=at)
    return rows.order_by("next_at", "id").values_list("pk", flat=True).first()


def secrets_of(receiver: Receiver, at: datetime) -> list[str]:
    """The secrets in force: the new one, and for a day the one before it."""
    old = receiver.old_secret if receiver.old_until is not None and receiver.old_until > at else ""
    return [receiver.secret, old] if old else [receiver.secret]


def hand_over(delivery: Delivery) -> Outcome:
    """Send it; nothing is written down."""
    at, receiver, began = moment.now(), delivery.receiver, monotonic()
    headers = signing.headers(secrets_of(receiver, at), delivery.word, int(at.timestamp()), delivery.body)
    headers |= {"Content-Type": "application/json", "User-Agent": "Kefu", "Connection": "close"}
    try:
        status, answer, later = post(receiver.url, headers, delivery.body.encode(), BOUNDS)
    except Unreached as error:
        return Outcome(None, "", None, error.why, error.detail, _since(began))
    trouble = _trouble(status)
    return Outcome(status, answer, later, trouble, f"HTTP {status}" if trouble else "", _since(began))


def _since(began: float) -> int:
    return int((monotonic() - began) * 1000)


def _trouble(status: int) -> Trouble:
    if 200 <= status < 300:
        return Trouble.NONE
    return Trouble.GONE if status == 410 else Trouble.REDIRECT if 300 <= status < 400 else Trouble.STATUS


def deliver(delivery_id: int) -> bool:
    """Try one delivery; whether it arrived."""
    found = Delivery.objects.select_related("receiver").filter(pk=delivery_id, state=State.WAITING).first()
    if found is None:
        return False
    outcome = hand_over(found)
    with transaction.atomic():
        note(found.pk, outcome)
    return outcome.good


def note(delivery_id: int, outcome: Outcome) -> None:
    """Write down how a try went: delivered, to be tried again, or given up. Runs inside the caller's transaction."""
    at = moment.now()
    held = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery_id).first()
    if held is None:  # the receiver was removed meanwhile
        return
    receiver = Receiver.objects.select_for_update(of=("self",)).get(pk=held.receiver_id)
    held.tries += 1
    held.status, held.answer, held.took = outcome.status, outcome.answer, outcome.took
    held.trouble, held.detail = outcome.trouble, outcome.detail
    gone = outcome.trouble == Trouble.GONE
    if outcome.good:
        held.state = State.DELIVERED
    elif gone or held.tries > len(PAUSES) or at - held.since > GIVEN_UP:
        held.state = State.DEAD
    else:
        held.next_at = at + timedelta(seconds=pause(held.tries, outcome.later))
    held.ended_at = at if held.state != State.WAITING else None
    held.save()
    _note_receiver(receiver, outcome, at)
    if gone and receiver.active:
        switch_off(receiver, Off.GONE)
    elif receiver.active and receiver.failing_since is not None and at - receiver.failing_since > SWITCHED_OFF:
        switch_off(receiver, Off.FAILING)


def pause(tries: int, later: int | None = None) -> float:
    """Seconds until the next try after so many: growing over three days, never all at the same instant, never before the receiver asks."""
    return max(PAUSES[tries - 1] * (1 + random.random() * JITTER), min(later or 0, LATEST))  # noqa: S311


def _note_receiver(receiver: Receiver, outcome: Outcome, at: datetime) -> None:
    """A receiver that fails again and again rests for up to ten minutes between tries, however much waits for it."""
    receiver.tried_at, receiver.trouble, receiver.detail = at, outcome.trouble, outcome.detail
    if outcome.good:
        receiver.good_at, receiver.streak, receiver.failing_since, receiver.rests_until = at, 0, None, None
    else:
        receiver.streak += 1
        receiver.failing_since = receiver.failing_since or at
        if receiver.streak >= SICK:
            receiver.rests_until = at + timedelta(seconds=min(REST * 2 ** min(receiver.streak - SICK, 10), MOST_REST))
    receiver.save(update_fields=["tried_at", "trouble", "detail", "good_at", "streak", "failing_since", "rests_until"])


def switch_off(receiver: Receiver, why: Off) -> None:
    """Nothing more is sent; whoever registered it and whoever sets up webhooks are told."""
    receiver.active, receiver.off = False, why
    receiver.save(update_fields=["active", "off"])
    whom = {receiver.made_by_id, *holders_of_right(RIGHT)}
    params = {"name": receiver.name, "why": str(why), "url": f"/settings/webhooks/{receiver.pk}"}
    tell(staff_ids=whom, kind="webhook.off", params=params)
    log.warning("webhook receiver %s was switched off: %s", receiver.pk, why)


def give_up() -> int:
    """What could not be delivered in all this time is a dead letter, also where the receiver rested or was switched off."""
    at = moment.now()
    late = Delivery.objects.filter(state=State.WAITING, since__lt=at - GIVEN_UP, next_at__lte=at)
    return late.update(state=State.DEAD, ended_at=at)
