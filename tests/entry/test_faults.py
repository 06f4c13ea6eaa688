"""A locked or absent database: a clear answer, no damage; and a doctor who says what is wrong."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from kefu.entry import doctor
from kefu.kit import assets
from kefu.people import sign_in
from kefu.timeline.models import Subject
from tests.installation import ROOT

WRITE_WHILE_LOCKED = """
import psycopg, sqlite3
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from kefu.timeline.models import Subject
from tests.installation import ROOT
Subject.objects.create(kind="order", number="A1")
if connection.vendor == "sqlite":
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
else:
    other = psycopg.connect(os.environ["KEFU_DATABASE"])
    other.execute("UPDATE timeline_subject SET title = 'held'")
with override_settings(ROOT_URLCONF="tests.entry.test_faults", ALLOWED_HOSTS=["*"]):
    answer = Client().get("/api/write")
other.close()
result = [answer.status_code, json.loads(answer.content)["code"], Subject.objects.get().title]
"""


def write(request):
    Subject.objects.update(title="written")
    return HttpResponse("written")


urlpatterns = [path("api/write", write)]


def test_a_long_lock_is_told_and_changes_nothing(installation):
    assert installation.python(WRITE_WHILE_LOCKED, KEFU_LOCK_WAIT="1") == [503, "unavailable", ""]


@pytest.mark.django_db(transaction=True)  # a request begins outside any transaction
def test_a_database_that_is_away_is_told_too(monkeypatch):
    def away(request):
        raise OperationalError("could not connect")

    monkeypatch.setattr(sign_in, "actor_of_request", away)
    with override_settings(ROOT_URLCONF="tests.entry.test_faults"):
        answer = Client().get("/api/write")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Subject.objects.exists(), "the connection goes on"


def test_the_doctor_is_content_with_a_running_house(installation):
    with installation.serving():
        done = installation.kefu("doctor")
    assert done.returncode == 0, done.stdout
    assert "worker: 1 alive" in done.stdout
    memory = next(line for line in done.stdout.splitlines() if "memory:" in line)
    assert int(memory.split("memory:")[1].split()[0]) < 200


def test_the_doctor_says_that_the_screens_are_bare(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "BUNDLE", tmp_path)
    assert [(one.level, bool(one.remedy)) for one in doctor.screens()] == [(doctor.WARN, True)]
    (tmp_path / "manifest.json").write_text('{"app.css": "1"}')
    assert [one.level for one in doctor.screens()] == [doctor.GOOD]


def test_the_doctor_names_the_fault_and_the_remedy(installation):
    installation.python("result = 1")
    secret = installation.state / "secrets" / "django"
    secret.chmod(0o644)
    done = installation.kefu("doctor", KEFU_LANGUAGE="zh")
    assert done.returncode == 1
    assert f"chmod -R go= {secret.parent}" in done.stdout
    assert "后台进程" in done.stdout


KILLED = """
import os, signal, django
django.setup()
from kefu.engines.rulebook import loader
from kefu.entry.demo import bulk, house
from kefu.people.actor import SYSTEM
units = house.build_units()
loader.load("property", actor=SYSTEM)
house.hire(units)
bulk.MANY = 1
bulk.make(300, months=2, progress=lambda _text: os.kill(os.getpid(), signal.SIGKILL))
"""
INDEXES = """
from django.db import connection
with connection.cursor() as cursor:
    source = "pg_indexes" if connection.vendor == "postgresql" else "sqlite_master WHERE type = 'index'"
    cursor.execute("SELECT count(*) FROM " + source)
    result = cursor.fetchone()[0]
"""


def test_indexes_that_a_killed_load_left_aside_are_missed_and_made_again(installation):
    whole = installation.python(INDEXES)
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "kefu.entry.settings"}
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert installation.python(INDEXES) < whole
    done = installation.kefu("doctor")
    assert done.returncode == 1
    assert "indexes: put aside by a load" in done.stdout
    assert "`kefu demo` makes them again" in done.stdout
    mended = installation.kefu("demo")
    assert mended.returncode == 0, mended.stderr
    assert installation.python(INDEXES) == whole
    assert "indexes:" not in installation.kefu("doctor").stdout


def test_a_taken_port_is_told(installation):
    with installation.serving("--no-worker") as serving:
        done = installation.kefu("serve", "--port", str(serving.port))
    assert done.returncode == 1
    assert "--port" in done.stdout
