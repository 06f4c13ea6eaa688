"""Behind ``bin/bench``: makes the environment and the bundle if they are missing, then measures (tools/bench/)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import workshop  # noqa: E402


def main(words: list[str]) -> None:
    os.chdir(ROOT)
    os.environ["PYTHONPATH"] = str(ROOT)
    python = str(workshop.environment("run"))
    workshop.bundle(python)
    os.execv(python, [python, "-m", "tools.bench", *words])  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main(sys.argv[1:])
