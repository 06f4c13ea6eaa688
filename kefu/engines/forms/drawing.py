"""A form as the templates draw it: to fill in, to read, to print. The template ``forms/_form.html`` only writes down what stands here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Any, Literal

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.engines.files import queries as files
from kefu.engines.filters.tree import parse, tests
from kefu.engines.forms import conditions, paper
from kefu.engines.forms.choices import MISSING_SUFFIX, NOT_APPLICABLE, WITH_FILES, FieldKind
from kefu.engines.forms.definition import Definition, Field, Section
from kefu.engines.forms.validate import choices_of, validate
from kefu.engines.forms.values import bounds
from kefu.kit import fields as kit
from kefu.kit import language, show
from kefu.people import queries as people

Mode = Literal["edit", "read", "print"]
RADIOS = 5


@dataclass(frozen=True)
class Labels:
    """Names of what the answers point to, by id."""

    people: Mapping[int, str]
    units: Mapping[int, str]
    files: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Drawn:
    """One field: ``input`` draws it to fill in (None for tables, files, headings), ``shown`` is its text to read."""

    field: Field
    name: str
    label: str
    shown: str
    problem: str = ""
    input: kit.Field | None = None
    reason: kit.Field | None = None
    redraws: bool = False
    files: Sequence[Mapping[str, Any]] = ()
    rows: Sequence[Sequence[Drawn]] = ()
    problems: Sequence[str] = ()

    @property
    def kind(self) -> str:
        return self.field.kind.value

    @property
    def wide(self) -> bool:
        return self.field.wide or self.field.kind in {FieldKind.LONG_TEXT, FieldKind.TABLE, FieldKind.HEADING, *WITH_FILES}


@dataclass(frozen=True)
class Part:
    """One section."""

    section: Section
    name: str
    fields: Sequence[Drawn]
    mode: str
    signature: Mapping[str, Any] | None = None
    signable: bool = False
    reopenable: bool = False

    def paper(self, columns: int) -> list[list[tuple[Drawn, int]]]:
        """The rows of the paper form: fields and how many label-value pairs each spans."""
        return paper.rows(self.fields, columns)


@dataclass(frozen=True)
class View:
    definition: Definition
    title: str
    mode: Mode
    parts: Sequence[Part]
    problems: Mapping[str, str]
    gates: Sequence[str]
    hidden: Mapping[str, str] = attribute(default_factory=dict)

    @property
    def code(self) -> str:
        return self.definition.code

    @property
    def has_files(self) -> bool:
        return any(one.kind in WITH_FILES for field in self.definition.fields() for one in (field, *field.fields))


@dataclass
class _Pen:
    definition: Definition
    values: Mapping[str, Any]
    problems: Mapping[str, str]
    labels: Labels
    units: list[tuple[int, str]]
    asked: set[str]

    def draw(self, field: Field, name: str, value: Any, *, edit: bool, compact: bool = False) -> Drawn:
        label = language.named(field)
        rows: list[list[Drawn]] = []
        if field.kind == FieldKind.TABLE:
            rows = self.table(field, value, edit=edit)
        held = value if field.kind in WITH_FILES and isinstance(value, list) else []
        return Drawn(
            field,
            name,
            label,
            shown_text(field, value, self.labels) or self.why(field),
            problem=self.problems.get(name, ""),
            input=self.input(field, name, value, compact) if edit else None,
            reason=self.reason(field) if edit and field.required_reason_allowed else None,
            redraws=field.code in self.asked,
            files=[self.labels.files[one] for one in map(_id, held) if one in self.labels.files],
            rows=rows,
        )

    def why(self, field: Field) -> str:
        reason = self.values.get(field.code + MISSING_SUFFIX)
        return _("missing: %(reason)s") % {"reason": reason} if isinstance(reason, str) and reason else ""

    def reason(self, field: Field) -> kit.Field:
        name = field.code + MISSING_SUFFIX
        value = self.values.get(name)
        error = self.problems.get(name, "")
        return kit.Field(name, _("Or why it is missing"), value=value, maxlength=200, error=error)

    def table(self, field: Field, value: Any, *, edit: bool) -> list[list[Drawn]]:
        given = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        if edit and not given:
            given = [{}]
        return [
            [
                self.draw(column, f"{field.code}.{number}.{column.code}", row.get(column.code), edit=edit, compact=True)
                for column in field.fields
            ]
            for number, row in enumerate(given)
        ]

    def input(self, field: Field, name: str, value: Any, compact: bool) -> kit.Field | None:
        """The kit's input; None where the template has its own."""
        if field.kind in {FieldKind.TABLE, FieldKind.HEADING, FieldKind.COMPUTED, *WITH_FILES}:
            return None
        widget, choices = self.widget(field, value, compact)
        low, high = bounds(field)
        numeric = widget == "number"
        return kit.Field(
            name,
            "" if compact else language.named(field),
            widget,
            value=_written(field, value),
            required=field.required and not field.required_reason_allowed,
            hint=_hint(field, widget),
            error=self.problems.get(name, ""),
            choices=choices,
            min=low if numeric else None,
            max=high if numeric else None,
            step="any" if numeric else None,
            maxlength=field.length,
            unit="" if compact else field.unit_text,
            src="/forms/pick/staff" if field.kind == FieldKind.PERSON else "",
        )

    def widget(self, field: Field, value: Any, compact: bool) -> tuple[str, list[tuple[Any, Any]]]:
        """The kit's word for the input and what may be chosen."""
        kind = field.kind
        choices: list[tuple[Any, Any]] = []
        if kind in (FieldKind.CHOICE, FieldKind.CHOICES):
            choices = [(one.code, language.named(one)) for one in choices_of(field)]
        elif kind == FieldKind.YES_NO:
            choices = [("true", _("Yes")), ("false", _("No"))]
        elif kind == FieldKind.RATING:
            low, high = bounds(field)
            choices = [(number, str(number)) for number in range(int(low or 1), int(high or 5) + 1)]
        elif kind == FieldKind.UNIT:
            choices = list(self.units)
        elif kind == FieldKind.PERSON:
            choices = [(one, self.labels.people[one]) for one in [_id(value)] if one in self.labels.people]
        if field.na_allowed:
            choices = [
                *(choices or [(value, value)] if isinstance(value, (int, float)) else choices),
                (NOT_APPLICABLE, _("Not applicable")),
            ]
        few = len(choices) <= RADIOS and not compact
        if kind == FieldKind.CHOICES:
            return ("checks" if few else "multi"), choices
        if kind in (FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.RATING):
            return ("radio" if few or kind == FieldKind.RATING else "select"), choices
        return ("text" if field.na_allowed else _WIDGETS.get(kind, "text")), choices


_WIDGETS = {
    FieldKind.LONG_TEXT: "textarea",
    FieldKind.NUMBER: "number",
    FieldKind.MONEY: "number",
    FieldKind.SCORE: "number",
    FieldKind.DATE: "date",
    FieldKind.DATETIME: "datetime",
    FieldKind.PHONE: "phone",
    FieldKind.PERSON: "staff",
    FieldKind.UNIT: "unit",
}


def _hint(field: Field, widget: str) -> str:
    told = language.pick(field.help, field.help_en)
    if field.na_allowed and widget == "text":
        told = f"{told} {_('Write “na” where it does not apply.')}".strip()
    return told


def _id(value: Any) -> int:
    """An id however it was sent; 0 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _written(field: Field, value: Any) -> Any:
    """The value as the input holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.kind == FieldKind.DATETIME and isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    if field.kind == FieldKind.PHONE and isinstance(value, str):
        return value.removeprefix("+86")
    return value


def shown_text(field: Field, value: Any, labels: Labels) -> str:
    """An answer as people read it; "" for none."""
    if value is None or value == "" or field.kind in (FieldKind.TABLE, *WITH_FILES):
        return ""
    if value == NOT_APPLICABLE and field.na_allowed:
        return _("Not applicable")
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        names = {one.code: language.named(one) for one in choices_of(field, gone=True)}
        return "、".join(names.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    if field.kind == FieldKind.YES_NO:
        return _("Yes") if value is True else _("No")
    if field.kind == FieldKind.PERSON:
        return labels.people.get(_id(value), str(value))
    if field.kind == FieldKind.UNIT:
        return labels.units.get(_id(value), str(value)).strip("\u3000")
    if field.kind == FieldKind.DATETIME:
        return _stamp(value)
    if field.kind == FieldKind.MONEY and isinstance(value, (int, float)):
        return show.number(value, 2)
    if field.kind == FieldKind.PHONE:
        return str(value).removeprefix("+86").replace(";ext=", "-")
    return f"{value} {field.unit_text}".strip() if field.unit_text else str(value)


def _stamp(value: Any) -> str:
    try:
        return timezone.localtime(datetime.fromisoformat(value)).strftime("%Y-%m-%d %H:%M")
    except (ValueError, TypeError):
        return str(value)


def _cells(definition: Definition, values: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    for field in definition.fields():
        value = values.get(field.code)
        if field.kind == FieldKind.TABLE and isinstance(value, list):
            for row in value:
                for column in field.fields:
                    yield column, row.get(column.code) if isinstance(row, Mapping) else None
        elif value is not None:
            yield field, value


def labels_of(definition: Definition, values: Mapping[str, Any]) -> Labels:
    """Names of people, units and files in the answers: at most one query for each."""
    wanted: dict[str, set[int]] = {"people": set(), "units": set(), "files": set()}
    for field, value in _cells(definition, values):
        if field.kind == FieldKind.PERSON:
            wanted["people"].add(_id(value))
        elif field.kind == FieldKind.UNIT:
            wanted["units"].add(_id(value))
        elif field.kind in WITH_FILES and isinstance(value, list):
            wanted["files"] |= {_id(one) for one in value}
    staff = people.briefs(sorted(wanted["people"])) if wanted["people"] else {}
    units = dict(people.unit_choices()) if wanted["units"] else {}
    found = files.briefs(sorted(wanted["files"])) if wanted["files"] else {}
    return Labels({pk: f"{row['number']} {row['name']}" for pk, row in staff.items()}, units, found)


def _asked(definition: Definition) -> set[str]:
    """The fields that conditions ask about; a change of one redraws the form."""
    trees = [section.show_when for section in definition.sections] + [field.show_when for field in definition.fields()]
    trees += [gate.when for gate in definition.gates]
    return {test.field for tree in trees if tree for test in tests(parse(tree))}


def view(
    definition: Definition,
    values: Mapping[str, Any],
    *,
    mode: Mode = "edit",
    problems: Mapping[str, str] | None = None,
    fillable: Collection[str] | None = None,
    readable: Collection[str] | None = None,
    facts: Mapping[str, Any] | None = None,
    signatures: Mapping[str, Mapping[str, Any]] | None = None,
    signing: bool = False,
    reopenable: Collection[str] = (),
    hidden: Mapping[str, Any] | None = None,
) -> View:
    """What is drawn. ``fillable`` and ``readable`` are codes of sections (None: all); sections outside ``readable`` are not there at all.

    ``hidden`` goes into hidden inputs, so that a redraw knows facts, subject and answer.
    """
    known = dict(facts or {})
    # What a browser sent is text; conditions ask about read values ("true" is not yet a yes).
    judged = {**values, **validate(definition, values, facts=known, complete=False).data}
    visible = conditions.shown(definition, judged, known)
    has_units = any(one.kind == FieldKind.UNIT for field in definition.fields() for one in (field, *field.fields))
    units = people.unit_choices() if mode == "edit" and has_units else []
    pen = _Pen(definition, values, problems or {}, labels_of(definition, values), units, _asked(definition))
    parts = []
    for section in definition.sections:
        if (readable is not None and section.code not in readable) or not any(field.code in visible for field in section.fields):
            continue
        signature = (signatures or {}).get(section.code)
        edit = mode == "edit" and (fillable is None or section.code in fillable) and signature is None
        drawn = [pen.draw(field, field.code, values.get(field.code), edit=edit) for field in section.fields if field.code in visible]
        part_mode = "edit" if edit else mode if mode == "print" else "read"
        can_sign = signing and edit
        parts.append(Part(section, language.named(section), drawn, part_mode, _signature(signature), can_sign, section.code in reopenable))
    gates = [language.pick(gate.text, gate.text_en) for gate in conditions.open_gates(definition, judged, known, blocks="submit")]
    layout = definition.print
    title = language.pick(layout.title, layout.title_en) if mode == "print" and layout.title else language.named(definition)
    carried = {key: value if isinstance(value, str) else orjson.dumps(value, default=str).decode() for key, value in (hidden or {}).items()}
    return View(definition, title, mode, parts, problems or {}, gates if mode == "edit" else [], carried)


def _signature(entry: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if entry is None else {**entry, "at": _stamp(entry.get("at"))}
