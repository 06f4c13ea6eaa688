"""Values that point to rows: people, units, files. They must exist, and a file must be one the person may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from kefu.engines.files import queries as files
from kefu.engines.files import services as file_services
from kefu.engines.forms.choices import WITH_FILES, FieldKind
from kefu.engines.forms.definition import Definition, Field
from kefu.people import queries as people_queries
from kefu.people.actor import Actor


def _walk(definition: Definition, data: Mapping[str, Any], codes: set[str]) -> Iterator[tuple[str, Field, Any]]:
    """Each value with its place and field, cells of tables too."""
    for code in sorted(codes):
        field, value = definition.by_code.get(code), data.get(code)
        if field is None or value is None:
            continue
        if field.kind != FieldKind.TABLE:
            yield code, field, value
            continue
        for number, row in enumerate(value):
            for column in field.fields:
                if column.code in row:
                    yield f"{code}.{number}.{column.code}", column, row[column.code]


def _named(definition: Definition, data: Mapping[str, Any], codes: set[str], kinds: frozenset[FieldKind]) -> dict[str, list[int]]:
    return {
        place: value if isinstance(value, list) else [value]
        for place, field, value in _walk(definition, data, codes)
        if field.kind in kinds and not isinstance(value, str)
    }


def problems(definition: Definition, data: Mapping[str, Any], codes: set[str], actor: Actor | None) -> dict[str, str]:
    """A sentence under each field of ``codes`` that points to nothing, one query a kind of reference."""
    found: dict[str, str] = {}
    if not definition.points:
        return found
    people = _named(definition, data, codes, frozenset({FieldKind.PERSON}))
    units = _named(definition, data, codes, frozenset({FieldKind.UNIT}))
    uploads = _named(definition, data, codes, WITH_FILES)
    known: list[tuple[dict[str, list[int]], Callable[[set[int]], set[int]]]] = [
        (people, lambda ids: set(people_queries.briefs(list(ids)))),
        (units, lambda ids: {pk for pk, _name in people_queries.unit_choices()}),
        (uploads, lambda ids: files.usable(ids, actor)),
    ]
    for held, exists in known:
        ids = {one for value in held.values() for one in value}
        there = exists(ids) if ids else set()
        for place, value in held.items():
            if not set(value) <= there:
                found[place] = _("Choose from the list.") if held is not uploads else _("This file is not there any more; add it again.")
    return found


def attach(definition: Definition, data: Mapping[str, Any], codes: set[str], subject_id: int, actor: Actor) -> None:
    """Files named in the answers become files of the subject."""
    ids = {one for value in _named(definition, data, codes, WITH_FILES).values() for one in value}
    if ids:
        file_services.attach(actor=actor, file_ids=sorted(ids), subject_id=subject_id)
