"""What an upgrade does to a filled centre."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from kefu.engines.clock.models import Obligation
from kefu.kit import moment
from kefu.timeline.models import Subject


@pytest.mark.django_db
def test_a_filled_centre_gets_fresh_statistics_of_its_limits():
    at = moment.now()
    subject = Subject.objects.create(kind="job", number="J-1", title="x")
    rows = [Obligation(subject=subject, code=f"c{n % 3}", name="x", started_at=at, due_at=at + timedelta(hours=n)) for n in range(30)]
    Obligation.objects.bulk_create(rows)
    # The editor of SQLite wants to be outside of the transaction in which a test runs; what it is asked is the same.
    with connection.cursor() as cursor:
        import_module("kefu.engines.clock.migrations.0005_near").analyze(apps, cursor)
    asked = {
        "sqlite": "SELECT stat FROM sqlite_stat1 WHERE idx LIKE 'clock_oblig_code_%'",
        "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'clock_obligation'",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        (told,) = cursor.fetchone()
    assert float(str(told).split()[0]) == 30
