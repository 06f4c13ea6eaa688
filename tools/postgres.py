"""A PostgreSQL of one's own for the tests: a cluster in a temporary folder on a loopback port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.workshop import apt_install


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, newest version first, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]), reverse=True)
    on_path = shutil.which("initdb")
    places = [*found, *([Path(on_path)] if on_path else [])]
    return places[0].parent if places else None


def provided() -> Path | None:
    """``programs()``, installed by the package manager if that is possible and needed."""
    return programs() or (programs() if apt_install("postgresql") else None)


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: who runs it then."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Start a cluster; gives the address (``postgresql://...``) of a database for tests. Its data need not survive, so it never syncs."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="kefu-postgres-"))
    if owner:
        shutil.chown(folder, owner)
    password = secrets.token_hex(12)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    data, port = folder / "data", _free_port()
    run_as = {"user": owner} if owner else {}
    made = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "kefu",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run([*made, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/", **run_as)  # type: ignore[call-overload]
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 60}
    settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # type: ignore[call-overload]
            [str(binaries / "postgres"), "-D", str(data), *words], stdout=log, stderr=log, cwd="/", **run_as
        )
    try:
        _wait(port, server, folder / "log")
        yield f"postgresql://kefu:{password}@127.0.0.1:{port}/kefu"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(300):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
