"""What a form is: sections of fields, gates, and how it prints. Pure data, no database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic import Field as Setting

from kefu.engines.filters.tree import BadTree, parse
from kefu.engines.forms.choices import MISSING_SUFFIX, POINTING, SILENT, WITH_CHOICES, FieldKind

CODE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
MAX_FIELDS = 300


def _condition(tree: dict[str, Any]) -> dict[str, Any]:
    try:
        parse(tree)
    except BadTree as bad:
        place, text = next(iter(bad.fields.items()))
        raise ValueError(f"{text} ({place})") from None
    return tree


Tree = Annotated[dict[str, Any], AfterValidator(_condition)]


class Piece(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, ignored_types=(cached_property,))


class Choice(Piece):
    """One entry of a list. ``points`` (0 to 1) is its share of the field's weight when the form is scored."""

    code: str = Setting(min_length=1, max_length=60)
    name: str = Setting(min_length=1, max_length=120)
    name_en: str = Setting("", max_length=120)
    points: float | None = Setting(None, ge=0, le=1)


class Field(Piece):
    """One field. ``list`` names a declared code list; ``fields`` are the columns of a table.

    ``good`` is the answer of a yes/no field that earns its weight. ``formula`` of a computed field is ``score``, ``count(table)``,
    ``sum(field)`` or ``sum(table.column)``. ``personal`` is the class of personal data (name, phone, address, id, ...).
    """

    code: str = Setting(pattern=CODE, max_length=40)
    name: str = Setting(min_length=1, max_length=80)
    name_en: str = Setting("", max_length=120)
    kind: FieldKind = FieldKind.TEXT
    help: str = Setting("", max_length=300)
    help_en: str = Setting("", max_length=300)
    required: bool = False
    required_reason_allowed: bool = False
    choices: tuple[Choice, ...] = ()
    list: str = Setting("", max_length=60)
    default: Any = None
    min: float | None = None
    max: float | None = None
    length: int | None = Setting(None, ge=1, le=100_000)
    pattern: str = Setting("", max_length=200)
    unit_text: str = Setting("", max_length=20)
    weight: float = Setting(0, ge=0, le=10_000)
    fatal: bool = False
    good: bool = True
    na_allowed: bool = False
    formula: str = Setting("", max_length=100, pattern=r"^(|score|(count|sum)\([a-z0-9_.]+\))$")
    show_when: Tree | None = None
    personal: str = Setting("", max_length=20)
    clauses: tuple[str, ...] = ()
    fields: tuple[Field, ...] = Setting((), max_length=40)
    wide: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Field:
        if self.kind in WITH_CHOICES and not (self.choices or self.list):
            raise ValueError(f"field {self.code}: a {self.kind.value} field needs choices or a list")
        if self.kind == FieldKind.TABLE and not self.fields:
            raise ValueError(f"field {self.code}: a table needs columns (fields)")
        if self.kind != FieldKind.TABLE and self.fields:
            raise ValueError(f"field {self.code}: only a table has columns")
        if any(column.kind in SILENT or column.kind == FieldKind.TABLE for column in self.fields):
            raise ValueError(f"field {self.code}: a column cannot be a table, heading or computed field")
        if self.kind == FieldKind.COMPUTED and not self.formula:
            raise ValueError(f"field {self.code}: a computed field needs a formula")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"field {self.code}: min is greater than max")
        if self.code.endswith(MISSING_SUFFIX):
            raise ValueError(f"field {self.code}: the ending {MISSING_SUFFIX} is kept for reasons")
        _unique("column", [column.code for column in self.fields])
        _unique("choice", [choice.code for choice in self.choices])
        if self.pattern:
            _compiles(self.code, self.pattern)
        return self


class Section(Piece):
    """A part of a form that one role fills and signs (R-04-3.7.2a).

    ``by`` lists rights and post codes that may fill it (nobody named: all who may answer). ``confidential`` hides it from all but
    these and the holders of the right to secrets; ``hidden_from`` names person fields whose people never see it.
    ``before`` is the moment (a gate word) before which the section must be signed.
    """

    code: str = Setting(pattern=CODE, max_length=40)
    name: str = Setting(min_length=1, max_length=80)
    name_en: str = Setting("", max_length=120)
    by: tuple[str, ...] = ()
    before: str = Setting("", max_length=40)
    confidential: bool = False
    hidden_from: tuple[str, ...] = ()
    show_when: Tree | None = None
    clauses: tuple[str, ...] = ()
    fields: tuple[Field, ...] = Setting((), max_length=MAX_FIELDS)


class Gate(Piece):
    """A condition that holds something back: while ``when`` is true, ``blocks`` cannot happen and ``text`` says why."""

    code: str = Setting(pattern=CODE, max_length=40)
    when: Tree
    text: str = Setting(min_length=1, max_length=300)
    text_en: str = Setting("", max_length=300)
    blocks: str = Setting("submit", max_length=40)
    field: str = Setting("", max_length=40)
    clauses: tuple[str, ...] = ()


class PrintLayout(Piece):
    """How the paper looks. ``columns`` is the number of label-value pairs in a row of the table."""

    title: str = Setting("", max_length=120)
    title_en: str = Setting("", max_length=160)
    orientation: Literal["portrait", "landscape"] = "portrait"
    columns: int = Setting(2, ge=1, le=4)
    foot: str = Setting("", max_length=300)


class Definition(Piece):
    """One version of one form."""

    code: str = Setting(pattern=r"^[A-Za-z][A-Za-z0-9]*([_.-][A-Za-z0-9]+)*$", max_length=40)
    name: str = Setting(min_length=1, max_length=120)
    name_en: str = Setting("", max_length=160)
    version: int = Setting(1, ge=1)
    repeatable: bool = False
    clauses: tuple[str, ...] = ()
    sections: tuple[Section, ...] = Setting(min_length=1, max_length=40)
    gates: tuple[Gate, ...] = Setting((), max_length=60)
    print: PrintLayout = Setting(default_factory=lambda: PrintLayout.model_validate({}))

    @model_validator(mode="after")
    def _fits(self) -> Definition:
        _unique("section", [section.code for section in self.sections])
        codes = [field.code for field in self.fields()]
        _unique("field", codes)
        if len(codes) > MAX_FIELDS:
            raise ValueError(f"a form has at most {MAX_FIELDS} fields")
        _unique("gate", [gate.code for gate in self.gates])
        for section in self.sections:
            for other in section.hidden_from:
                if other.split(".")[0] not in codes:
                    raise ValueError(f"section {section.code}: hidden_from names no field {other!r}")
        for gate in self.gates:
            if gate.field and gate.field not in codes:
                raise ValueError(f"gate {gate.code}: there is no field {gate.field!r}")
        return self

    def fields(self) -> Iterator[Field]:
        """All fields in order, headings and computed ones too; columns of tables not."""
        for section in self.sections:
            yield from section.fields

    @cached_property
    def by_code(self) -> dict[str, Field]:
        return {field.code: field for field in self.fields()}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section of each field code."""
        return {field.code: section for section in self.sections for field in section.fields}

    @cached_property
    def points(self) -> bool:
        """Whether any field or column names rows: people, units, files."""
        every = [one for field in self.fields() for one in (field, *field.fields)]
        return any(one.kind in POINTING for one in every)

    def section(self, code: str) -> Section | None:
        return next((section for section in self.sections if section.code == code), None)

    def cited(self) -> list[str]:
        """Every clause that the form, its sections, fields or gates serve, each once."""
        pieces = [self.clauses]
        pieces += [section.clauses for section in self.sections] + [field.clauses for field in self.fields()]
        pieces += [gate.clauses for gate in self.gates]
        return list(dict.fromkeys(clause for clauses in pieces for clause in clauses))


def _unique(what: str, codes: list[str]) -> None:
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        raise ValueError(f"{what} code used twice: {', '.join(sorted(twice))}")


def _compiles(code: str, pattern: str) -> None:
    if re.search(r"[+*}]\)?[+*{]|\([^)]*[+*][^)]*\)[+*{]|\([^)]*\|[^)]*\)[+*{]|\\\d", pattern):
        raise ValueError(f"field {code}: the pattern repeats a repetition; write it simpler")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"field {code}: the pattern is not a regular expression ({error})") from None


Field.model_rebuild()
