"""The store refuses: a full disk, a lock that lasts. A clear word, no damage, and all goes on afterwards."""

from __future__ import annotations

import resource
import sqlite3
import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.house import COUNT, Caller, running
from tests.installation import TARGET


def report(house, foreign, language="en"):
    return house.ask("/api/v1/contacts", {"channel": "api", "foreign_id": foreign, "content": "漏水" * 200}, foreign, language)


def is_unavailable(status, answer, language="en"):
    """A refusal in words: nothing was changed, try again."""
    told = {"en": "try again", "zh": "重试"}[language]
    return status == 503 and answer["code"] == "unavailable" and answer["status"] == 503 and told in answer["title"]


FULL = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$")
    cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON timeline_event EXECUTE FUNCTION full_disk()")
result = 0
"""
FREED = "from django.db import connection\nconnection.cursor().execute('DROP TRIGGER full_disk ON timeline_event')\nresult = 0"


def fill_disk(house):
    """SQLite: the web process may not make any file longer than the database is. PostgreSQL: its server answers as with a full disk."""
    if TARGET.startswith("postgresql"):
        house.installation.python(FULL)
        return
    size = Path(house.installation.database).stat().st_size + 100_000
    resource.prlimit(house.web(), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def free_disk(house):
    if TARGET.startswith("postgresql"):
        house.installation.python(FREED)
    else:
        resource.prlimit(house.web(), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def until_refused(house, written):
    for turn in range(2000):
        status, answer = report(house, f"full-{turn}")
        if status != 201:
            return f"full-{turn}", status, answer
        written.append(f"full-{turn}")
    raise AssertionError("the disk never became full")


def test_a_full_disk_is_told_and_all_goes_on_when_there_is_room_again(installation):
    with running(installation) as house:
        written = ["before"]
        assert report(house, "before")[0] == 201
        pid = house.web()
        fill_disk(house)
        refused, status, answer = until_refused(house, written)
        assert is_unavailable(status, answer), (status, answer)
        assert is_unavailable(*report(house, refused, "zh-CN"), language="zh")
        assert {foreign for foreign, _pk in installation.python(COUNT)["contacts"]} == set(written)
        free_disk(house)
        assert report(house, refused)[0] == 201
        assert report(house, written[-1])[0] == 200, "what was acknowledged is known"
        assert house.web() == pid, "nobody had to start it again"
    assert {foreign for foreign, _pk in installation.python(COUNT)["contacts"]} == {*written, refused}


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
    with running(installation) as house:
        assert report(house, "before")[0] == 201
        other = hold(installation)
        try:
            told = {language: report(house, "meanwhile", language) for language in ("zh", "en")}
        finally:
            other.close()
        assert all(is_unavailable(*answer, language=language) for language, answer in told.items()), told
        assert report(house, "meanwhile")[0] == 201
        assert report(house, "before")[0] == 200
    assert {foreign for foreign, _pk in installation.python(COUNT)["contacts"]} == {"before", "meanwhile"}


@pytest.mark.skipif(not TARGET.startswith("postgresql"), reason="SQLite has no server that could cut a line")
def test_cut_lines_to_the_database_are_told_and_taken_up_again(installation):
    name = urlsplit(installation.database).path.strip("/")
    over = threading.Event()
    with running(installation) as house:
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
