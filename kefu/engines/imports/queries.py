"""Reads: one import, its preview, the last ones."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.engines.files.store import store
from kefu.engines.imports import columns, tables
from kefu.engines.imports.models import ImportRun
from kefu.engines.imports.registry import ImportKind, import_kinds
from kefu.kit.errors import NotFound, Text
from kefu.people.actor import Actor

# What can be wrong with any file as a whole.
FAULTS: dict[str, Text] = {
    "empty": _("There is no row below the head."),
    "meanwhile": _("Somebody changed the same records meanwhile. Nothing was imported; try again."),
    **{one.code: one.text for one in (tables.Unreadable, tables.TooLong)},
}


def faults(run: ImportRun, most: int | None = None) -> list[tuple[int, str, str]]:
    """Line, column and what is wrong there, in the words of who reads."""
    kind = import_kinds[run.kind]
    return [_told(kind, *fault) for fault in run.faults[:most]]


def _told(kind: ImportKind, line: int, column: str, code: str, values: Mapping[str, Any] | None = None) -> tuple[int, str, str]:
    # What was stored before there were codes is a text.
    text = str(kind.faults.get(code) or FAULTS.get(code) or code)
    return line, str(kind.by_code[column].label) if column in kind.by_code else "", text % values if values else text


def _own(actor: Actor) -> Q:
    return Q(staff_id=actor.id) if actor.id is not None else Q(staff=None)


def get(actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    """One's own import; another's is not told of."""
    rows = ImportRun.objects.select_related("file")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(_own(actor), pk=run_id).first()
    if found is None:
        raise NotFound()
    return found


def preview(run: ImportRun) -> tuple[list[str], list[list[str]]]:
    """The heads and the first rows of the file."""
    with store().open(run.file.sha256) as file:
        found = list(islice(tables.lines(file), columns.PREVIEW + 1))
    heads = found[0][1] if found else []
    return heads, [cells for _number, cells in found[1:]]


def latest(actor: Actor, kind: str, limit: int = 10) -> list[dict[str, Any]]:
    rows = ImportRun.objects.filter(_own(actor), kind=kind).order_by("-id")
    return [dict(row) for row in rows.values("id", "at", "state", "rows", "created", "changed", "file__name")[:limit]]
