"""How often articles were opened and offered: counted in the process, written by the batch, one row a version."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from kefu.people.actor import Actor
from kefu.touch.knowledge.models import ArticleVersion, Reading

# Seconds that counts wait in the process, and within which the same to the same person is one; what a killed process held is not counted.
HELD = 30.0
OPENED, OFFERED = "opened", "offered"
_Seen = tuple[int, int, str, int]


class _Batch:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: set[_Seen] = set()
        self.began = 0.0

    def add(self, seen: Iterable[_Seen]) -> bool:
        """Whether the batch is due."""
        with self.lock:
            if not self.seen:
                self.began = time.monotonic()
            self.seen.update(seen)
            return bool(self.seen) and time.monotonic() - self.began >= HELD

    def take(self) -> set[_Seen]:
        with self.lock:
            taken, self.seen = self.seen, set()
            return taken


_batch = _Batch()


def opened(actor: Actor, article_id: int, version: int) -> None:
    """Somebody reads the text in force."""
    if _batch.add([(article_id, version, OPENED, actor.id or 0)]):
        write()


def offered(actor: Actor, rows: Iterable[dict[str, Any]]) -> None:
    """A person who answers was shown these articles (rows of ``queries.answers``) beside the work."""
    if _batch.add([(row["subject_id"], row["in_force"], OFFERED, actor.id or 0) for row in rows]):
        write()


def write() -> None:
    """Write down what the process holds, in one order, so that two processes never wait for each other crosswise."""
    counted = Counter((article, version, what) for article, version, what, _who in _batch.take())
    if not counted:
        return
    ids = {article for article, _version, _what in counted}
    with transaction.atomic():
        known = set(ArticleVersion.objects.filter(article__in=ids).values_list("article_id", "number"))
        for (article, version, what), times in sorted(counted.items()):
            if (article, version) in known:
                row, _new = Reading.objects.get_or_create(article_id=article, version=version)
                Reading.objects.filter(pk=row.pk).update(**{what: F(what) + times})


def forget() -> None:
    """Drop what is held; tests begin so."""
    _batch.take()
