"""Files go both ways in a chat: checked, without traces, and only for the two sides of the talk."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.engines.files import services as files
from kefu.engines.files.models import StoredFile
from kefu.touch.conversations import handling
from kefu.touch.conversations.models import Conversation, Message
from tests.chat.makers import SITE, Browser, widget
from tests.files.makers import jpeg


@pytest.fixture
def guest(cast):
    widget(cast)
    return Browser().start(name="张伟")


def send_file(guest, name: str, content: bytes, id: str, text: str = ""):  # noqa: A002
    words = {"token": guest.token, "id": id, "text": text, "after": "0", "file": SimpleUploadedFile(name, content)}
    return guest.client.post("/chat/send", words, headers={"Origin": SITE})


def test_a_picture_of_a_visitor_is_kept_without_its_traces_and_shown_on_both_sides(cast, guest, signed_in):
    assert b"Exif" in jpeg()
    for _twice in range(2):
        turn = send_file(guest, "漏水.jpg", jpeg(), "id-000001").json()["turns"][0]
    assert (turn["text"], turn["id"], [(one["name"], one["type"]) for one in turn["files"]]) == (
        "",
        "id-000001",
        [("漏水.jpg", "image/jpeg")],
    )
    assert Message.objects.count() == 1
    talk = Conversation.objects.get()
    assert (talk.title, StoredFile.objects.get().subject_id) == ("漏水.jpg", talk.pk)
    number = turn["files"][0]["id"]
    shown = guest.ask("file", file=number)
    assert (shown.status_code, shown.headers["Content-Type"], b"Exif" in shown.content) == (200, "application/octet-stream", False)
    assert shown.headers["Access-Control-Allow-Origin"] == SITE
    assert [Browser().start().ask("file", file=one).status_code for one in (number, "x")] == [404, 404]
    page = signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
    assert f'<img class="rounded border" style="max-height:10rem;max-width:100%" loading="lazy" src="/files/{number}/' in page


def test_what_the_agent_sends_with_a_reply_is_there_for_the_visitor_and_a_note_is_not(cast, guest):
    guest.send("请发一下收费标准", "id-000001")
    talk, agent = Conversation.objects.get(), cast.actor(cast.agent)
    price = files.add(actor=agent, upload=io.BytesIO("每平方米 2.5 元".encode()), name="收费标准.txt")
    handling.reply(actor=agent, id=talk.pk, text="请看附件", files=[price.pk])
    turn = guest.ask("turns").json()["turns"][-1]
    assert [one["name"] for one in turn["files"]] == ["收费标准.txt"]
    assert guest.ask("file", file=price.pk).content.decode() == "每平方米 2.5 元"
    beside = files.add(actor=agent, upload=io.BytesIO(b"inside"), name="inside.txt", subject_id=talk.pk)
    assert guest.ask("file", file=beside.pk).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "word"),
    [
        ("a.exe", b"MZ" + b"x" * 100, 422, "程序"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "image/svg"),
        ("a.jpg", b"", 422, "空"),
        ("a.txt", b"x" * (10 * 1024 * 1024 + 1), 413, "10"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_with_a_sentence_and_nothing_of_it_is_kept(cast, guest, name, content, status, word):
    refused = send_file(guest, name, content, "id-000001", text="请看")
    assert refused.status_code == status
    assert word in refused.content.decode()
    assert (Message.objects.count(), Conversation.objects.count(), StoredFile.objects.count()) == (0, 0, 0)
