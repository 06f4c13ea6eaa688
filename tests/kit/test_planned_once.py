"""What is asked again and again is planned once a connection by PostgreSQL, and never where KEFU_PREPARE_AFTER=0 says so."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from kefu.engines.numbering.services import take
from kefu.entry import environment
from kefu.kit import hot, moment, prepared
from kefu.timeline.models import Subject

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that plans"),
]
TITLES = hot.Read(lambda: Subject.objects.filter(kind=hot.Slot("kind", Subject._meta.get_field("kind"))).values("title"))
TIMES = 8


def planned() -> dict[str, int]:
    """How often each statement that the driver gave over was run, as the server tells it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE name LIKE '_pg3%'")
        return dict(cursor.fetchall())


def times_of(words: str, told: dict[str, int]) -> list[int]:
    return [times for statement, times in told.items() if words in statement]


@pytest.fixture
def elsewhere(monkeypatch):
    """``elsewhere("0")`` reads again and again over a connection of its own, as the settings make it for that KEFU_PREPARE_AFTER."""

    def asked() -> dict[str, int]:
        try:
            for place in range(TIMES):
                assert TITLES(kind=f"nothing{place}") == []
            return planned()
        finally:
            connections.close_all()

    def make(after: str) -> dict[str, int]:
        monkeypatch.setenv("KEFU_DATABASE", os.environ["KEFU_TEST_DATABASE"])
        monkeypatch.setenv("KEFU_PREPARE_AFTER", after)
        given = environment.database(environment.state_folder())
        monkeypatch.setitem(connections.settings["default"], "OPTIONS", given["OPTIONS"])
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asked).result(30)

    return make


def test_a_read_is_planned_once(elsewhere):
    (times,) = times_of('"timeline_subject"."title"', elsewhere(""))
    assert TIMES - 4 <= times < TIMES, "from the fourth time on"


def test_so_are_a_number_and_a_write():
    for place in range(TIMES):
        take("XY", moment.now())
        prepared.insert([Subject(kind="order", number=f"N{place}")])
    assert len(times_of("nextval", planned())) == 1
    assert len(times_of('INSERT INTO "timeline_subject"', planned())) == 1


def test_nothing_is_where_a_pooler_cannot_keep_it(elsewhere):
    assert elsewhere("0") == {}


def test_nothing_is_compiled_to_machine_code():
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
