"""The workshop's own Python: a virtual environment beside the code, filled from a lock file. Needs nothing but the standard library."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-dev.lock"}


def say(text: str) -> None:
    print(text, flush=True)


def environment(purpose: str) -> Path:
    """The Python to use: that of ``KEFU_VENV``, or of ``.venv``, made and filled from the lock if it is not yet."""
    given = os.environ.get("KEFU_VENV")
    if given:
        return Path(given) / "bin" / "python"
    folder = ROOT / ".venv"
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"Making {folder.name} ...")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    _fill(python, folder, purpose)
    return python


def _fill(python: Path, folder: Path, purpose: str) -> None:
    lock = LOCKS[purpose]
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if _stamped(folder, purpose) or _stamped(folder, "test"):  # the test lock holds all of the run lock
        return
    began = time.monotonic()
    say(f"Installing what {lock.name} lists ...")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    if subprocess.run(pip, check=False).returncode:
        raise SystemExit("The packages could not be installed: see above. Is a package index reachable (pip config, a proxy)?")
    (folder / f"kefu-{purpose}.stamp").write_text(wanted)
    say(f"  {time.monotonic() - began:.0f} s")


def _stamped(folder: Path, purpose: str) -> bool:
    stamp = folder / f"kefu-{purpose}.stamp"
    return stamp.exists() and stamp.read_text() == hashlib.sha256(LOCKS[purpose].read_bytes()).hexdigest()


@functools.cache
def _lists_of_packages() -> None:
    """Once a run: they do not change meanwhile."""
    subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, check=False)


def apt_install(*packages: str) -> bool:
    """Install Debian packages, if this is root on such a system; says what it does. True when done."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    say(f"apt-get install {' '.join(packages)} ...")
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL, "check": False}
    _lists_of_packages()
    done = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], **quiet)  # type: ignore[call-overload]
    return bool(done.returncode == 0)


@functools.cache
def chromium() -> bool:
    """Whether there is a Chromium (and a Chinese font) for the end-to-end tests, installed here if it can be.

    The one without windows of its own is wanted: the stories need half the processor with it.
    """
    if shutil.which("chromium-headless-shell") or apt_install("chromium-headless-shell", "fonts-noto-cjk"):
        return True
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return True
    return apt_install("chromium", "fonts-noto-cjk")


def imap() -> bool:
    """Whether there is a Dovecot for the tests of fetching letters, installed here if it can be."""
    return bool(shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or apt_install("dovecot-imapd"))


def post() -> bool:
    """Whether there is a Postfix for the tests of whole ways, installed here if it can be; it is neither set up nor started."""
    if shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"):
        return True
    if not os.geteuid() and shutil.which("debconf-set-selections"):
        chosen = b"postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run(["debconf-set-selections"], input=chosen, stderr=subprocess.DEVNULL, check=False)
    return apt_install("postfix")


def bundle(python: str) -> None:
    """Styles and islands, built if their sources changed (tools/web.py knows how)."""
    if (ROOT / "tools" / "web.py").exists():
        subprocess.run([python, str(ROOT / "tools" / "web.py"), "build"], check=True, cwd=ROOT)
