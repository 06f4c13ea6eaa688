"""Looking into the folders of fax servers: whole files only, each once, and one bad file never stops the others."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from kefu.engines.paper import pages
from kefu.kit import moment
from kefu.touch.channels.fax import services
from kefu.touch.channels.fax.choices import Why
from kefu.touch.channels.fax.models import Machine, Sheet
from kefu.touch.conversations.choices import Health
from kefu.touch.conversations.services import Account

log = logging.getLogger("kefu.fax")
STILL_FOR, PATIENCE = 10.0, 600.0
AT_ONCE, MOST_LISTED = 50, 5_000
TAKEN, TAKEN_FOR = "taken", timedelta(days=30)
_TAKEN_BY_US = re.compile(r"\d{20}-")
_UNFINISHED = (".part", ".tmp", ".temp", ".crdownload", ".filepart", "~")


def look(machine: Machine, draw: Callable[[int], object]) -> int:
    """Take what is new and whole in the folder of a fax number; the answer is how many."""
    folder, at = Path(machine.folder), moment.now()
    try:
        with os.scandir(folder) as found:
            names = sorted(one.name for _place, one in zip(range(MOST_LISTED), found, strict=False) if one.is_file(follow_symlinks=False))
    except OSError as error:
        _says(machine, f"{machine.folder}: {error.strerror}")
        return 0
    taken = 0
    for name in names:
        if name.startswith(".") or name.lower().endswith(_UNFINISHED):
            continue
        try:
            taken += _one(machine, folder / name, draw)
        except OSError as error:
            log.warning("fax folder %s: a file cannot be read: %s", machine.pk, error.strerror)
        if taken >= AT_ONCE:
            break
    _says(machine, "")
    Machine.objects.filter(pk=machine.pk).update(looked_at=at)
    return taken


def _one(machine: Machine, path: Path, draw: Callable[[int], object]) -> bool:
    """Take one file, unless somebody still writes it."""
    stat = path.stat()
    age = moment.now().timestamp() - stat.st_mtime
    if age < STILL_FOR:
        return False
    key = services.key_of(machine.pk, path.name, stat.st_size, stat.st_mtime_ns)
    if services.known(key):
        _aside(path, stat.st_size)
        return False
    if stat.st_size > pages.MOST_BYTES:
        services.refuse(machine, name=path.name, key=key, why=Why.SIZE)
        return True
    data = path.read_bytes()
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) != (stat.st_size, stat.st_mtime_ns) or (not whole(data) and age < PATIENCE):
        return False
    new = services.keep(machine, data, name=path.name, key=key, number=services.number_in(path.name), draw=draw)
    _aside(path, stat.st_size)
    return new


def whole(data: bytes) -> bool:
    """Whether the file has its end: what has none may still be on its way."""
    kind = pages.kind_of(data)
    if kind == pages.PDF:
        return b"%%EOF" in data[-2048:]
    if kind == pages.TIFF:
        return 8 <= int.from_bytes(data[4:8], "little" if data[:2] == b"II" else "big") < len(data) - 2
    return bool(data)


def _aside(path: Path, size: int) -> None:
    """Out of the way, where the folder allows it; a file that is too large stays until a person has laid it aside."""
    if size <= pages.MOST_BYTES:
        _put_away(path)


def _put_away(path: Path) -> None:
    with suppress(OSError):
        home = path.parent / TAKEN
        home.mkdir(exist_ok=True)
        path.rename(home / f"{moment.now():%Y%m%d%H%M%S%f}-{path.name}")


def laid_aside(sheet: Sheet) -> None:
    """A file that was too large to be read, and that a person wants nothing of, goes where what was taken lies."""
    if sheet.why == Why.SIZE and sheet.machine.folder and Path(sheet.name).name == sheet.name:
        _put_away(Path(sheet.machine.folder) / sheet.name)


def forget(machine: Machine) -> int:
    """Delete what was put away more than ``TAKEN_FOR`` ago (the centre has its own copy, with its own end); the answer is how many.

    The age is that of the file. What somebody else laid there stays.
    """
    before, gone = (moment.now() - TAKEN_FOR).timestamp(), 0
    with suppress(OSError), os.scandir(Path(machine.folder) / TAKEN) as found:
        for one in found:
            with suppress(OSError):
                if _TAKEN_BY_US.match(one.name) and one.is_file(follow_symlinks=False) and one.stat().st_mtime < before:
                    os.unlink(one.path)
                    gone += 1
    return gone


def _says(machine: Machine, trouble: str) -> None:
    health = Health.FAILING if trouble else Health.GOOD
    Account.objects.filter(pk=machine.pk).update(health=health, trouble=trouble[:500], tried_at=moment.now())
