"""The web folder: ``build`` the bundle in place if its sources changed, ``check`` it (lint, types, unit tests).

python tools/web.py build
python tools/web.py check
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import hatch_build  # noqa: E402

WEB = ROOT / "web"
CHECKS = ("lint", "typecheck", "test")


def _parts(npm: list[str], environment: dict[str, str]) -> None:
    """node_modules as package-lock.json says, fetched only when the lock changed."""
    stamp = WEB / "node_modules" / ".kefu-lock"
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=WEB, env=environment, check=False).returncode:
        raise SystemExit("The parts of the web folder could not be fetched. Is a package registry reachable (npm config get registry)?")
    stamp.write_text(wanted)


def check() -> int:
    """Run every check, also after one failed; 1 if one failed."""
    npm, environment = hatch_build.tools()
    _parts(npm, environment)
    failed = [name for name in CHECKS if subprocess.run([*npm, "run", name], cwd=WEB, env=environment, check=False).returncode]
    print(f"web: {', '.join(failed)} failed" if failed else "web: lint, types and unit tests pass")
    return 1 if failed else 0


def main(words: list[str]) -> int:
    if words == ["build"]:
        hatch_build.bundle(ROOT)
        return 0
    if words == ["check"]:
        return check()
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
