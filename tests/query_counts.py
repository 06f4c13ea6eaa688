"""Committed numbers of database queries: a list that grows a query per row, or one query too many, shows in the diff.

    def test_list(signed_in, cast, assert_queries):
        client = signed_in(cast.agent)
        with assert_queries("orders.list"):
            client.get("/orders")

The numbers stand in query_counts.json, for each database. ``KEFU_COUNT=write pytest ...`` writes what was counted; the commit shows it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.entry import drawn

COUNTS = Path(__file__).with_suffix(".json")


def _read() -> dict[str, dict[str, int]]:
    return json.loads(COUNTS.read_text()) if COUNTS.exists() else {}


def _write(name: str, count: int) -> None:
    with COUNTS.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        counts = _read()
        counts.setdefault(name, {})[connection.vendor] = count
        COUNTS.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    COUNTS.with_suffix(".lock").unlink(missing_ok=True)


@contextmanager
def counted(name: str) -> Iterator[None]:
    """Compare the statements inside the block (savepoints aside) with the committed number of ``name``."""
    drawn.forget()
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [
        one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK"))
    ]
    if os.environ.get("KEFU_COUNT") == "write":
        _write(name, len(statements))
        return
    wanted = _read().get(name, {}).get(connection.vendor)
    assert wanted is not None, (
        f"no committed number for {name} on {connection.vendor}: run with KEFU_COUNT=write ({len(statements)} were counted)"
    )
    listed = "\n".join(f"  {number}. {sql[:300]}" for number, sql in enumerate(statements, 1))
    assert len(statements) == wanted, f"{name}: {len(statements)} queries instead of {wanted}:\n{listed}"


@pytest.fixture
def assert_queries():
    """``with assert_queries("orders.list"): ...``"""
    return counted
