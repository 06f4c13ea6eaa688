"""What was filled in against the definition: cleaned data, a sentence under each wrong field, the gates that stand open. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from django.utils.translation import gettext as _

from kefu.engines.forms import conditions, values
from kefu.engines.forms.choices import MISSING_SUFFIX, NOT_APPLICABLE, SILENT, FieldKind
from kefu.engines.forms.definition import Choice, Definition, Field, Gate
from kefu.engines.forms.registry import code_lists
from kefu.engines.forms.score import computed
from kefu.engines.forms.values import Wrong, empty
from kefu.engines.rulebook import queries as rulebook

MAX_ROWS = 200
MAX_PROBLEMS = 500
Lists = Callable[[str], Sequence[Choice]]


@dataclass(frozen=True)
class Cleaned:
    """``data`` holds only what fits and shows; ``problems`` maps a field (``table.0.column`` in tables) to the sentence under it."""

    data: dict[str, Any]
    problems: dict[str, str] = attribute(default_factory=dict)
    open_gates: list[Gate] = attribute(default_factory=list)
    shown: set[str] = attribute(default_factory=set)
    score: float | None = None

    @property
    def good(self) -> bool:
        return not self.problems


def choices_of(field: Field, *, gone: bool = False) -> Sequence[Choice]:
    """The entries a field offers: its own, then those of its list, which is one of the rule book or one a capability declares.

    ``gone`` adds entries that the list no longer offers, so that old answers keep their names. A list nobody knows is empty.
    """
    if not field.list:
        return field.choices
    held = code_lists.get(field.list)
    if held is not None:
        return [*field.choices, *held.choices()]
    items = rulebook.code_items(field.list, all_items=gone)
    listed = (Choice(code=item["code"], name=item["name"], name_en=item["name_en"] or "", points=None) for item in items)
    return [*field.choices, *listed]


def validate(
    definition: Definition,
    data: Any,
    *,
    sections: Iterable[str] | None = None,
    facts: Mapping[str, Any] | None = None,
    complete: bool = True,
) -> Cleaned:
    """Judge ``data`` ({field code: value}). Never raises, whatever JSON ``data`` is.

    ``sections`` limits the judgement: values of other sections pass unread (they were judged when they came in).
    ``complete`` asks for required fields; a draft does not. ``facts`` are known beside the answers (order type, severity ...).
    """
    if not isinstance(data, Mapping):
        return Cleaned({}, {"": _("A form is sent as an object of fields.")})
    wanted = None if sections is None else set(sections)
    problems: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for key, value in data.items():
        _take(definition, str(key), value, wanted, kept, problems)
    known = dict(facts or {})
    visible = conditions.shown(definition, kept, known)
    kept = {key: value for key, value in kept.items() if key.removesuffix(MISSING_SUFFIX) in visible}
    if complete:
        _missing(definition, kept, visible, wanted, problems)
    score = computed(definition, kept, visible)
    gates = conditions.open_gates(definition, kept, known)
    return Cleaned(kept, problems, gates, visible, score)


def _take(definition: Definition, key: str, value: Any, wanted: set[str] | None, kept: dict[str, Any], problems: dict[str, str]) -> None:
    """Read one key of the answer into ``kept`` or write why not into ``problems``."""
    code = key.removesuffix(MISSING_SUFFIX)
    field = definition.by_code.get(code)
    reason = key != code
    if field is None or field.kind == FieldKind.HEADING or (reason and not field.required_reason_allowed):
        if len(problems) < MAX_PROBLEMS:
            problems[values.clean_text(key[:60])] = _("This form has no such field.")
        return
    if field.kind == FieldKind.COMPUTED or empty(value):
        return
    if wanted is not None and definition.section_of[code].code not in wanted:
        kept[key] = value
        return
    try:
        told = values.text(REASON, value) if reason else read(field, value, problems)
    except Wrong as wrong:
        problems[key] = str(wrong)
        return
    if not empty(told):
        kept[key] = told


REASON = Field.model_validate({"code": "reason", "name": "reason", "length": 200})


def read(field: Field, value: Any, problems: dict[str, str]) -> Any:
    """One value in its stored form; raises ``Wrong``. Problems of table cells go to ``problems``."""
    if field.na_allowed and isinstance(value, str) and value.strip().lower() in (NOT_APPLICABLE, "n/a", "不适用"):
        return NOT_APPLICABLE
    if field.kind == FieldKind.CHOICE:
        return _choice(field, value)
    if field.kind == FieldKind.CHOICES:
        return _choices(field, value)
    if field.kind == FieldKind.TABLE:
        return _table(field, value, problems)
    return values.READERS[field.kind](field, value)


def _choice(field: Field, value: Any) -> str:
    if isinstance(value, str):
        for choice in choices_of(field):
            if value in (choice.code, choice.name):
                return choice.code
    raise Wrong(_("Choose from the list."))


def _choices(field: Field, value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    if len(given) > MAX_ROWS:
        raise Wrong(_("Choose from the list."))
    picked = list(dict.fromkeys(_choice(field, one) for one in given if not empty(one)))
    if field.max is not None and len(picked) > field.max:
        raise Wrong(_("Choose at most %(limit)d.") % {"limit": int(field.max)})
    return picked


def _table(field: Field, value: Any, problems: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of a table; empty rows fall away, places in problems count the rows as they were sent."""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Wrong(_("A table is sent as a list of rows."))
    limit = int(field.max or MAX_ROWS)
    if len(value) > limit:
        raise Wrong(_("At most %(limit)d rows.") % {"limit": limit})
    rows: list[dict[str, Any]] = []
    for number, given in enumerate(value):
        if not all(empty(cell) for cell in given.values()):
            rows.append(_row(field, given, f"{field.code}.{number}", problems))
    return [row for row in rows if row]


def _row(field: Field, given: Mapping[str, Any], place: str, problems: dict[str, str]) -> dict[str, Any]:
    columns = {column.code: column for column in field.fields}
    row: dict[str, Any] = {}
    for key, cell in given.items():
        column = columns.get(str(key))
        if column is None:
            if len(problems) < MAX_PROBLEMS:
                problems[f"{place}.{values.clean_text(str(key)[:60])}"] = _("This form has no such field.")
        elif not empty(cell):
            try:
                told = read(column, cell, problems)
                if not empty(told):
                    row[column.code] = told
            except Wrong as wrong:
                problems[f"{place}.{column.code}"] = str(wrong)
    for column in field.fields:
        if column.required and column.code not in row and f"{place}.{column.code}" not in problems:
            problems[f"{place}.{column.code}"] = _("Please fill this in.")
    return row


def _missing(definition: Definition, kept: dict[str, Any], visible: set[str], wanted: set[str] | None, problems: dict[str, str]) -> None:
    for field in definition.fields():
        if not field.required or field.kind in SILENT or field.code not in visible or field.code in kept:
            continue
        if wanted is not None and definition.section_of[field.code].code not in wanted:
            continue
        if field.code in problems or field.code + MISSING_SUFFIX in kept:
            continue
        problems[field.code] = (
            _("Please fill this in, or say why it is missing.") if field.required_reason_allowed else _("Please fill this in.")
        )


def initial(definition: Definition) -> dict[str, Any]:
    """What an empty form starts with."""
    return {field.code: field.default for field in definition.fields() if field.default is not None}
