"""A property service centre: the packs ``general`` and ``property`` loaded once for a folder of tests, the cast in the posts that ship.

A folder takes it by importing the fixtures in its ``conftest.py``. Everything stands in one outer transaction of the folder; each test
works in a savepoint that is taken back. Tests that need commits (threads) stand elsewhere.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client

from kefu.cases.workorders import routing
from kefu.engines.clock import calendars
from kefu.engines.clock import rules as limits
from kefu.engines.rulebook import loader
from kefu.engines.rulebook import queries as rulebook
from kefu.engines.rulebook.checks import Book
from kefu.kit import moment
from kefu.people import actor as actors
from kefu.people import sign_in
from kefu.people.actor import SYSTEM
from kefu.people.models import Holding, Post
from tests.cast import Cast, make_cast

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOUNDED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """``2026-09-30 17:00``, by the clock on the wall of the centre."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


NOW = at("2026-03-04 10:00")  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def forget() -> None:
    """Drop every cache of the process."""
    for one in (actors, limits, calendars, rulebook, routing):
        one.forget()
    sign_in._sessions.clear()


@cache
def _book() -> Book:
    return loader.sound("property")


def found_centre() -> Cast:
    """The cast, then the packs: the posts of the cast become those that ship."""
    with moment.frozen(FOUNDED):
        cast = make_cast()
        loader.load(_book(), actor=SYSTEM)
        handler = Post.objects.get(code="unit_handler")
        # The crews take what the rules send to their department.
        Holding.objects.bulk_create(Holding(staff=one, post=handler, unit=cast.repair) for one in (cast.crew_leader, cast.crew))
    forget()
    return cast


@pytest.fixture(scope="package")
def _founded(django_db_setup, django_db_blocker) -> Iterator[Cast]:
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
        try:
            yield found_centre()
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)
            connection.close()
            forget()


@pytest.fixture
def db(_founded, django_db_blocker) -> Iterator[None]:
    """The database of the folder; what a test writes is taken back."""
    with django_db_blocker.unblock(), moment.frozen(NOW):
        block = transaction.atomic()
        block.__enter__()
        try:
            yield
            if not connection.needs_rollback:
                connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            block.__exit__(None, None, None)
            forget()


@pytest.fixture
def cast(db, _founded) -> Cast:
    """The people of the stories in the posts that ship, at ten in the morning of a working day."""
    return copy.deepcopy(_founded)


@pytest.fixture
def signed_in(cast):
    """``signed_in(cast.agent)`` gives a test client in that person's session."""

    def make(staff) -> Client:
        client = Client()
        session = client.session
        session[sign_in.STAFF_KEY] = staff.pk
        session.save()
        client.cookies["sessionid"] = session.session_key
        return client

    return make
