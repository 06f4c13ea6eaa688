"""New notices for the live streams. They are rows, not events of the line, so the poller reads them past its own mark."""

from __future__ import annotations

import time

import orjson

from kefu.engines.notify import queries

SETTLED = 10.0


class Bell:
    """Which notices have been told. Ids above ``floor`` are read again for a while: a transaction that took a lower id may end later."""

    def __init__(self) -> None:
        self.floor: int | None = None
        self.told: dict[int, tuple[float, int]] = {}

    def read(self) -> set[int]:
        """Whose bell rings now; the first reading only finds where to begin."""
        if self.floor is None:
            self.floor = queries.newest()
            return set()
        at = time.monotonic()
        fresh = {pk: who for pk, who in queries.newer(self.floor) if pk not in self.told}
        self.told.update({pk: (at, who) for pk, who in fresh.items()})
        old = [pk for pk, (when, _who) in self.told.items() if at - when > SETTLED]
        if old:
            self.floor = max(self.floor, *old)
            self.told = {pk: one for pk, one in self.told.items() if pk > self.floor}
        return set(fresh.values())

    def rang_for(self, staff_id: int | None) -> bool:
        """Whether this person's bell rang a moment ago: a page that was drawn before may not show it."""
        return any(who == staff_id for _when, who in self.told.values())


def ring(staff_id: int | None) -> bytes:
    """The event that has a person's bell fetch itself again. It has no bookmark: it does not stand on the line."""
    return b"event: changed\ndata: %s\n\n" % orjson.dumps({"kind": "notices", "id": staff_id, "event": "notice"})
