"""Reading the line in commit order without gaps, for live streams, webhooks and capabilities that react."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from kefu.kit import driven, hot

_COLUMNS = "e.xid, e.id, e.subject_id, e.kind, e.actor_id, e.audience, s.kind, s.unit_path, s.owner_id, s.secrecy"
_SELECT = f"SELECT {_COLUMNS} FROM timeline_event e JOIN timeline_subject s ON s.id = e.subject_id "
# SQLite has one writer at a time: its events stand in the order of their ids, and every xid is 0. It would read an index on (xid, id)
# from the beginning, since it enters one by the first column of a pair alone.
_SETTLED = "xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_AFTER = {
    "sqlite": "WHERE e.id > %s ORDER BY e.id LIMIT %s",
    "postgresql": f"WHERE (e.xid, e.id) > (%s, %s) AND {_SETTLED} ORDER BY e.xid, e.id LIMIT %s",
}
_END = {
    "sqlite": "SELECT 0, max(id) FROM timeline_event",
    "postgresql": f"SELECT xid, id FROM timeline_event WHERE {_SETTLED} ORDER BY xid DESC, id DESC LIMIT 1",
}


class Bookmark(NamedTuple):
    """Where a reader stands: everything up to and with this event has been read."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Bookmark | None:
        """A bookmark from its text, or None if it is not one."""
        left, dash, right = text.partition("-")
        if dash and left.isdecimal() and right.isdecimal() and len(text) < 40:
            return cls(int(left), int(right))
        return None


class Entry(NamedTuple):
    """One event as readers of the feed see it."""

    xid: int
    id: int
    subject_id: int
    kind: str
    actor_id: int | None
    audience: str
    subject_kind: str
    unit_path: str
    owner_id: int | None
    secrecy: int

    @property
    def bookmark(self) -> Bookmark:
        return Bookmark(self.xid, self.id)


def read(after: Bookmark, limit: int = 500) -> list[Entry]:
    """The next settled events after ``after``, oldest first: on PostgreSQL those than which no older transaction is still open."""
    mark = (after.id,) if connection.vendor == "sqlite" else (after.xid, after.id)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + _AFTER[connection.vendor], [*mark, limit])
        return [Entry(*row) for row in cursor.fetchall()]


def these(event_ids: Sequence[int]) -> list[Entry]:
    """Single events that have been committed, oldest first, whether an older transaction is still open or not."""
    ids = hot.padded(event_ids)
    return [Entry(*row) for row in driven.fetched(_of_these(len(ids)), list(ids))] if ids else []


@lru_cache(maxsize=50)
def _of_these(count: int) -> driven.Text:
    return driven.Text(f"{_SELECT}WHERE e.id IN ({', '.join(['%s'] * count)}) ORDER BY e.id")


def end() -> Bookmark:
    """The bookmark of the newest settled event."""
    with connection.cursor() as cursor:
        cursor.execute(_END[connection.vendor])
        row = cursor.fetchone()
    return Bookmark(*row) if row and row[1] else Bookmark(0, 0)
