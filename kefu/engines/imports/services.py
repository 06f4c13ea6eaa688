"""Begin, check and carry out an import: all of it or nothing."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.base import File
from django.db import transaction

from kefu.engines.files import services as files
from kefu.engines.files.kinds import DOCUMENTS
from kefu.engines.imports import columns, queries
from kefu.engines.imports.models import ImportRun, State
from kefu.engines.imports.registry import ImportKind, import_kinds
from kefu.engines.imports.running import execute, opened
from kefu.engines.imports.tasks import carry_out
from kefu.engines.jobs.services import enqueue
from kefu.kit.errors import Conflict, NotAllowed
from kefu.people.actor import Actor

SMALL = 500
MAX_BYTES = 30 * 1024 * 1024
ALLOWED = tuple(one for one in DOCUMENTS if one.endswith("spreadsheetml.sheet") or one.startswith("text/"))


def may(actor: Actor, kind: ImportKind) -> None:
    """Raises ``NotAllowed``. The system (the command line) may."""
    if actor.id is not None and not actor.can(kind.right):
        raise NotAllowed()


def begin(*, actor: Actor, kind: str, upload: File[Any] | IO[bytes], name: str = "") -> ImportRun:
    """Keep the file and guess its columns; nothing is written yet. Raises ``Invalid`` for what is no table."""
    known = import_kinds[kind]
    may(actor, known)
    with transaction.atomic():
        kept = files.store(actor_id=actor.id, upload=upload, name=name, kind="import", allow=ALLOWED, max_bytes=MAX_BYTES)
        with opened(kept.sha256) as file:
            mapping = columns.guess(known, columns.heads_of(file))
        return ImportRun.objects.create(kind=kind, file=kept, staff_id=actor.id, mapping=mapping)


def start(*, actor: Actor, run_id: int, mapping: dict[str, int], at_once: bool = False) -> ImportRun:
    """Check the columns and let the import run: at once when it is small (or ``at_once``), else in the background."""
    with transaction.atomic():
        run = queries.get(actor, run_id, lock=True)
        if run.state not in (State.DRAFT, State.REFUSED):
            raise Conflict()
        kind = import_kinds[run.kind]
        may(actor, kind)
        run.mapping = columns.checked(kind, mapping)
        with opened(run.file.sha256) as file:
            run.rows = sum(1 for _row in columns.rows(file, run.mapping))
        run.state, run.done_rows, run.fault_count, run.faults = State.CHECKING, 0, 0, []
        run.save()
        at_once = at_once or run.rows <= SMALL
        if not at_once:
            enqueue(carry_out, run.pk)
    if at_once:
        execute(run.pk)
        run.refresh_from_db()
    return run
