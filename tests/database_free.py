"""Tests of pure functions: they run once, with SQLite, and not a second time for PostgreSQL.

Held twice over: pytest-django refuses every query of a test that did not ask for the database, and a test in one of these files that does
ask for it fails.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = frozenset(
    HERE / folder / f"test_{name}.py"
    for folder, names in {
        "clock": "properties vectors",
        "filters": "memory",
        "forms": "definition score validate",
        "jobs": "rhythm",
        "kit": "escaping kept pieces secrecy",
        "mail": "agreement bounds charsets command headers kinds pages quotes signatures structure",
        "measures": "formulas",
        "privacy": "masking",
        "rulebook": "check registry",
        "search": "alike cut",
        "sms": "length",
        "social": "sealing",
        "webhooks": "reaching",
    }.items()
    for name in names.split()
)
_STORE = {"db", "transactional_db", "django_db_setup", "_template"}


def check(request: pytest.FixtureRequest) -> None:
    """Fails a test of these files that asks for the database."""
    if request.path in FILES and (_STORE & set(request.fixturenames) or request.node.get_closest_marker("django_db")):
        pytest.fail(f"It asks for the database: take its file out of {Path(__file__).name}.", pytrace=False)
