"""What other systems send: strange letters, far too much, another encoding, files that lie; refused in words, never a fault."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.cases.complaints.models import Complaint
from kefu.engines.files.models import StoredFile
from kefu.engines.imports.pages import _download
from kefu.people.services import make_token
from kefu.touch.contacts.models import Contact
from tests import cases
from tests.desk.test_faults import STRANGE

HUGE = "水" * 7_000_000  # 20 MB as UTF-8
PROBLEM = "application/problem+json"
PROGRAM = b"MZ\x90\x00\x03" + b"\x00" * 200


@pytest.fixture
def api(cast):
    """``api("agent")`` is a client with that person's token; it asks for Chinese."""

    def of(name):
        actor = cast.actor(getattr(cast, name))
        token = make_token(actor=actor, name="t", rights=sorted(actor.rights))[1]
        return Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh-CN"})

    return of


@pytest.mark.parametrize("text", STRANGE)
def test_strange_letters_are_kept_or_cleaned_by_the_api_too(api, text):
    body = {"content": text, "name": text[:20], "address": text, "foreign_id": "S-1"}
    client = api("agent")
    made = client.post("/api/v1/contacts", json.dumps(body), content_type="application/json")
    assert made.status_code in (201, 422), made.content
    if made.status_code == 201:
        kept = client.get(f"/api/v1/contacts/{made.json()['id']}").json()["content"]
        assert kept == Contact.objects.get().content == text.replace("\x00", "").replace("\x07", "").replace("a\u0301", "á")
    else:
        assert made["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("contacts", {"content": HUGE}),
        ("contacts", {"content": "停水", "name": HUGE}),
        ("complaints", {"content": HUGE}),
        ("orders", {"contact_id": 1, "order_type": "repair", "record": {"content": HUGE}}),
    ],
    ids=["content", "name", "complaint", "record"],
)
def test_twenty_megabytes_are_refused_in_words_by_the_api_too(api, path, body):
    answer = api("receptionist").post(f"/api/v1/{path}", json.dumps(body, ensure_ascii=False), content_type="application/json")
    assert answer.status_code in (404, 413, 422)
    assert answer["Content-Type"] == PROBLEM
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["title"])
    assert len(answer.content) < 20_000, "what was too long is not sent back"
    assert Contact.objects.count() == Complaint.objects.count() == 0


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "big5"])
def test_another_encoding_is_refused_in_words(api, encoding):
    body = '{"content": "保洁態度差"}'.encode(encoding, "replace")
    answer = api("agent").post("/api/v1/contacts", body, content_type="application/json")
    assert answer.status_code in (201, 400, 422)
    assert answer.status_code == 201 or answer["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("photo.jpg", PROGRAM), ("bill.pdf", PROGRAM), ("scan.png", b"<html><script>alert(1)</script></html>"),
        ("list.xlsx", b"PK\x03\x04 no zip"), ("photo.png", b""),
    ],
)  # fmt: skip
def test_a_file_that_lies_is_refused_on_the_page_and_by_the_api(cast, api, signed_in, name, body):
    order = cases.accepted(cast)
    sent = api("crew_leader").post("/api/v1/files", {"file": SimpleUploadedFile(name, body), "subject_id": order.pk})
    assert sent.status_code == 422, sent.content
    assert sent["Content-Type"] == PROBLEM
    page = signed_in(cast.crew_leader).post(f"/files/subjects/{order.pk}", {"file": SimpleUploadedFile(name, body)})
    assert page.status_code == 422
    assert any("\u4e00" <= letter <= "\u9fff" for letter in page.content.decode())
    assert not StoredFile.objects.exists()


def test_a_cell_that_begins_like_a_formula_is_a_text_for_excel():
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "漏水=1"]
    lines = _download("a.csv", [cells]).content.decode("utf-8-sig").strip().split(",")
    assert lines == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "漏水=1"]
