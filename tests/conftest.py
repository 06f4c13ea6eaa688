"""Tests that touch storage run on the database of ``KEFU_TEST_DATABASE`` (sqlite or postgresql://...); bin/test runs both."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta

_target = os.environ.get("KEFU_TEST_DATABASE", "sqlite")
if "KEFU_STATE" not in os.environ:
    os.environ["KEFU_STATE"] = tempfile.mkdtemp(prefix="kefu-test-")
    atexit.register(shutil.rmtree, os.environ["KEFU_STATE"], ignore_errors=True)
os.environ["KEFU_DATABASE"] = _target if _target.startswith("postgresql://") else os.environ["KEFU_STATE"] + "/kefu.sqlite3"
os.environ.setdefault("KEFU_SECRET_DJANGO", "tests-only-" + "x" * 40)
os.environ["KEFU_HOSTS"] = "*"
os.environ["DJANGO_SETTINGS_MODULE"] = "kefu.entry.settings"

import django  # noqa: E402

django.setup()

import pytest  # noqa: E402
from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.sqlite3 import base  # noqa: E402
from django.test import Client  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from kefu.engines.clock import rules as limits  # noqa: E402
from kefu.engines.forms import queries as forms  # noqa: E402
from kefu.entry import centre, drawn  # noqa: E402
from kefu.kit import moment  # noqa: E402
from kefu.people import actor as actors  # noqa: E402
from kefu.people import sign_in  # noqa: E402
from kefu.touch.knowledge import handling as readings  # noqa: E402
from tests import database_free  # noqa: E402
from tests.cast import Cast, make_cast  # noqa: E402
from tests.query_counts import assert_queries  # noqa: E402, F401
from tests.tables import copy_instead_of_migrating  # noqa: E402

# A busy machine is no fault of the code. Where a verdict on one commit is asked for (CI), the examples are drawn from the tests alone and
# are the same each time; elsewhere every run looks at others.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")

if connection.vendor == "sqlite":
    connection.settings_dict["TEST"]["NAME"] = ":memory:"  # pytest-django knows it of Django's own backend only
copy_instead_of_migrating()
# Argon2 stays the algorithm, with figures that do not slow the tests.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 64, 1

# Each test begins at ten in the morning of a working day, unless it holds another time: nothing depends on the hour or the day of the run.
MORNING = datetime(2026, 11, 18, 2, tzinfo=UTC)


class _Clock(datetime):
    """Runs on from there, in threads too."""

    began = 0.0

    @classmethod
    def now(cls, tz=None):
        return MORNING + timedelta(seconds=time.monotonic() - cls.began)


moment.datetime = _Clock

_plain_flush = base.DatabaseOperations.execute_sql_flush


def _flush_past_triggers(self, sql_list):
    """Emptying the tables between tests meets the triggers that keep events; they are lifted for just that, and set again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            _plain_flush(self, sql_list)
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)


base.DatabaseOperations.execute_sql_flush = _flush_past_triggers


def pytest_ignore_collect(collection_path):
    return True if _target != "sqlite" and collection_path in database_free.FILES else None


@pytest.fixture(autouse=True)
def _fresh_process(request):
    """Caches of the process and the fixed moment never leak from one test into the next."""
    database_free.check(request)
    actors.forget()
    centre.forget()
    drawn.forget()
    sign_in._sessions.clear()
    limits.forget()
    forms.forget()
    readings.forget()
    _Clock.began = time.monotonic()
    token = moment._fixed.set(None)
    yield
    moment._fixed.reset(token)


@pytest.fixture
def cast(db) -> Cast:
    """The people of the stories (tests/cast.py)."""
    return make_cast()


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
