"""Finding every mistake of a pack before anything is written, without a database."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, ValidationError

from kefu.engines.rulebook import source as sources
from kefu.engines.rulebook.registry import RuleRow, rule_kinds
from kefu.engines.rulebook.source import Found, Problem, Source
from kefu.engines.rulebook.wording import remedy_of, what_of


class Header(BaseModel):
    """The head of a pack."""

    model_config = ConfigDict(extra="forbid")

    code: str
    name: str
    name_en: str = ""
    version: str
    industry: str = ""
    valid_from: date | None = None
    requires: list[str] = []
    note: str = ""


@dataclass
class Read:
    """One valid row and where it stands."""

    row: RuleRow
    found: Found
    path: tuple[Any, ...]


@dataclass
class Book:
    """A pack that was read: its head, its rows by section, the packs it builds on (nearest last), and all its mistakes."""

    header: Header | None = None
    sha256: str = ""
    rows: dict[str, list[Read]] = field(default_factory=dict)
    requires: list[Book] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def codes(self, section: str) -> set[str]:
        """The codes of a section here and in the packs it builds on."""
        found = {read.row.code for read in self.rows.get(section, ())}
        for book in self.requires:
            found |= book.codes(section)
        return found

    def chain(self) -> list[Book]:
        """The packs it builds on, then itself, each once, in the order of loading."""
        found: list[Book] = []
        for book in [*(inner for outer in self.requires for inner in outer.chain()), self]:
            if all(book.header != other.header for other in found):
                found.append(book)
        return found


def open_book(pack: str | Path, *, _above: tuple[str, ...] = ()) -> Book:
    """Read and check a pack given by code or path. Shipped packs are kept as long as their files stay as they are."""
    path = sources.find(pack)
    if path.parent == sources.SHIPPED and not _above:
        return _shipped_book(path.name, sources.shipped_stamp(), get_language() or "")
    return book_of(sources.read(path), beside=path.parent, above=_above)


@lru_cache(maxsize=32)
def _shipped_book(code: str, stamp: int, language: str) -> Book:
    path = sources.SHIPPED / code
    return book_of(sources.read(path), beside=path.parent)


def check(pack: str | Path) -> list[Problem]:
    """Every mistake of a pack, in the order of its files and lines; empty when it can be loaded."""
    return open_book(pack).problems


def book_of(source: Source, *, beside: Path | None = None, above: tuple[str, ...] = ()) -> Book:
    """Check what was read. ``beside`` is the folder where required packs may stand next to the shipped ones."""
    book = Book(sha256=source.sha256, problems=list(source.problems))
    for found in source.files:
        _read_file(book, found)
    if not source.files and not book.problems:
        book.problems.append(Problem("pack.yaml", 1, 1, _("The pack is empty."), _("A pack starts with the section “pack”.")))
    if book.header is None:
        if not book.problems:
            name = source.files[0].file
            what = _("The section “pack” is missing.")
            book.problems.append(Problem(name, 1, 1, what, _("Start the pack with its code, name and version.")))
        return book
    _read_required(book, source, beside, above)
    _check_rows(book)
    book.problems.sort()
    return book


def _read_file(book: Book, found: Found) -> None:
    if not isinstance(found.value, dict):
        book.problems.append(
            found.problem((), _("A pack file is a list of sections."), _("Begin a line with a section such as “settings:”."))
        )
        return
    for section, value in found.value.items():
        if section == "pack":
            _read_header(book, found, value)
        else:
            _read_section(book, found, section, value)


def _read_header(book: Book, found: Found, value: Any) -> None:
    if book.header is not None:
        book.problems.append(found.problem(("pack",), _("The section “pack” stands twice."), _("A pack has one head.")))
        return
    try:
        book.header = Header.model_validate(value)
    except ValidationError as error:
        book.problems.extend(_told(found, ("pack",), error, Header))


def _read_section(book: Book, found: Found, section: str, value: Any) -> None:
    kind = rule_kinds.get(section)
    if kind is None:
        known = ["pack", *rule_kinds.codes()]
        book.problems.append(found.problem((section,), _("There is no section “%(name)s”.") % {"name": section}, closest(section, known)))
        return
    if value is None:
        return
    if not isinstance(value, list):
        book.problems.append(
            found.problem((section,), _("“%(name)s” must be a list.") % {"name": section}, _("Begin each row with “- code: ...”."))
        )
        return
    for index, raw in enumerate(value):
        path = (section, index)
        try:
            row = kind.schema.model_validate(raw)
        except ValidationError as error:
            book.problems.extend(_told(found, path, error, kind.schema))
        else:
            book.rows.setdefault(section, []).append(Read(row, found, path))


def _told(found: Found, base: tuple[Any, ...], error: ValidationError, schema: type[BaseModel]) -> Iterable[Problem]:
    for one in error.errors(include_url=False):
        path = base + tuple(one["loc"])
        yield found.problem(path, what_of(one), remedy_of(one, list(schema.model_fields), closest))


def closest(word: str, known: list[str]) -> str:
    """A remedy that names the nearest known word, or all of them."""
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return _("Did you mean “%(word)s”?") % {"word": near[0]}
    return _("Known are: %(words)s.") % {"words": ", ".join(known)}


def _read_required(book: Book, source: Source, beside: Path | None, above: tuple[str, ...]) -> None:
    header = book.header
    if header is None:
        return
    head = next(found for found in source.files if isinstance(found.value, dict) and "pack" in found.value)
    for index, code in enumerate(header.requires):
        path = ("pack", "requires", index)
        if code == header.code or code in above:
            book.problems.append(head.problem(path, _("The packs require each other in a ring."), _("Take one of the two out.")))
            continue
        near = beside / code if beside is not None else None
        place = near if near is not None and near.is_dir() else sources.find(code)
        if not place.exists():
            what = _("The required pack “%(code)s” was not found.") % {"code": code}
            book.problems.append(head.problem(path, what, closest(code, sources.shipped())))
            continue
        inner = open_book(place, _above=(*above, header.code))
        if inner.problems:
            what = _("The required pack “%(code)s” has mistakes.") % {"code": code}
            book.problems.append(head.problem(path, what, _("Check that pack first.")))
        else:
            book.requires.append(inner)


def _check_rows(book: Book) -> None:
    clauses = book.codes("clauses")
    for section, reads in book.rows.items():
        seen: dict[str, Read] = {}
        for read in reads:
            _check_code(book, section, read, seen)
            for one in read.row.cited():
                if one.clause not in clauses:
                    path = _path_of(read, one.clause)
                    what = _("There is no clause “%(id)s”.") % {"id": one.clause}
                    near = difflib.get_close_matches(one.clause, sorted(clauses), n=1)
                    remedy = closest(one.clause, near) if near else _("Cite a clause of this pack or of one it requires.")
                    book.problems.append(read.found.problem(path or (*read.path, "clauses"), what, remedy))
            _check_references(book, section, read)


def _check_code(book: Book, section: str, read: Read, seen: dict[str, Read]) -> None:
    code = read.row.code
    if code in seen:
        line = seen[code].found.place(seen[code].path)[0]
        what = _("The code “%(code)s” stands twice in “%(section)s”.") % {"code": code, "section": section}
        remedy = _("The other one is in %(file)s, line %(line)d.") % {"file": seen[code].found.file, "line": line}
        book.problems.append(read.found.problem((*read.path, "code"), what, remedy))
    seen.setdefault(code, read)


def _check_references(book: Book, section: str, read: Read) -> None:
    for ref in rule_kinds[section].refs(read.row):
        known = book.codes(ref.section)
        if ref.code not in known:
            what = _("“%(code)s” does not stand in “%(section)s”.") % {"code": ref.code, "section": ref.section}
            remedy = closest(ref.code, sorted(known)) if known else _("Add it there.")
            book.problems.append(read.found.problem((*read.path, *ref.field.split(".")), what, remedy))


def _path_of(read: Read, clause: str) -> tuple[Any, ...] | None:
    """Where in the row a clause is cited."""
    value = read.found.value
    for part in read.path:
        value = value[part]
    return _search(value, clause, read.path)


def _search(value: Any, clause: str, path: tuple[Any, ...]) -> tuple[Any, ...] | None:
    if isinstance(value, dict):
        cited = value.get("clauses")
        if isinstance(cited, list) and clause in cited:
            return (*path, "clauses", cited.index(clause))
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found = _search(child, clause, (*path, key))
        if found:
            return found
    return None
