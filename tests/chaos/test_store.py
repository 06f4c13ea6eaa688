"""The store refuses: a full disk, a lock that lasts. A clear word, no damage, and all goes on afterwards."""

from __future__ import annotations

import resource
import sqlite3
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.house import COUNT, FILL, Caller, running
from tests.installation import TARGET


def report(house, foreign):
    return house.ask("/api/v1/contacts", {"channel": "api", "foreign_id": foreign, "content": "漏水" * 200}, foreign)


def is_unavailable(status, answer):
    return status == 503 and answer["code"] == "unavailable" and answer["status"] == 503 and bool(answer["title"])


@pytest.mark.skipif(TARGET.startswith("postgresql"), reason="its disk is the database server's")
def test_a_full_disk_is_told_and_nothing_is_damaged(installation):
    token = installation.python(FILL)
    size = sum(Path(f"{installation.database}{end}").stat().st_size for end in ("",))

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, size + 100_000))

    written = []
    with running(installation, webs=1, limit=small, token=token) as house:
        refused = None
        for turn in range(2000):
            status, answer = report(house, f"full-{turn}")
            if status == 201:
                written.append(f"full-{turn}")
            elif is_unavailable(status, answer):
                refused = turn
                break
            else:
                raise AssertionError((status, answer))
        assert refused is not None, "the disk never became full"
    assert {foreign for foreign, _pk in installation.python(COUNT)["contacts"]} == set(written)
    with running(installation, webs=1, token=token) as house:
        assert report(house, f"full-{refused}")[0] == 201
        assert report(house, written[0])[0] == 200


def hold(installation):
    """Another program holds the store."""
    if not TARGET.startswith("postgresql"):
        other = sqlite3.connect(installation.database, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other
    other = psycopg.connect(installation.database)
    other.execute("LOCK TABLE timeline_subject IN ACCESS EXCLUSIVE MODE")
    return other


def test_a_store_that_somebody_holds_is_told_and_serves_again(installation):
    with running(installation, webs=1) as house:
        assert report(house, "before")[0] == 201
        other = hold(installation)
        try:
            status, answer = report(house, "meanwhile")
        finally:
            other.close()
        assert is_unavailable(status, answer), (status, answer)
        assert report(house, "meanwhile")[0] == 201
        assert report(house, "before")[0] == 200
    assert {foreign for foreign, _pk in installation.python(COUNT)["contacts"]} == {"before", "meanwhile"}


@pytest.mark.skipif(not TARGET.startswith("postgresql"), reason="SQLite has no server that could cut a line")
def test_cut_lines_to_the_database_are_told_and_taken_up_again(installation):
    name = urlsplit(installation.database).path.strip("/")
    over = threading.Event()
    with running(installation, webs=1) as house:
        caller = Caller(house, "cut", over)
        thread = threading.Thread(target=caller.run, daemon=True)
        thread.start()
        for _cut in range(10):
            over.wait(0.7)
            with psycopg.connect(installation.database, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [name]
                )
        seen = len(caller.orders)
        for _wait in range(100):
            if len(caller.orders) > seen + 2:
                break
            over.wait(0.2)
        over.set()
        thread.join(40)
    assert caller.fault is None
    assert len(caller.orders) > seen
    found = installation.python(COUNT)
    assert len(dict(found["contacts"])) == len(found["contacts"])
    assert {contact: dict(found["orders"]).get(contact) for contact in caller.orders} == caller.orders
