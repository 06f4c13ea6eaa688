"""Between a schema and a form: its fields drawn, and what was typed read back."""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kefu.kit.asking import Asked
from kefu.kit.choices_registry import source_of
from kefu.kit.errors import Text
from kefu.kit.fields import FILES, Field

FEW = 4
LONG_TEXT = 200


def bare(annotation: Any) -> Any:
    """``X`` of ``X | None``, and of an ``X`` with bounds."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return bare(rest[0]) if len(rest) == 1 else annotation
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[0]
    return annotation


def is_list(annotation: Any) -> bool:
    return get_origin(bare(annotation)) in (list, tuple, set, frozenset) or bare(annotation) is list


def asked_of(info: FieldInfo) -> Asked:
    """How the field is asked: by ``asked(...)``, else by title, description and ``json_schema_extra`` of a plain pydantic field."""
    for one in info.metadata:
        if isinstance(one, Asked):
            return one
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    known: dict[str, Any] = {name: extra[name] for name in ("widget", "choices", "group", "unit", "placeholder", "rows") if name in extra}
    return Asked(title=info.title or "", hint=info.description or "", **known)


def fields_of(
    schema: type[BaseModel],
    *,
    actor: Any = None,
    id: int | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
) -> list[Field]:
    """The inputs of a form for ``schema``, filled with ``values`` (else the defaults), ``errors`` under them.

    A choice that this centre has nothing to choose for (an empty code list) is not asked, unless it is required.
    """
    found = []
    for name, info in schema.model_fields.items():
        field = _field(name, info, actor, id)
        if field.widget == "select" and not (field.required or field.choices or field.src):
            continue
        if values is not None and name in values:
            field = replace(field, value=values[name], choices=[*field.choices, *_chosen(asked_of(info), field, values[name], actor)])
        if errors and name in errors:
            field = replace(field, error=errors[name])
        found.append(field)
    return found


def _field(name: str, info: FieldInfo, actor: Any, id: int | None) -> Field:
    asked = asked_of(info)
    kind = bare(info.annotation)
    choices, src = _choices(asked, kind, actor, id)
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    bounds = _bounds(info, kind)
    return Field(
        name=name,
        label=asked.title or name,
        widget=asked.widget
        or _widget(kind, choices, src, bounds, fixed=not isinstance(asked.choices, str) and not callable(asked.choices)),
        value=default.value if isinstance(default, enum.Enum) else default,
        required=info.is_required(),
        hint=asked.hint,
        choices=choices,
        src=src,
        group=asked.group,
        unit=asked.unit,
        placeholder=asked.placeholder,
        rows=asked.rows,
        accept=asked.accept,
        about=asked.about,
        step=asked.step if asked.step is not None else ("any" if kind in (float, Decimal) else None),
        multiple=is_list(kind),
        **bounds,
    )


def _choices(asked: Asked, kind: Any, actor: Any, id: int | None) -> tuple[Sequence[tuple[Any, Text]], str]:
    given = asked.choices
    if isinstance(given, str):
        source = source_of(given)
        return list(source.give(actor, id)), source.src.replace("{id}", str(id or 0))
    if callable(given):
        return list(given(actor, id)), ""
    if given is not None:
        return list(given), ""
    inner = bare(get_args(kind)[0]) if is_list(kind) and get_args(kind) else kind
    if isinstance(inner, type) and issubclass(inner, enum.Enum):
        return [(one.value, getattr(one, "label", one.name)) for one in inner], ""
    if get_origin(inner) is Literal:
        return [(one, str(one)) for one in get_args(inner)], ""
    return (), ""


def _chosen(asked: Asked, field: Field, value: Any, actor: Any) -> Sequence[tuple[Any, Text]]:
    """What is chosen and not among the first of a long list."""
    if not field.src or not isinstance(asked.choices, str) or (named := source_of(asked.choices).named) is None:
        return ()
    there = {str(one) for one, _label in field.choices}
    missing = [one for one in (value if isinstance(value, list) else [value]) if one and str(one) not in there]
    return named(actor, missing) if missing else ()


def _widget(kind: Any, choices: Sequence[Any], src: str, bounds: Mapping[str, Any], *, fixed: bool) -> str:
    if is_list(kind):
        return "checks" if 0 < len(choices) <= FEW * 2 and not src else "multi"
    if choices or src:
        return "radio" if fixed and len(choices) <= FEW else "select"
    simple: dict[Any, str] = {bool: "switch", int: "number", float: "number", Decimal: "number"}
    simple |= {datetime: "datetime", date: "date", time: "time"}
    if kind in simple:
        return simple[kind]
    return "textarea" if (bounds.get("maxlength") or 0) > LONG_TEXT else "text"


def _bounds(info: FieldInfo, kind: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in info.metadata:
        if isinstance(one, annotated_types.MaxLen) and not is_list(kind):
            found["maxlength"] = one.max_length
        elif isinstance(one, annotated_types.Ge):
            found["min"] = one.ge
        elif isinstance(one, annotated_types.Gt) and kind is int:
            found["min"] = one.gt + 1  # type: ignore[operator]
        elif isinstance(one, annotated_types.Le):
            found["max"] = one.le
        elif isinstance(one, annotated_types.Lt) and kind is int:
            found["max"] = one.lt - 1  # type: ignore[operator]
    return found


def typed(schema: type[BaseModel], sent: QueryDict | MultiValueDict[str, Any]) -> dict[str, Any]:
    """What a form sent for ``schema``: empty inputs are left out, lists are gathered, local times get the centre's zone."""
    found: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        kind = bare(info.annotation)
        if asked_of(info).widget in FILES:
            continue
        if is_list(kind):
            values = [plain(value) for value in sent.getlist(name) if value != ""]
            if values or name in sent:
                found[name] = values
        elif kind is bool and not asked_of(info).choices:  # a switch; yes, no or nothing is chosen from a list
            found[name] = sent.get(name) in {"true", "on", "1", "yes"}
        else:
            value = str(sent.get(name, "")).strip().replace("\x00", "")
            if value:
                found[name] = _zoned(value) if kind is datetime else value
    return found


def _zoned(value: str) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return timezone.make_aware(moment) if moment.tzinfo is None else moment


def unlisted(schema: type[BaseModel], given: Mapping[str, Any], *, actor: Any = None, id: int | None = None) -> dict[str, Text]:
    """The fields of a read form whose value is none of those that were offered. A list that is empty or picked from afar judges nothing."""
    found: dict[str, Text] = {}
    for name, info in schema.model_fields.items():
        value = given.get(name)
        if value in (None, "", []) or name not in given:
            continue
        offered, src = _choices(asked_of(info), bare(info.annotation), actor, id)
        known = {str(one) for one, _label in offered}
        values = value if isinstance(value, (list, tuple, set)) else [value]
        if known and not src and not {_as_chosen(one) for one in values} <= known:
            found[name] = _("Choose one of the given values.")
    return found


def _as_chosen(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(getattr(value, "value", value))


def plain(value: Any) -> Any:
    """``value`` without the NUL characters that no database keeps."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {plain(key): plain(one) for key, one in value.items()} if isinstance(value, dict) else value


def file_fields(schema: type[BaseModel]) -> list[str]:
    """The names of the fields that take files."""
    return [name for name, info in schema.model_fields.items() if asked_of(info).widget in FILES]


def sent_files(request: HttpRequest, name: str) -> list[Any]:
    return list(request.FILES.getlist(name))
