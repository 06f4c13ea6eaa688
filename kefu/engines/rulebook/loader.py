"""Loading a pack: say what would change, then write it in one transaction. Loading twice changes nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.engines.rulebook import queries
from kefu.engines.rulebook.checks import Book, Header, open_book
from kefu.engines.rulebook.models import Clause, Enforcement, Load, Pack
from kefu.engines.rulebook.registry import Change, PackContext, RuleKind, RuleRow, in_order, rule_kinds, start_of
from kefu.engines.rulebook.source import Problem
from kefu.kit import moment
from kefu.kit.errors import Invalid
from kefu.people import actor as actors
from kefu.people.actor import Actor


class FaultyPack(Invalid):
    """The pack has mistakes; ``problems`` lists them."""

    code = "faulty_pack"
    text = _("The pack has %(count)d mistakes and was not loaded. Correct them and try again.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems


@dataclass
class Part:
    """What one pack of a chain changes."""

    book: Book
    header: Header
    changes: list[Change]
    rows: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def different(self) -> list[Change]:
        return [change for change in self.changes if change.what != "same"]


def sound(pack: str | Path | Book) -> Book:
    """The pack, read and without mistakes. Raises ``FaultyPack``."""
    book = pack if isinstance(pack, Book) else open_book(pack)
    if book.problems:
        raise FaultyPack(book.problems)
    return book


def plan(pack: str | Path | Book) -> list[Change]:
    """All changes that loading would make now, rows that stay the same included. Raises ``FaultyPack``."""
    return [change for part in parts(sound(pack), at=moment.now()) for change in part.changes]


def diff(pack: str | Path | Book) -> list[Change]:
    """Only the differences between a pack and the centre."""
    return [change for change in plan(pack) if change.what != "same"]


def parts(book: Book, *, at: datetime, write: bool = False) -> list[Part]:
    """The plan of each pack of the chain; with ``write`` each section is written before the next is planned, so that a row finds what it
    names. A row that a later pack of the chain, or a loaded pack built on it, gives too is theirs."""
    chain = book.chain()
    found = []
    for index, inner in enumerate(chain):
        header = inner.header
        assert header is not None
        taken = _taken_by_loaded(header.code, {other.header.code for other in chain if other.header})
        for later in chain[index + 1 :]:
            for section, reads in later.rows.items():
                taken.setdefault(section, set()).update(read.row.code for read in reads)
        found.append(_part(inner, header, taken, at, write))
    return found


def _part(book: Book, header: Header, taken: dict[str, set[str]], at: datetime, write: bool) -> Part:
    start = start_of(header.valid_from) if header.valid_from is not None else at
    elsewhere = {section: frozenset(codes) for section, codes in taken.items()}
    context = PackContext(header.code, valid_from=start, at=at, elsewhere=elsewhere)
    part = Part(book, header, [])
    held = Pack.objects.filter(code=header.code).values_list("digests", flat=True).first() or {}
    for kind in in_order():
        rows = [read.row for read in book.rows.get(kind.code, ()) if read.row.code not in taken.get(kind.code, ())]
        part.rows[kind.code] = rows
        if kind.code in book.rows:
            planned = [one for one in kind.plan(rows, context) if one.what != "gone" or one.key not in taken.get(kind.code, ())]
            changes = _hand_kept(kind, rows, planned, held.get(kind.code, {}))
            for change in changes if write else ():
                if change.what != "same":
                    change.apply()
            part.changes.extend(changes)
    return part


def _digest(row: RuleRow) -> str:
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:16]


def _hand_kept(kind: RuleKind, rows: list[RuleRow], changes: list[Change], held: dict[str, str]) -> list[Change]:
    """``changes`` without those that would only undo what the centre changed by hand since the last loading."""
    if not kind.by_hand:
        return changes
    kept = {row.code for row in rows if held.get(row.code) == _digest(row)}
    return [replace(one, what="same", describe="") if one.what == "changed" and one.key in kept else one for one in changes]


def _taken_by_loaded(code: str, chain: set[str]) -> dict[str, set[str]]:
    """Rows that loaded packs, built on this one and not loaded with it now, have as their own."""
    taken: dict[str, set[str]] = {}
    for requires, keys in Pack.objects.exclude(code__in=chain).values_list("requires", "keys"):
        if code in requires:
            for section, codes in keys.items():
                taken.setdefault(section, set()).update(codes)
    return taken


def load(pack: str | Path | Book, *, actor: Actor) -> list[Change]:
    """Load a pack and those it requires; gives what changed. Everything or nothing. Raises ``FaultyPack``."""
    book = sound(pack)
    at = moment.now()
    changed: list[Change] = []
    with transaction.atomic():
        list(Pack.objects.select_for_update().values_list("pk"))
        for part in parts(book, at=at, write=True):
            _note(part, actor, at)
            changed.extend(part.different)
        transaction.on_commit(_forget)
    return changed


def _forget() -> None:
    queries.forget()
    actors.forget()


def _note(part: Part, actor: Actor, at: datetime) -> None:
    """Keep what was loaded: the pack, its keys, who carries out which clause, and the record of this loading."""
    header = part.header
    _carry(part)
    held = Pack.objects.filter(code=header.code).first()
    digests = {
        section: {row.code: _digest(row) for row in rows} for section, rows in part.rows.items() if rows and rule_kinds[section].by_hand
    }
    same = held is not None and held.sha256 == part.book.sha256 and held.digests == digests
    if same and not part.different:
        return
    all_requires = [book.header.code for book in part.book.chain()[:-1] if book.header]
    pack, _made = Pack.objects.update_or_create(
        code=header.code,
        defaults={
            "name": header.name,
            "name_en": header.name_en,
            "version": header.version,
            "industry": header.industry,
            "requires": all_requires,
            "keys": {section: sorted(read.row.code for read in reads) for section, reads in part.book.rows.items()},
            "digests": digests,
            "sha256": part.book.sha256,
            "loaded_at": at,
            "loaded_by_id": actor.id,
        },
    )
    lines = [[change.kind, change.key, change.what, change.describe] for change in part.different]
    Load.objects.create(pack=pack, version=header.version, sha256=part.book.sha256, at=at, by_id=actor.id, changes=lines)


def _carry(part: Part) -> None:
    """Make the enforcement rows of this pack what its rows cite."""
    ids = dict(Clause.objects.values_list("code", "pk"))
    wanted: dict[tuple[int, str, str], Enforcement] = {}
    for section, rows in part.rows.items():
        kind = rule_kinds[section]
        for row in rows:
            for one in row.cited():
                key = (ids[one.clause], section, one.ref[:120])
                wanted[key] = Enforcement(
                    clause_id=key[0], how=kind.how, section=section, ref=key[2], name=one.name[:200], name_en=one.name_en[:200],
                    pack=part.header.code,
                )  # fmt: skip
    gone = []
    for row in Enforcement.objects.filter(pack=part.header.code):
        key = (row.clause_id, row.section, row.ref)
        held = wanted.get(key)
        if held is not None and (held.name, held.name_en, held.how) == (row.name, row.name_en, row.how):
            del wanted[key]
        else:
            gone.append(row.pk)
    Enforcement.objects.filter(pk__in=gone).delete()
    Enforcement.objects.bulk_create(wanted.values())
