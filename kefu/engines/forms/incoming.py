"""What a browser sends of a form, as the data that ``validate`` reads.

Names: ``code`` (several for choices), ``code_missing`` (why it is missing), ``table.N.column``, ``code__new`` (uploads beside the ids
kept under ``code``). ``_on`` names the fields that were on the page, so that an unticked box is told from a field that was not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from kefu.engines.forms.choices import MISSING_SUFFIX, SILENT, WITH_FILES, FieldKind
from kefu.engines.forms.definition import Definition, Field
from kefu.engines.forms.validate import MAX_ROWS

Uploads = MultiValueDict[str, UploadedFile]
Keep = Callable[[Field, UploadedFile], int]
MANY = {FieldKind.CHOICES, *WITH_FILES}


def data_of(definition: Definition, post: QueryDict, uploads: Uploads | None = None, keep: Keep | None = None) -> dict[str, Any]:
    """The fields that were on the page; emptied ones as None. ``keep`` stores an upload and gives its id (None: uploads are left alone)."""
    data: dict[str, Any] = {}
    for code in dict.fromkeys(post.getlist("_on")):
        field = definition.by_code.get(code)
        if field is None or field.kind in SILENT:
            continue
        if field.kind == FieldKind.TABLE:
            data[code] = _rows(field, post, uploads, keep)
        else:
            data[code] = _value(field, code, post, uploads, keep)
        if field.required_reason_allowed:
            data[code + MISSING_SUFFIX] = post.get(code + MISSING_SUFFIX, "").strip() or None
    return data


def _value(field: Field, name: str, post: QueryDict, uploads: Uploads | None, keep: Keep | None) -> Any:
    if field.kind not in MANY:
        value = post.get(name, "")
        return value if value.strip() else None
    values: list[Any] = [value for value in post.getlist(name) if value.strip()]
    if field.kind in WITH_FILES and uploads is not None and keep is not None:
        values += [keep(field, upload) for upload in uploads.getlist(f"{name}__new")]
    return values or None


def _rows(field: Field, post: QueryDict, uploads: Uploads | None, keep: Keep | None) -> list[dict[str, Any]] | None:
    """Rows in the order of their numbers; ``_add`` = table opens one, ``_drop`` = ``table.N`` takes one away."""
    pattern = re.compile(rf"{field.code}\.(\d{{1,4}})\.")
    names = [*post, *(uploads or ())]
    numbers = sorted({int(match.group(1)) for name in names if (match := pattern.match(name))})[: MAX_ROWS + 1]
    rows = []
    for number in numbers:
        if post.get("_drop") == f"{field.code}.{number}":
            continue
        row = {column.code: _value(column, f"{field.code}.{number}.{column.code}", post, uploads, keep) for column in field.fields}
        rows.append({code: value for code, value in row.items() if value is not None})
    if post.get("_add") == field.code and len(rows) < MAX_ROWS:
        rows.append({})
    return rows or None
