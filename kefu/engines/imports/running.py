"""Carry out one import: check every row, then write all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction

from kefu.engines.files.store import store
from kefu.engines.imports import columns
from kefu.engines.imports.models import ImportRun, State
from kefu.engines.imports.registry import ImportKind, Row, Written, import_kinds
from kefu.kit import moment
from kefu.kit.errors import Invalid
from kefu.people.actor import SYSTEM, Actor, load

BATCH, KEPT_FAULTS = 500, 5000


def opened(sha256: str) -> BinaryIO:
    return store().open(sha256)


def _batches(file: BinaryIO, mapping: dict[str, int]) -> Iterator[list[Row]]:
    found = columns.rows(file, mapping)
    while batch := list(islice(found, BATCH)):
        yield batch


def execute(run_id: int) -> ImportRun:
    """Check every row; without a fault write all in one transaction. Run again after a crash it begins anew: nothing was written."""
    run = ImportRun.objects.select_related("file").get(pk=run_id)
    if run.state not in (State.CHECKING, State.WRITING):
        return run
    kind = import_kinds[run.kind]
    try:
        _check(run, kind)
    except Invalid as error:
        run.faults, run.fault_count = [[0, "", error.code, error.params]], 1
    if run.fault_count:
        run.state, run.finished_at = State.REFUSED, moment.now()
        run.save()
        return run
    ImportRun.objects.filter(pk=run_id).update(state=State.WRITING, done_rows=0)
    actor = SYSTEM if run.staff_id is None else load(run.staff_id) or SYSTEM
    try:
        return _write(run, kind, actor)
    except IntegrityError:
        run.faults, run.fault_count = [[0, "", "meanwhile", {}]], 1
        run.state, run.finished_at = State.REFUSED, moment.now()
        run.save()
        return run


def _write(run: ImportRun, kind: ImportKind, actor: Actor) -> ImportRun:
    written = Written()
    with transaction.atomic(), opened(run.file.sha256) as file:
        held = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if held.state != State.WRITING:
            return held
        for batch in _batches(file, run.mapping):
            kind.write(actor, batch, written)
        held.created, held.changed, held.same = written.created, written.changed, written.same
        held.state, held.done_rows, held.finished_at, held.faults = State.DONE, held.rows, moment.now(), []
        held.save()
    return held


def _check(run: ImportRun, kind: ImportKind) -> None:
    seen: dict[str, Any] = {}
    done, count = 0, 0
    faults: list[list[Any]] = []
    with opened(run.file.sha256) as file:
        for batch in _batches(file, run.mapping):
            for fault in kind.check(batch, seen):
                count += 1
                if len(faults) < KEPT_FAULTS:
                    faults.append([*fault])
            done += len(batch)
            ImportRun.objects.filter(pk=run.pk).update(done_rows=done, fault_count=count)
    run.done_rows, run.fault_count, run.faults = done, count, faults
    if not done:
        run.faults, run.fault_count = [[1, "", "empty", {}]], 1
