"""A field of a form as the page draws it, and fields made from a pydantic schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from markupsafe import Markup

from kefu.kit.errors import Text

Choice = tuple[Any, Text]
MANY = {"multi", "checks"}
FILES = {"file", "photo"}


@dataclass(frozen=True)
class Field:
    """One input; ``widget`` is one named at the head of components/field.html, ``value`` may be a list for "multi" and "checks"."""

    name: str
    label: Text = ""
    widget: str = "text"
    value: Any = None
    required: bool = False
    hint: Text = ""
    error: Text = ""
    choices: Sequence[Choice] = ()
    group: Text = ""
    min: Any = None
    max: Any = None
    step: Any = None
    maxlength: int | None = None
    placeholder: Text = ""
    pattern: str = ""
    accept: str = ""
    autocomplete: str = ""
    rows: int = 3
    unit: Text = ""
    src: str = ""
    about: str = ""
    multiple: bool = False
    autofocus: bool = False
    disabled: bool = False

    @property
    def text(self) -> str:
        """What stands in the input."""
        value = self.value
        if value is None or self.widget in {"password", *FILES}:
            return ""
        if isinstance(value, datetime):
            local = timezone.localtime(value) if value.tzinfo else value
            return local.strftime("%Y-%m-%dT%H:%M")
        return value.isoformat() if isinstance(value, date) else str(value)

    @property
    def chosen(self) -> set[str]:
        """The chosen values as texts."""
        if self.value is None:
            return set()
        if isinstance(self.value, (list, tuple, set, frozenset)):
            return {str(value) for value in self.value}
        return {str(self.value)}

    @property
    def bounds(self) -> Markup:
        """The HTML attributes that limit the input."""
        names = ("min", "max", "step", "maxlength", "placeholder", "pattern", "accept", "autocomplete")
        given = ((name, getattr(self, name)) for name in names)
        return Markup("").join(Markup(' {}="{}"').format(name, value) for name, value in given if value is not None and value != "")


_NAMES = {one.name for one in fields(Field)}


def as_field(given: Field | Mapping[str, Any] | None = None, **words: Any) -> Field:
    """A ``Field`` from a mapping or from keyword words; unknown words are ignored."""
    if isinstance(given, Field):
        return replace(given, **words) if words else given
    return Field(**{name: value for name, value in {**(given or {}), **words}.items() if name in _NAMES})


def groups_of(given: Iterable[Field | Mapping[str, Any]]) -> list[tuple[Text, list[Field]]]:
    """Fields that stand together, by their ``group``, in given order."""
    made = [as_field(one) for one in given]
    return [(group, list(members)) for group, members in groupby(made, key=lambda one: one.group)]


def any_value(given: Iterable[Field | Mapping[str, Any]]) -> bool:
    """Whether one of the fields is filled."""
    return any(as_field(one).value not in (None, "", []) for one in given)


FILTERS: dict[str, Any] = {"groups_of": groups_of, "any_value": any_value}
GLOBALS: dict[str, Any] = {"as_field": as_field}
