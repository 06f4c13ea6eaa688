"""The folder of the demonstration centre that every story begins with a copy of. ``python -m tests.e2e.filling`` makes it beforehand."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.installation import ROOT, Installation
from tests.tables import tables

FILL = (
    "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'kefu.entry.settings'; django.setup(); "
    "from kefu.entry import demo; demo.ensure(print)"
)


def _fill(folder: Path) -> None:
    made = Installation(folder, str(folder / "kefu.sqlite3"))
    shutil.copy(tables("sqlite"), made.database)
    filled = subprocess.run(
        [sys.executable, "-c", FILL], cwd=ROOT, env=made.environment, capture_output=True, text=True, check=False, timeout=400
    )
    assert filled.returncode == 0, filled.stderr


def filled(shared: Path) -> Path:
    """The folder of the filled centre, made by whoever of the run comes first; the others wait.

    ``KEFU_E2E_FILLED`` names a folder that keeps it from one run to the next.
    """
    made = Path(os.environ.get("KEFU_E2E_FILLED") or shared / "filled")
    made.parent.mkdir(parents=True, exist_ok=True)
    with made.with_name(f"{made.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            draft = made.with_name(f"{made.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _fill(draft)
            draft.rename(made)
    return made


if __name__ == "__main__":
    filled(Path(os.environ["KEFU_STATE"]))
