"""Writes: what can be found of a subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from kefu.engines.search import cut, store
from kefu.engines.search.cut import Cut
from kefu.engines.search.models import RankedPlace, SearchDocument
from kefu.kit import moment, prepared

_BATCH = 1000
_SHOWN = 1000
RankedText = tuple[int, str, str, str]


@dataclass(frozen=True)
class Document:
    """What can be found of a subject. ``hidden`` is searched but never shown: phones, addresses, names that are masked elsewhere.

    ``ranked`` texts are also found best first, by whole questions (``queries.best``): knowledge, never cases. ``ready`` is the body, if
    another process has cut it already.
    """

    subject_id: int
    kind: str
    title: str
    body: str = ""
    hidden: str = ""
    ranked: bool = False
    ready: Cut | None = None


@transaction.atomic(savepoint=False)
def index(
    *,
    subject_id: int,
    kind: str,
    title: str,
    body: str = "",
    hidden: str = "",
    fresh: bool = False,
    ranked: bool = False,
    ready: Cut | None = None,
) -> None:
    """Make a subject findable by this text, in place of what was known of it. Runs inside the caller's transaction.

    ``fresh`` says that the subject was made just now, so that nothing is known of it yet.
    """
    _store([Document(subject_id, kind, title, body, hidden, ranked, ready)], fresh=fresh)


@transaction.atomic
def index_many(documents: Iterable[Document], *, fresh: bool = False) -> int:
    """``index`` for many; the answer is how many changed."""
    changed = 0
    batch: dict[int, Document] = {}
    for one in documents:
        batch[one.subject_id] = one
        if len(batch) >= _BATCH:
            changed += _store(list(batch.values()), fresh=fresh)
            batch = {}
    return changed + (_store(list(batch.values()), fresh=fresh) if batch else 0)


def _pieces(kind: str, text: str) -> list[str]:
    return [store.kind_piece(kind), *cut.pieces(text)]


def _new(one: Document) -> tuple[str, list[str]]:
    """The text by which a document is found, and its pieces."""
    title, hidden = cut.normal(one.title), cut.normal(one.hidden)
    if one.ready is None or one.ready.source != one.body:
        text = " ".join(filter(None, (title, cut.normal(one.body), hidden)))
        return text, _pieces(one.kind, text)
    pieces = dict.fromkeys([*cut.pieces(title), *one.ready.pieces.split(), *cut.pieces(hidden)])
    return " ".join(filter(None, (title, one.ready.text, hidden))), [store.kind_piece(one.kind), *pieces]


def _store(batch: list[Document], *, fresh: bool = False) -> int:
    ids = [] if fresh else [one.subject_id for one in batch]
    rows_held = SearchDocument.objects.filter(pk__in=ids).values_list("pk", "kind", "title", "body", "text") if ids else ()
    held = {pk: rest for pk, *rest in rows_held}
    rows: list[SearchDocument] = []
    changes: list[store.Change] = []
    ranked: list[RankedText] = []
    at = moment.now()
    for one in batch:
        title, body = one.title[:200].replace("\x00", " "), one.body[:_SHOWN].replace("\x00", " ")
        text, pieces = _new(one)
        old = held.get(one.subject_id)
        if old == [one.kind, title, body, text]:
            continue
        rows.append(
            prepared.made(SearchDocument, subject_id=one.subject_id, kind=one.kind, title=title, body=body, text=text, indexed_at=at)
        )
        if old is None or (old[0], old[3]) != (one.kind, text):
            changes.append((one.subject_id, _pieces(old[0], old[3]) if old else [], pieces))
        if one.ranked:
            ranked.append((one.subject_id, one.kind, cut.normal(one.title), text))
    if fresh:
        prepared.insert(rows)
    elif rows:
        SearchDocument.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["subject"], update_fields=["kind", "title", "body", "text", "indexed_at"]
        )
    if changes:
        store.put(changes)
    if ranked:
        from kefu.engines.search import ranked as ranking_store

        ranking_store.put(ranked)
    return len(rows)


@transaction.atomic
def remove(subject_ids: Iterable[int]) -> None:
    """Nothing of these subjects is found any more."""
    wanted = list(subject_ids)
    held = SearchDocument.objects.filter(pk__in=wanted).values_list("pk", "kind", "text")
    rows = [(pk, _pieces(kind, text)) for pk, kind, text in held]
    if rows:
        store.drop(rows)
        if RankedPlace.objects.filter(pk__in=wanted).exists():
            from kefu.engines.search import ranked

            ranked.drop(wanted)
        SearchDocument.objects.filter(pk__in=[pk for pk, _words in rows]).delete()
