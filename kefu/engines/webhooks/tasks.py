"""Background work: events become deliveries, each receiver is served by a thread of its own, what is old goes."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import close_old_connections
from django.db.models import QuerySet

from kefu.engines.jobs.watching import RENEW, Watching
from kefu.engines.webhooks import sending
from kefu.engines.webhooks.choices import State
from kefu.engines.webhooks.models import Delivery, Receiver
from kefu.kit import moment

IDLE = 0.5
KEEP_DONE, KEEP_DEAD = timedelta(days=30), timedelta(days=90)


def deliver_due(receiver_id: int, most: int = 1000) -> int:
    """Try what is due to one receiver until nothing is; the answer is how many tries were made."""
    for done in range(most):
        found = sending.due(receiver_id)
        if found is None:
            return done
        sending.deliver(found)
    return most


class Posts(Watching):
    """One thread a receiver: one that hangs holds up no other, and no background work either (decision 0026)."""

    what = "webhook"

    def rows(self) -> QuerySet[Receiver]:
        return Receiver.objects.filter(active=True)

    def stay(self, pk: int) -> None:
        asked = time.monotonic()
        while not self.stopping.is_set():
            if time.monotonic() - asked >= RENEW:
                asked = time.monotonic()
                close_old_connections()
                if not self.goes_on(pk):
                    return
            if not deliver_due(pk, most=1):
                self.stopping.wait(IDLE)

    def failing(self, pk: int, error: Exception) -> None:
        """What a receiver does wrong is noted with its delivery; what comes here stands in the log."""


POSTS = Posts()


def tidy(batch: int = 1000) -> int:
    """Give up what is too old, and forget deliveries: those that arrived after 30 days, dead letters after 90."""
    gone, at = sending.give_up(), moment.now()
    for state, keep in ((State.DELIVERED, KEEP_DONE), (State.DEAD, KEEP_DEAD)):
        while True:
            old = Delivery.objects.filter(ended_at__lt=at - keep, state=state).order_by("ended_at")
            ids = list(old.values_list("pk", flat=True)[:batch])
            Delivery.objects.filter(pk__in=ids).delete()
            gone += len(ids)
            if len(ids) < batch:
                break
    return gone
