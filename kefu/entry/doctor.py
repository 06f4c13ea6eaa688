"""What can be wrong with an installation, and what to do about it."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from kefu.entry.demo.bulk import aside
from kefu.entry.speech import gettext as _
from kefu.entry.speech import language
from kefu.kit import assets, moment
from kefu.kit.health import Way, healths

GOOD, WARN, BAD = "ok", "warn", "BAD"
MB = 1024 * 1024


class Finding(NamedTuple):
    """One thing looked at; ``remedy`` says what to do unless it is good."""

    level: str
    text: str
    remedy: str = ""


def database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield Finding(
            BAD, _("database: cannot be reached (%(error)s)") % {"error": error}, _("Check KEFU_DATABASE, and that the database runs.")
        )
        return
    if connection.vendor == "sqlite":
        yield from _sqlite()
    else:
        yield Finding(GOOD, f"PostgreSQL {connection.pg_version // 10000}")  # type: ignore[attr-defined]
    yield _migrations()
    yield from _indexes()


def _sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        mode, level = (cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous"))
        yield Finding(GOOD, f"SQLite {sqlite3.sqlite_version}")
    if mode != "wal":
        yield Finding(
            BAD, _("SQLite: the journal is not in WAL mode"), _("The state folder must be on a local disk, not on a network share.")
        )
    if level < 2:
        yield Finding(BAD, _("SQLite: a power loss could lose confirmed work"), _("Leave PRAGMA synchronous at FULL."))


def _migrations() -> Finding:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        remedy = _("Start `kefu serve` (it brings the tables up to date) or run `kefu django migrate`.")
        return Finding(BAD, _("tables: %(count)s steps behind this version") % {"count": len(plan)}, remedy)
    return Finding(GOOD, _("tables: up to date"))


def _indexes() -> Iterator[Finding]:
    """A large load of made-up orders puts indexes aside; killed, it leaves the centre without them until it is called again."""
    if aside.waits():
        text = _("indexes: put aside by a load of made-up orders that has not ended; every page is slow and nothing guards the rows")
        yield Finding(BAD, text, _("If no load is running now: `kefu demo` makes them again."))


def worker() -> Iterator[Finding]:
    from kefu.engines.jobs import queries

    try:
        alive, failed = queries.workers_alive(), queries.failed_lately()
    except DatabaseError:
        return
    if alive:
        yield Finding(GOOD, _("worker: %(count)s alive") % {"count": alive})
    else:
        yield Finding(
            WARN, _("worker: none alive; clocks stand still and nothing is sent"), _("Start `kefu serve`, or `kefu worker` beside it.")
        )
    if failed:
        yield Finding(
            WARN,
            _("background work: %(count)s tasks failed for good") % {"count": failed},
            _("Look at them under Settings, Background work."),
        )


def channels() -> Iterator[Finding]:
    """How each mailbox, line, widget and receiver in use fares: the same facts as on the page of the channels."""
    for source in healths:
        with translation.override(language()):
            try:
                found = source.read()
            except DatabaseError:
                continue
            for way in found:
                yield from _way(way)


def _way(way: Way) -> Iterator[Finding]:
    name = f"{way.kind} {way.name}"
    for ill in way.ills:
        yield Finding(WARN, f"{name}: {ill.text}", ill.remedy)
    if way.level in ("good", "new"):
        came, went = (timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else "--" for at in (way.last_in, way.last_out))
        yield Finding(GOOD, _("%(name)s: last in %(came)s, last out %(went)s") % {"name": name, "came": came, "went": went})


def disk() -> Iterator[Finding]:
    state: Path = settings.STATE
    free = shutil.disk_usage(state).free // MB
    text = _("disk: %(free)s MB free at %(folder)s") % {"free": free, "folder": state}
    level = BAD if free < 200 else WARN if free < 2048 else GOOD
    yield Finding(level, text, _("Free some space, or move the state folder (KEFU_STATE)."))
    if not os.access(state, os.W_OK):
        yield Finding(BAD, _("the state folder cannot be written"), _("Give it to the user that runs Kefu."))


def secrets() -> Iterator[Finding]:
    folder = settings.STATE / "secrets"
    loose = [file for file in (folder, *folder.glob("*")) if file.exists() and file.stat().st_mode & 0o077]
    if loose:
        yield Finding(BAD, _("secrets: others can read %(file)s") % {"file": loose[0]}, f"chmod -R go= {folder}")
    else:
        yield Finding(GOOD, _("secrets: only readable by their owner"))
    if settings.DEBUG:
        yield Finding(WARN, _("KEFU_DEBUG is on: faults show the inside of the system"), _("Switch it off on a network."))


def limits() -> Iterator[Finding]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    text = _("open files: up to %(count)s") % {"count": hard}
    level = GOOD if hard == resource.RLIM_INFINITY or hard >= 8192 else WARN
    yield Finding(level, text, _("Each live page holds one: raise the limit (LimitNOFILE=65536 in systemd)."))


def calendar() -> Iterator[Finding]:
    yield Finding(GOOD, _("time zone: %(zone)s") % {"zone": settings.TIME_ZONE})
    if find_spec("kefu.engines.clock.holidays") is None:
        return
    from kefu.engines.clock import holidays

    try:
        known = holidays.known()
    except DatabaseError:
        return
    here = moment.now()
    for year in {here.year, here.year + (here.month == 12)}:
        remedy = _("Import the official table under Settings, Calendars: until then its working days are provisional.")
        text = _("holidays of %(year)s") % {"year": year}
        yield Finding(GOOD if year in known else WARN, text, remedy)


def printing() -> Iterator[Finding]:
    """In a process of its own, so that its libraries do not stay in memory."""
    tried = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True, text=True, check=False)
    if tried.returncode:
        remedy = _("Install Pango (on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0).")
        yield Finding(WARN, _("PDF: the printing libraries are missing"), remedy)
        return
    listing = shutil.which("fc-list")
    chinese = not listing or subprocess.run([listing, ":lang=zh"], capture_output=True, check=False).stdout.strip()  # noqa: S603
    remedy = _("Install a Chinese font (on Debian: apt-get install fonts-noto-cjk).")
    yield Finding(GOOD if chinese else WARN, _("PDF: ready") if chinese else _("PDF: no Chinese font"), remedy)


def screens() -> Iterator[Finding]:
    if assets.manifest():
        yield Finding(GOOD, _("screens: bundled"))
    else:
        yield Finding(
            WARN, _("screens: styles and scripts are not bundled; pages stay bare"), _("Run bin/run, or `python tools/web.py build`.")
        )


def memory() -> Iterator[Finding]:
    """The share of memory (PSS) of all processes that serve this state folder."""
    mark = f"KEFU_STATE={os.environ.get('KEFU_STATE', '')}".encode()
    total = count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            ours = b"kefu.entry.children" in words or (b"serve" in words and any(b"kefu" in word for word in words))
            if not ours or (os.environ.get("KEFU_STATE") and mark not in (folder / "environ").read_bytes().split(b"\0")):
                continue
            rollup = (folder / "smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        count += 1
    if count:
        yield Finding(GOOD, _("memory: %(size)s MB in %(count)s processes") % {"size": total // 1024, "count": count})


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    database,
    worker,
    channels,
    disk,
    secrets,
    limits,
    calendar,
    printing,
    screens,
    memory,
)


def examine() -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    for check in CHECKS:
        yield from check()
