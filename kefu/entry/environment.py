"""What the settings read from the environment and the state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000; "
    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"
)


def flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def number(name: str, default: int, *, least: int = 1) -> int:
    """A whole number of at least ``least``. Raises ``SystemExit`` with a sentence for anything else."""
    text = os.environ.get(name, "") or str(default)
    if not text.isdecimal() or int(text) < least:
        raise SystemExit(f"{name} must be a whole number of at least {least}, not {text!r}.")
    return int(text)


def state_folder() -> Path:
    """Where everything this installation keeps lives: database, files, secrets, backups."""
    return Path(os.environ.get("KEFU_STATE", ".state")).absolute()


def secret(name: str) -> str:
    """A lasting secret: from ``KEFU_SECRET_<NAME>`` or a file in the state folder that is made at first need (mode 600)."""
    given = os.environ.get(f"KEFU_SECRET_{name.upper()}")
    if given:
        return given
    path = state_folder() / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def capabilities(floor: Path) -> list[str]:
    """The Django apps of a floor: its folders with an ``apps`` label, deepest names included (channels/phone)."""
    base = floor.parent.parent
    found = []
    for init in sorted(floor.glob("*/**/__init__.py")):
        folder = init.parent
        if any((folder / name).exists() for name in ("models.py", "declares.py", "services.py", "queries.py")):
            found.append(".".join(folder.relative_to(base).parts))
    return found


def compiled_texts(package: Path) -> Path:
    """Where the compiled message catalogues are."""
    return package / "locale"


def database(state: Path) -> dict[str, Any]:
    """``KEFU_DATABASE`` as ``postgresql://user:password@host:port/name?option=value`` or the path of an SQLite file."""
    url = os.environ.get("KEFU_DATABASE", "")
    if url.startswith(("postgresql://", "postgres://")):
        return _postgresql(url)
    path = Path(url) if url else state / "kefu.sqlite3"
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "kefu.entry.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": number("KEFU_LOCK_WAIT", 10), "init_command": SQLITE_PRAGMAS},
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    # All statements are short: compiling one to machine code costs each new connection more than it ever gains.
    waits = f"-c lock_timeout={number('KEFU_LOCK_WAIT', 10)}s -c idle_in_transaction_session_timeout=300s -c jit=off"
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    # Statements asked again and again are planned once a connection; 0 where a pooler between cannot keep them apart.
    prepared = number("KEFU_PREPARE_AFTER", 3, least=0) or None
    return {
        "ENGINE": "kefu.entry.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": waits, "prepare_threshold": prepared, **{name: unquote(value) for name, value in options.items()}},
    }


def logging(*, debug: bool) -> dict[str, Any]:
    """Plain lines on standard error; no personal data is logged."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO" if debug else "WARNING"},
    }
