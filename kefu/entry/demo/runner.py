"""What happens in the demo, in order of time: each deed is done by a real service with the clock held at its hour."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from django.db.models import DateTimeField

from kefu.engines.clock.choices import State
from kefu.engines.clock.models import Obligation, Recurrence
from kefu.engines.clock.ticker import tick
from kefu.kit import hot, moment

Deed = Callable[[], object]
_UNTIL = hot.Slot("until", DateTimeField())
_due = hot.Read(
    lambda: Obligation.objects.filter(state=State.RUNNING, next_tick_at__lt=_UNTIL).order_by("next_tick_at").values("next_tick_at")[:1]
)
_duty = hot.Read(lambda: Recurrence.objects.filter(active=True, next_at__lt=_UNTIL).order_by("next_at").values("next_at")[:1])


class Runner:
    """Deeds by time between ``first`` and ``now``. What lies after ``now`` never happens, so that the newest cases are still open."""

    def __init__(self, first: datetime, now: datetime) -> None:
        self.first, self.now = first, now
        self._waiting: list[tuple[datetime, int, Deed]] = []
        self._turn = count()

    def at(self, when: datetime, deed: Deed) -> None:
        if when >= self.first:
            heapq.heappush(self._waiting, (when, next(self._turn), deed))

    def run(self) -> int:
        """Do all that lies before now; the answer is how many deeds were done."""
        done = 0
        while self._waiting and self._waiting[0][0] <= self.now:
            when, _turn, deed = heapq.heappop(self._waiting)
            self._clock(when)
            with moment.frozen(when):
                deed()
            done += 1
        self._clock(self.now)
        return done

    def _clock(self, until: datetime) -> None:
        """Warnings, overruns and duties that come before ``until``, each at its own second."""
        while True:
            ahead = [at for row in (*_due(until=until), *_duty(until=until)) for at in row.values()]
            if not ahead:
                return
            with moment.frozen(min(ahead)):
                tick()
