"""Uploads: told by content, kept once, nothing left behind when refused, shown only to those who may."""

import errno
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from kefu.engines.files import kinds, pictures, queries, services
from kefu.engines.files import store as places
from kefu.engines.files.models import StoredFile
from kefu.kit.errors import KefuError, NotAllowed, NotFound, Unavailable
from kefu.timeline.models import Event
from tests.files.makers import chunk, jpeg, office, picture, png
from tests.forms.makers import subject


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    with translation.override("en"):
        yield settings.FILES_ROOT


def kept(root):
    return [path for path in root.rglob("*") if path.is_file()]


def put(cast, name, body, **more):
    return services.store(actor_id=cast.crew.pk, upload=SimpleUploadedFile(name, body), **more)


def test_equal_bytes_lie_there_once(cast, root):
    first, second = put(cast, "a.txt", "你好".encode()), put(cast, "b.txt", "你好".encode())
    assert first.sha256 == second.sha256
    assert len(kept(root)) == 1
    assert services.read(first.pk) == "你好".encode()
    assert kept(root)[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("照片.png", png(), "image/png"),
        ("x.jpg", jpeg(), "image/jpeg"),
        ("说明.docx", office(), kinds.DOCUMENTS[1]),
        ("a.pdf", b"%PDF-1.7\n...", "application/pdf"),
        ("gb.csv", "姓名,电话\n王强,1\n".encode("gb18030") * 2000, "text/csv"),
        ("u16.txt", "你好".encode("utf-16"), "text/plain"),
        ("no-ending", "一段话".encode(), "text/plain"),
    ],
)
def test_a_type_is_told_by_content(cast, name, body, media_type):
    assert put(cast, name, body).media_type == media_type


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("setup.exe", b"hello", "file_program"),
        ("photo.jpg", b"MZ\x90\x00" + bytes(100), "file_program"),
        ("run.txt", b"#!/bin/sh\nrm -rf /", "file_program"),
        ("photo.jpg", b"%PDF-1.7", "file_lie"),
        ("photo.png", jpeg(), "file_lie"),
        ("photo.jpg", b"<html><script>alert(1)</script>", "file_lie"),
        ("page.txt", b"  <!DOCTYPE html><script>", "file_lie"),
        ("picture.svg", b"<svg onload='alert(1)'></svg>", "file_type"),
        ("drawing", b"<?xml version='1.0'?><svg/>", "file_type"),
        ("doc.docx", b"PK\x03\x04broken", "file_broken"),
        ("macro.docx", office(word__vbaProject__bin=b"x"), "file_lie"),
        ("macro.docx", office(**{"word/vbaProject.bin": b"x"}), "file_program"),
        ("bomb.docx", office(**{"word/media/a": bytes(40_000_000)}), "file_bomb"),
        ("short.png", png()[:40], "file_broken"),
        ("wrong-sum.png", png()[:-5] + b"\x00" + png()[-4:], "file_broken"),
        ("short.jpg", jpeg()[:60], "file_broken"),
        ("noise.bin", bytes(range(256)), "file_program"),
        ("noise.dat", bytes(range(256)), "file_type"),
        ("empty.txt", b"", "file_empty"),
        ("old.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "file_lie"),
    ],
)
def test_lies_programs_and_bombs_are_refused_and_leave_nothing(cast, root, name, body, code):
    if code == "file_lie" and name == "macro.docx":
        body = office(**{"xl/x": b"1"}).replace(b"word/", b"xxxx/")
    with pytest.raises(KefuError) as refused:
        put(cast, name, body)
    assert refused.value.code == code
    assert refused.value.message()
    assert kept(root) == []
    assert not StoredFile.objects.exists()


def test_what_is_too_large_is_refused_with_413(cast, root):
    with pytest.raises(KefuError) as refused:
        put(cast, "a.txt", b"x" * 2_000_000, max_bytes=1024 * 1024)
    assert refused.value.status == 413
    assert "1 MB" in refused.value.message()


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photo_loses_place_and_device_and_keeps_its_picture(orientation):
    bare = pictures.without_traces("image/jpeg", jpeg(orientation))
    for trace in (b"GPS", b"comment", b"film"):
        assert trace not in bare
    assert b"picture\xff\x00data" in bare
    assert (b"Exif" in bare) is (orientation == 6)
    assert pictures.without_traces("image/jpeg", bare) == bare
    traced = png(chunk(b"tEXt", b"Author\x00me"), chunk(b"eXIf", b"GPS"))
    assert pictures.without_traces("image/png", traced) == png()


def test_a_full_disk_is_said_and_leaves_nothing(cast, root, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as refused:
        put(cast, "a.txt", b"hello")
    assert refused.value.code == "disk_full"
    assert kept(root) == []
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\报告.docx", "报告.docx"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("  ..  ", "file"),
        ("x" * 300 + ".pdf", "x" * 156 + ".pdf"),
        ("a\r\nSet-Cookie: b.txt", "aSet-Cookie_ b.txt"),
    ],
)
def test_names_are_cleaned(given, clean):
    assert kinds.clean_name(given) == clean


def test_a_file_is_seen_with_its_subject_or_by_its_uploader(cast):
    case = subject(cast.team)
    loose = put(cast, "a.txt", b"1")
    held = put(cast, "b.txt", b"2", subject_id=case.pk)
    seen = lambda who: set(queries.visible_to(cast.actor(who)).values_list("pk", flat=True))  # noqa: E731
    assert seen(cast.crew) == {loose.pk, held.pk}
    assert seen(cast.repair_head) == {held.pk}
    assert seen(cast.cleaning_head) == set()
    services.attach(actor=cast.actor(cast.crew), file_ids=[loose.pk], subject_id=case.pk)
    assert seen(cast.repair_head) == {loose.pk, held.pk}
    with pytest.raises(NotFound):
        services.attach(actor=cast.actor(cast.cleaning_head), file_ids=[loose.pk], subject_id=case.pk)
    with pytest.raises(KefuError) as elsewhere:
        services.attach(actor=cast.actor(cast.crew), file_ids=[held.pk], subject_id=subject(cast.team, "T-2").pk)
    assert elsewhere.value.code == "file_elsewhere"
    assert Event.objects.filter(kind="file.added").count() == 2


def test_a_file_is_withdrawn_with_a_reason_and_kept_as_evidence(cast, root, signed_in):
    held = put(cast, "b.txt", b"2", subject_id=subject(cast.team).pk)
    with pytest.raises(NotAllowed):
        services.void(actor=cast.actor(cast.crew_leader), file_id=held.pk, reason="x")
    services.void(actor=cast.actor(cast.crew), file_id=held.pk, reason="传错了")
    assert signed_in(cast.crew).get(f"/files/{held.pk}/b.txt").status_code == 404
    assert len(kept(root)) == 1
    assert Event.objects.get(kind="file.voided").data["reason"] == "传错了"


def test_the_sweep_takes_only_what_nobody_names(cast, root):
    put(cast, "a.txt", b"named")
    places.store().put(iter([b"orphan"]))
    (root / "drafts" / "half").write_bytes(b"x")
    assert services.sweep() == 0
    assert services.sweep(older_than=-1) == 1
    assert len(kept(root)) == 1


def body_of(response):
    return b"".join(response.streaming_content)


def test_a_file_is_served_whole_in_ranges_and_not_again(cast, signed_in):
    client = signed_in(cast.crew)
    url = f"/files/{put(cast, '数据.txt', b'0123456789').pk}/x"
    whole = client.get(url)
    assert body_of(whole) == b"0123456789"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Disposition"] == "inline; filename*=UTF-8''%E6%95%B0%E6%8D%AE.txt"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = client.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, body_of(part), part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert body_of(client.get(url, headers={"Range": "bytes=-3"})) == b"789"
    assert body_of(client.get(url, headers={"Range": "bytes=8-"})) == b"89"
    assert client.get(url, headers={"Range": "bytes=20-30"}).status_code == 416
    assert client.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    saved = client.get(url + "?download")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert body_of(saved) == b"0123456789"
    assert signed_in(cast.cleaning_head).get(url).status_code == 404


def test_a_record_takes_files_on_its_page_and_by_the_api(cast, signed_in):
    case = subject(cast.team)
    client = signed_in(cast.crew)
    shown = client.post(f"/files/subjects/{case.pk}", {"file": [picture(), picture("b.png")]}, headers={"HX-Request": "true"})
    assert shown.content.decode().count("照片.png") >= 1
    made = client.post("/api/v1/files", {"file": picture("c.png"), "subject_id": case.pk})
    assert made.status_code == 201
    assert made.json()["name"] == "c.png"
    assert len(client.get(f"/api/v1/subjects/{case.pk}/files").json()) == 3
    assert body_of(client.get(f"/api/v1/files/{made.json()['id']}/content")) == png()
    lie = client.post("/api/v1/files", {"file": SimpleUploadedFile("a.pdf", png())})
    assert (lie.status_code, lie.json()["code"]) == (422, "file_lie")
    assert client.post("/api/v1/files", {"file": picture(), "subject_id": subject(cast.cleaning, "T-3").pk}).status_code == 404
    gone = client.post(f"/api/v1/files/{made.json()['id']}/void", {"reason": "传错了"}, content_type="application/json")
    assert gone.json()["voided_at"]
