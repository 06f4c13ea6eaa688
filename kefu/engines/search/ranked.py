"""Best first: the store of texts that are asked in whole questions (knowledge), and the reading of it.

Documents stand in segments of ``SIZE`` places. A segment keeps who stands where and how long each text is; a posting keeps, for one
piece and one segment, the places and how often the piece occurs there. A question reads the few hundred postings of its pieces and the
segments, and nothing else, so that it is the same on SQLite and PostgreSQL and nothing has to be kept in a process. Cases are not here:
they are found newest first (``store``), whose cost does not grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from django.db import connection

from kefu.engines.search import ranking
from kefu.engines.search.models import RankedPlace, RankedPosting, RankedSegment
from kefu.engines.search.store import kind_number

SIZE = 4096
_PLACES = np.dtype([("subject", "<i8"), ("kind", "<u4"), ("lengths", "<u4", (ranking.SPACES,))])
_HELD = np.dtype([("place", "<u2"), ("times", "<u1")])
_MOST_TIMES = 255
_AT_ONCE = 400
_BATCHES = (100, 900, 9_000)

Held = tuple[int, int, Any]
Text = tuple[int, str, str, str]
"""Subject id, kind, title and text, both in ``cut.normal`` form; the title weighs twice."""


def counted(title: str, text: str) -> tuple[list[int], dict[int, int]]:
    """The length of a text in each space, and its pieces: key -> times."""
    lengths, found = [], {}
    for space, pieces in enumerate(ranking.pieces(f"{title} {text}")):
        lengths.append(sum(pieces.values()))
        found.update({ranking.key(space, piece): times for piece, times in pieces.items()})
    return lengths, found


def put(texts: Iterable[Text]) -> None:
    """Store texts, in place of what was known of their subjects. Runs inside the caller's transaction, under a lock of the segments."""
    wanted = {one[0]: one for one in texts}
    for segment, ids in _places(list(wanted)):
        _fill(segment, [(place, wanted[pk]) for pk, place in ids])


def drop(subject_ids: Iterable[int]) -> None:
    """Take subjects out."""
    wanted = list(subject_ids)
    by_segment: dict[int, list[int]] = {}
    for _pk, segment, place in RankedPlace.objects.filter(pk__in=wanted).values_list("subject_id", "segment_id", "place"):
        by_segment.setdefault(segment, []).append(place)
    for pk in sorted(by_segment):
        _fill(_locked(pk), [(place, None) for place in by_segment[pk]])
    RankedPlace.objects.filter(pk__in=wanted).delete()


def _locked(pk: int) -> RankedSegment:
    return RankedSegment.objects.select_for_update().get(pk=pk)


def _places(ids: list[int]) -> Iterator[tuple[RankedSegment, list[tuple[int, int]]]]:
    """Segments, locked, with the places of the subjects in them; new subjects get the next free places."""
    last = RankedSegment.objects.select_for_update().order_by("-pk").first() or RankedSegment.objects.create()
    held: dict[int, list[tuple[int, int]]] = {}
    known = set()
    for start in range(0, len(ids), _AT_ONCE):
        rows = RankedPlace.objects.filter(pk__in=ids[start : start + _AT_ONCE]).values_list("subject_id", "segment_id", "place")
        for pk, segment, place in rows:
            known.add(pk)
            held.setdefault(segment, []).append((pk, place))
    new = [pk for pk in ids if pk not in known]
    segments = {last.pk: last}
    for pk in new:
        if last.used >= SIZE:
            last = RankedSegment.objects.create()
            segments[last.pk] = last
        held.setdefault(last.pk, []).append((pk, last.used))
        last.used += 1
    for number in sorted(held):
        yield segments.get(number) or _locked(number), held[number]


def _fill(segment: RankedSegment, changes: list[tuple[int, Text | None]]) -> None:
    """Write the texts of some places of one segment: only postings that change are touched."""
    rows = np.zeros(segment.used, _PLACES)
    known = np.frombuffer(bytes(segment.places), _PLACES)
    rows[: len(known)] = known
    gone: dict[int, set[int]] = {}
    new: dict[int, list[tuple[int, int]]] = {}
    stand: list[RankedPlace] = []
    before = _terms(segment, [place for place, _text in changes if place < len(known) and rows["subject"][place]])
    for place, text in changes:
        for term in before.get(place, ()):
            gone.setdefault(term, set()).add(place)
        if text is None:
            rows[place] = (0, 0, (0,) * ranking.SPACES)
            continue
        lengths, pieces = counted(text[2], text[3])
        rows[place] = (text[0], kind_number(text[1]), tuple(lengths))
        for term, times in pieces.items():
            new.setdefault(term, []).append((place, min(times, _MOST_TIMES)))
        terms = np.fromiter(pieces, "<i8", len(pieces)).tobytes()
        stand.append(RankedPlace(subject_id=text[0], segment=segment, place=place, terms=terms))
    RankedPlace.objects.bulk_create(stand, update_conflicts=True, unique_fields=["subject"], update_fields=["segment", "place", "terms"])
    _write(segment, gone, new)
    segment.places = rows.tobytes()
    segment.save(update_fields=["places", "used"])


def _terms(segment: RankedSegment, places: list[int]) -> dict[int, list[int]]:
    found = RankedPlace.objects.filter(segment=segment, place__in=places).values_list("place", "terms") if places else ()
    return {place: np.frombuffer(bytes(terms), "<i8").tolist() for place, terms in found}


def _write(segment: RankedSegment, gone: dict[int, set[int]], new: dict[int, list[tuple[int, int]]]) -> None:
    terms = sorted(gone.keys() | new.keys())
    for start in range(0, len(terms), _AT_ONCE):
        part = terms[start : start + _AT_ONCE]
        held = dict(RankedPosting.objects.filter(segment=segment, term__in=part).values_list("term", "held"))
        changed = []
        for term in part:
            old = np.frombuffer(bytes(held.get(term, b"")), _HELD)
            if gone.get(term):
                old = old[~np.isin(old["place"], list(gone[term]))]
            added = np.array(new.get(term, []), _HELD)
            changed.append(RankedPosting(segment=segment, term=term, held=np.concatenate([old, added]).tobytes()))
        RankedPosting.objects.bulk_create(changed, update_conflicts=True, unique_fields=["term", "segment"], update_fields=["held"])


def best(question: str, *, kinds: Iterable[str] | None = None) -> Iterator[list[tuple[int, float]]]:
    """Subjects with their scores, best first, in batches that grow. The caller keeps those that may be seen."""
    wanted = ranking.asked(question)
    if not wanted:
        return
    numbers, rows = _segments()
    if not len(rows):
        return
    scores = _scores(wanted, numbers, rows)
    if kinds is not None:
        scores = np.where(np.isin(rows["kind"], [kind_number(kind) for kind in kinds]), scores, 0)
    scores = np.where(rows["subject"] > 0, scores, 0)
    start = 0
    for size in (*_BATCHES, len(scores)):
        end = min(start + size, len(scores))
        places = np.argpartition(-scores, end - 1)[:end] if end < len(scores) else np.arange(len(scores))
        places = places[np.lexsort((rows["subject"][places], -scores[places]))][start:end]
        found = [(int(rows["subject"][at]), float(scores[at])) for at in places if scores[at] > 0]
        if found:
            yield found
        if len(found) < size:
            return
        start = end


def _segments() -> tuple[dict[int, int], Any]:
    """Where the places of each segment begin, and all places in one array."""
    begins: dict[int, int] = {}
    parts, at = [], 0
    for pk, places in _packed(f"SELECT id, places FROM {RankedSegment._meta.db_table} ORDER BY id", []):
        begins[pk] = at
        parts.append(np.frombuffer(places, _PLACES))
        at += len(parts[-1])
    return begins, np.concatenate(parts) if parts else np.zeros(0, _PLACES)


def _scores(wanted: dict[int, tuple[int, float]], begins: dict[int, int], rows: Any) -> Any:
    """BM25 of every document in each space, added up."""
    number = max(int((rows["subject"] > 0).sum()), 1)
    parts = _postings(list(wanted), begins)
    if not parts:
        return np.zeros(len(rows), np.float64)
    facts, places, times = [], [], []
    for found in parts:
        space, weight = wanted[found[0][0]]
        common = sum(len(held) for _term, _segment, held in found)
        facts.append((space, common, weight * np.log(1 + (number - common + 0.5) / (common + 0.5)) * (ranking.K1 + 1)))
        places += [held["place"].astype(np.int64) + begins[segment] for _term, segment, held in found]
        times += [held["times"] for _term, _segment, held in found]
    counts = [common for _space, common, _weight in facts]
    where, often = np.concatenate(places), np.concatenate(times).astype(np.float32)
    weights = np.repeat(np.array([weight for _space, _common, weight in facts], np.float32), counts)
    at = where * ranking.SPACES + np.repeat(np.array([space for space, _common, _weight in facts]), counts)
    return np.bincount(where, weights * often / (often + _norms(rows, number)[at]), minlength=len(rows))


def _norms(rows: Any, number: int) -> Any:
    """How much a text's length weighs against its pieces: all spaces of a place one after another."""
    lengths = rows["lengths"].astype(np.float32)
    return (ranking.K1 * (1 - ranking.B + ranking.B * lengths / np.maximum(lengths.sum(axis=0) / number, 1))).ravel()


def _postings(terms: list[int], begins: dict[int, int]) -> list[list[Held]]:
    """The postings of each piece."""
    found: dict[int, list[Held]] = {}
    table = RankedPosting._meta.db_table
    for start in range(0, len(terms), _AT_ONCE):
        part = terms[start : start + _AT_ONCE]
        rows = _packed(f"SELECT term, segment_id, held FROM {table} WHERE term IN ({', '.join(['%s'] * len(part))})", part)
        for term, segment, held in rows:
            if held and segment in begins:
                found.setdefault(term, []).append((term, segment, np.frombuffer(held, _HELD)))
    return list(found.values())


def _packed(sql: str, bound: list[int]) -> list[tuple[Any, ...]]:
    """Rows with packed numbers. PostgreSQL hands them over as they are, not written as text of twice the length."""
    if connection.vendor == "postgresql" and not (connection.queries_logged or connection.execute_wrappers):
        from psycopg import Cursor

        connection.ensure_connection()
        with connection.wrap_database_errors:
            return Cursor(connection.connection).execute(sql, bound, binary=True).fetchall()
    with connection.cursor() as cursor:
        cursor.execute(sql, bound)
        return cursor.fetchall()  # type: ignore[no-any-return]
