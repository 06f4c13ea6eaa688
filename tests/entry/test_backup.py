"""Backup while a server runs; restore verifies before it replaces."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest

from kefu.entry.backup import archive

FILL = """
from tests.cast import make_cast
from kefu.kit import moment
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
from django.conf import settings
cast = make_cast()
subject = Subject.objects.create(kind="order", number="A1", title="停水 😀\\\\N\\t\\n", owner=cast.agent)
record_one(actor_id=cast.agent.pk, subject_id=subject.pk, kind="note.added", data={"text": "张三"})
file = settings.FILES_ROOT / "ab" / "photo"
file.parent.mkdir(parents=True)
file.write_bytes(bytes(range(256)))
result = True
"""
LOOK = """
from django.conf import settings
from kefu.people.models import Staff
from kefu.timeline.models import Event, Subject
file = settings.FILES_ROOT / "ab" / "photo"
result = {
    "title": list(Subject.objects.values_list("number", "title")), "staff": Staff.objects.count(),
    "data": list(Event.objects.values_list("data", flat=True)),
    "file": file.read_bytes().hex() if file.exists() else "", "secret": (settings.STATE / "secrets" / "django").read_text(),
}
"""
SPOIL = """
from django.conf import settings
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
Subject.objects.filter(number="A1").update(title="spoilt")
record_one(actor_id=None, subject_id=Subject.objects.create(kind="order", number="A2").pk, kind="note.added")
(settings.FILES_ROOT / "ab" / "photo").unlink()
result = True
"""
GO_ON = """
import time
from kefu.timeline import feed
from kefu.timeline.models import Subject
from kefu.timeline.services import record_one
before = feed.end()
event = record_one(actor_id=None, subject_id=Subject.objects.create(kind="order", number="A9").pk, kind="note.added")
# On PostgreSQL an event is handed out once no older transaction of the whole server is open, those of other tests included.
until = time.monotonic() + 120
while not (found := [one.id for one in feed.read(before)]) and time.monotonic() < until:
    time.sleep(0.2)
result = found == [event.pk]
"""


@pytest.fixture
def filled(installation):
    installation.python(FILL)
    return installation


@pytest.fixture
def saved(filled, tmp_path):
    target = tmp_path / "copy.kefu"
    done = filled.kefu("backup", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    assert target.stat().st_mode & 0o777 == 0o600
    return target


def test_what_was_saved_comes_back(filled, saved):
    before = filled.python(LOOK)
    filled.python(SPOIL)
    assert filled.python(LOOK) != before
    done = filled.kefu("restore", str(saved))
    assert done.returncode == 0, done.stdout + done.stderr
    assert filled.python(LOOK) == before
    assert filled.python(GO_ON) is True
    assert len(list(filled.state.glob("before-restore-*"))) == 1


def test_backup_while_a_server_runs_and_restore_waits_for_its_end(filled, tmp_path):
    target = tmp_path / "online.kefu"
    with filled.serving():
        assert filled.kefu("backup", str(target)).returncode == 0
        done = filled.kefu("restore", str(target))
        assert done.returncode == 1
        assert "Stop it first" in done.stdout
    assert filled.kefu("restore", "--check", str(target)).returncode == 0


def _without(source, target, name: str, change=None) -> None:
    """Copy an archive, dropping or changing one member."""
    with tarfile.open(source, "r:gz") as old, tarfile.open(target, "w:gz") as new:
        for info in old:
            body = old.extractfile(info).read()
            if info.name.startswith(name):
                if change is None:
                    continue
                body = change(body)
                info.size = len(body)
            new.addfile(info, io.BytesIO(body))


def test_a_damaged_archive_changes_nothing(filled, saved, tmp_path):
    before = filled.python(LOOK)
    bad = tmp_path / "bad.kefu"
    whole = saved.read_bytes()
    makers = [
        lambda: _without(saved, bad, "files/"),
        lambda: _without(saved, bad, "manifest"),
        lambda: _without(saved, bad, "manifest", lambda body: body.replace(b'"format": 1', b'"format": 9')),
        lambda: bad.write_bytes(whole[: len(whole) // 2]),
        lambda: bad.write_bytes(b"no archive"),
        lambda: bad.write_bytes(gzip.compress(b"no tar")),
        lambda: _without(saved, bad, "files/", lambda body: body[::-1]),
    ]
    for number, make in enumerate(makers):
        make()
        with pytest.raises(archive.Damaged):
            archive.unpack(bad, tmp_path / f"unpacked{number}")
    done = filled.kefu("restore", str(bad))
    assert (done.returncode, "Nothing was changed" in done.stdout) == (1, True), done.stdout + done.stderr
    assert filled.python(LOOK) == before


def test_a_member_cannot_lead_out_of_the_folder(filled, saved, tmp_path):
    evil = tmp_path / "evil.kefu"
    _without(saved, evil, "nothing")
    with tarfile.open(evil, "r:gz") as old, tarfile.open(tmp_path / "evil2.kefu", "w:gz") as new:
        new.addfile(tarfile.TarInfo("files/../../outside"), io.BytesIO(b""))
        for info in old:
            new.addfile(info, old.extractfile(info))
    assert filled.kefu("restore", str(tmp_path / "evil2.kefu")).returncode == 1
    assert not (tmp_path / "outside").exists()


def test_secrets_can_stay_out(filled, tmp_path):
    target = tmp_path / "open.kefu"
    assert filled.kefu("backup", "--without-secrets", str(target)).returncode == 0
    with tarfile.open(target, "r:gz") as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
    assert not [name for name in names if name.startswith("secrets/")]
    assert manifest["secrets"] is False
    assert filled.kefu("restore", str(target)).returncode == 0
