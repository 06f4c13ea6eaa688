"""Reads: what a person finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import CharField, QuerySet

from kefu.engines.search import cut, scope, store
from kefu.engines.search.models import SearchDocument
from kefu.kit import hot
from kefu.people.actor import Actor
from kefu.timeline.queries import visible

EXAMINED = 5_000
OWN_EXAMINED = 2_000
SHORT_EXAMINED = 3_000
AFTER_NUMBER = 400
_AROUND = 30
Scored = tuple[int, float]
Seen = Callable[[list[int]], Collection[int]]
_LONG_NUMBER = re.compile(r"\d{7,}")


class Hit(NamedTuple):
    """One find. Long numbers in ``title`` and ``snippet`` are masked; ``title`` is "" where it only says the number again."""

    subject_id: int
    kind: str
    number: str
    title: str
    snippet: str


def find(*, actor: Actor, text: str, kinds: Iterable[str] | None = None, limit: int = 20, after: int | None = None) -> list[Hit]:
    """The newest subjects that hold every word of ``text`` and that ``actor`` may see; ``after`` is the last id of the page before.

    A whole number (工单号) comes first, and little is looked at beside it. At most ``EXAMINED`` documents with the words are looked
    at; for a person of narrow scope the person's own newest ``OWN_EXAMINED`` subjects are looked through then.
    """
    wanted = cut.terms(text)
    if not wanted:
        return []
    allowed = set(kinds) if kinds is not None else None
    look = _Look(actor, wanted, allowed, limit)
    if after is None:
        look.number(text)
        if look.full:
            return look.hits
    for batch in _proposed(wanted, allowed, after):
        look.into(batch)
        if look.full:
            return look.hits
        if look.exact and look.examined >= AFTER_NUMBER:
            break
        if look.examined >= EXAMINED:
            if not actor.sees_all:
                look.into(scope.newest(actor, allowed, before=batch[-1], most=OWN_EXAMINED))
            break
    return look.hits


def _proposed(wanted: list[str], kinds: set[str] | None, before: int | None) -> Iterator[list[int]]:
    pieces = list(dict.fromkeys(piece for term in wanted for piece in cut.asking(term)))
    if pieces:
        if kinds is not None and len(kinds) == 1:
            pieces.append(store.kind_piece(next(iter(kinds))))
        yield from store.candidates(pieces, before=before)
        return
    newest = SearchDocument.objects.order_by("-pk")
    if before is not None:
        newest = newest.filter(pk__lt=before)
    if kinds is not None:
        newest = newest.filter(kind__in=kinds)
    yield list(newest.values_list("pk", flat=True)[:SHORT_EXAMINED])


class _Look:
    """Looks into proposed documents and keeps those that hold the words and may be seen."""

    def __init__(self, actor: Actor, wanted: list[str], kinds: set[str] | None, limit: int) -> None:
        self.wanted, self.limit = wanted, limit
        self.shape = (actor, None if kinds is None else tuple(sorted(kinds)))
        self.hits: list[Hit] = []
        self.seen: set[int] = set()
        self.examined = 0
        self.exact = False

    @property
    def full(self) -> bool:
        return len(self.hits) >= self.limit

    def into(self, ids: list[int]) -> None:
        self.examined += len(ids)
        start, size = 0, self.limit + 5
        while start < len(ids) and not self.full:
            self._keep(_visible(*self.shape, ids=ids[start : start + size]))
            start, size = start + size, min(size * 4, 500)

    def number(self, text: str) -> None:
        """The subject of exactly this number."""
        told = text.strip().upper()
        if 4 <= len(told) <= 40 and "\x00" not in told:
            self._keep(_numbered(*self.shape, number=told), sure=True)
            self.exact = bool(self.hits)

    def _keep(self, rows: list[dict[str, Any]], *, sure: bool = False) -> None:
        for row in rows:
            pk, title, number = row["subject_id"], row["title"], row["subject__number"]
            if pk not in self.seen and (sure or cut.holds(row["text"], self.wanted)):
                self.seen.add(pk)
                self.hits.append(Hit(pk, row["kind"], number, masked(title) if title != number else "", snippet(row["body"], self.wanted)))
                if self.full:
                    return


def _documents(actor: Actor, kinds: tuple[str, ...] | None) -> QuerySet[SearchDocument, Any]:
    rows = SearchDocument.objects.filter(visible(actor, "subject__"))
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return rows.order_by("-pk").values("subject_id", "kind", "title", "body", "text", "subject__number")


_visible = hot.Read(lambda actor, kinds: _documents(actor, kinds).filter(pk__in=hot.listed("ids")))
_numbered = hot.Read(lambda actor, kinds: _documents(actor, kinds).filter(subject__number=hot.Slot("number", CharField())))


def of_kind(kind: str) -> QuerySet[SearchDocument, Any]:
    """The ids of all subjects of a kind that can be found, as a part of another query."""
    return SearchDocument.objects.filter(kind=kind).values("pk")


def masked(text: str) -> str:
    """Long numbers (phones, id cards, accounts) with their middle hidden."""
    return _LONG_NUMBER.sub(lambda found: f"{found[0][:3]}****{found[0][-4:]}" if len(found[0]) > 7 else f"{found[0][:3]}****", text)


def snippet(body: str, wanted: list[str]) -> str:
    """The part of a shown text around the first word that was found in it, else its beginning."""
    plain = " ".join(body.split())
    low = plain.casefold()
    places = [place for term in wanted if (place := low.find(term)) >= 0] if len(low) == len(plain) else []
    start = max(min(places, default=0) - _AROUND, 0)
    end = start + 4 * _AROUND
    return masked(plain)[:end] if start == 0 else "…" + masked(plain[start:end])


def best(*, text: str, seen: Seen | None = None, kinds: Iterable[str] | None = None, limit: int = 10, least: float = 0) -> list[Scored]:
    """The ranked subjects that answer a question, best first, with their scores. ``seen`` says which of some ids may be shown.

    ``least`` leaves out what scores below that share of the best one. Cases are not ranked; ``find`` finds them.
    """
    from kefu.engines.search import ranked

    found: list[Scored] = []
    bound = 0.0
    for batch in ranked.best(text, kinds=kinds):
        bound = bound or batch[0][1] * least
        worth = [one for one in batch if one[1] >= bound]
        start, size = 0, 4 * limit
        while start < len(worth) and len(found) < limit:
            part = worth[start : start + size]
            shown = seen([pk for pk, _score in part]) if seen is not None else None
            found += [one for one in part if shown is None or one[0] in shown]
            start, size = start + size, 4 * size
        if len(found) >= limit or len(worth) < len(batch):
            break
    return found[:limit]


def share(question: str, text: str) -> float:
    """How much of a question stands in a text, 0 to 1, by the pieces that are ranked; words that only ask weigh little."""
    from kefu.engines.search import ranking

    return ranking.share(question, text)
