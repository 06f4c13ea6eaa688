"""What a pack may hold: each section of a pack is a rule kind that some capability declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal, NamedTuple

from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from kefu.kit.errors import Text
from kefu.kit.registry import Registry

What = Literal["new", "changed", "same", "gone"]


class Cited(NamedTuple):
    """What a row of a pack (or a piece of it) is called, and the clause it carries out."""

    ref: str
    clause: str
    name: str
    name_en: str = ""


def within(whole: str, piece: str, whole_en: str, piece_en: str) -> tuple[str, str]:
    """What a piece of a row is called in both languages; English only where both have an English name."""
    return f"{whole}：{piece}", f"{whole_en}: {piece_en}" if whole_en and piece_en else ""


class RuleRow(BaseModel):
    """Base of one row of a section. An unknown key is a mistake. ``code`` names the row within its section."""

    model_config = ConfigDict(extra="forbid")

    code: str
    clauses: list[str] = []

    def cited(self) -> Iterable[Cited]:
        """What carries out which clause. Rows with inner rows add theirs."""
        name = str(getattr(self, "name", "") or self.code)
        return [Cited(self.code, clause, name, str(getattr(self, "name_en", ""))) for clause in self.clauses]


@dataclass(frozen=True)
class PackContext:
    """Which pack is planned. ``valid_from`` is when its figures begin (its header's date, or ``at``); ``at`` is the present.

    ``elsewhere`` names, by section, codes that another pack of the same loading gives instead: such rows are not gone.
    """

    pack_code: str
    valid_from: datetime
    at: datetime
    elsewhere: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def starts(self, row_from: datetime | None = None) -> datetime:
        """When a changed figure begins: the date given in row or header if it lies ahead, else now. The past is never rewritten."""
        return max(row_from or self.valid_from, self.at)


def start_of(day: date) -> datetime:
    """The first instant of a day in the centre's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Change:
    """One difference between the pack and the centre. ``apply`` writes it; it runs inside the loader's transaction.

    ``describe`` is a short line such as ``48 clock_hour → 24 clock_hour``; the name of the kind and ``key`` stand before it.
    """

    kind: str
    key: str
    what: What
    describe: str = ""
    apply: Callable[[], None] = lambda: None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A row names another row: ``code`` must stand in ``section`` of the pack or of one it requires. ``field`` says where it was named."""

    section: str
    code: str
    field: str


@dataclass(frozen=True)
class RuleKind:
    """One section of a pack.

    ``code`` is the section's name, ``schema`` one row of it, ``plan`` compares all rows with what is stored. ``order`` sorts the
    sections (what others point to comes first). ``how`` is the word for the compliance page: limit, form, gate, list, setting,
    measure, screen, test, text, post, rule. ``refs`` names the rows that a row points to, so that ``kefu pack check`` finds loose ends
    without a database. ``by_hand`` says that a centre may change rows itself: then a row that the pack has not changed since it was last
    loaded is left as the centre has it.
    """

    code: str
    name: Text
    schema: type[RuleRow]
    plan: Callable[[list[Any], PackContext], list[Change]]
    order: int = 50
    how: str = "rule"
    by_hand: bool = False
    refs: Callable[[Any], Iterable[Reference]] = field(default=lambda row: ())


@dataclass(frozen=True)
class Carries:
    """Code that carries out clauses by itself: a gate, a screen, a measure, a test. Declared as ``CARRIES``.

    ``ref`` names it for programs, ``name`` for people.
    """

    how: str
    ref: str
    name: Text
    clauses: tuple[str, ...]

    @property
    def code(self) -> str:
        return f"{self.how}:{self.ref}"


rule_kinds: Registry[RuleKind] = Registry("rule kind", lambda kind: kind.code)
carriers: Registry[Carries] = Registry("carrier of clauses", lambda one: one.code)


def in_order() -> list[RuleKind]:
    """The sections in the order in which they are loaded."""
    return sorted(rule_kinds, key=lambda kind: (kind.order, kind.code))
