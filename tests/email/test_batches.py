"""Letters of a batch: stored together as each would be by itself, in their order, none in the way of another."""

import base64

import pytest
from django.db import IntegrityError

from kefu.engines.clock.models import Obligation
from kefu.engines.mail import beside
from kefu.engines.search import cut
from kefu.engines.search.models import SearchDocument
from kefu.timeline.models import Event, Subject
from kefu.touch.channels.email import asking, services
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations.models import Attachment, Conversation, Message
from tests.conversations.makers import account
from tests.email.letters import letter

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def with_files(identifier: str) -> bytes:
    parts = [
        b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>'
        + "电梯坏了，请看照片".encode()
        + b"</p>",
        b'--b\nContent-Type: image/png; name="a.png"\nContent-ID: <p1>\nContent-Transfer-Encoding: base64\n\n' + base64.encodebytes(PNG),
        b'--b\nContent-Type: application/octet-stream; name="run.exe"\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAAEAAAA\n--b--\n',
    ]
    head = f"From: Li <li@home.example>\nTo: service@kefu.example\nSubject: a\tb\nMessage-ID: {identifier}\n"
    return head.encode() + b"\n".join(parts)


def take_in(batch, box):
    return services.ingest_many(services.sort([services.opened(data, box) for data in batch], box), account=box)


def told_of(model, conversation, at, *without):
    """The columns of the rows of a conversation, without what differs by nature."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in {"id", at, *without}]
    rows = model.objects.filter(**{at: conversation}).order_by("pk").values_list(*names)
    return [[value for name, value in zip(names, row, strict=True) if not name.endswith("at")] for row in rows]


def everything(conversation):
    line = Event.objects.filter(subject=conversation).order_by("pk")
    events = [(one.kind, one.clauses, one.audience, one.actor_id, sorted(one.data)) for one in line]
    files = Attachment.objects.filter(message__conversation=conversation)
    searched = SearchDocument.objects.get(subject=conversation)
    return {
        "subject": told_of(Subject, conversation, "id", "number"),
        "contact": told_of(Contact, conversation, "subject_id", "foreign_id", "tracking_code"),
        "talk": told_of(Conversation, conversation, "contact_id", "thread"),
        "message": told_of(Message, conversation, "conversation_id", "foreign_id"),
        "limits": told_of(Obligation, conversation, "subject_id"),
        "events": events,
        "files": [(one.cid, one.file.name, one.file.sha256, one.file.kind, one.file.subject_id == conversation) for one in files],
        "search": (searched.kind, searched.body, searched.text.replace(searched.title.lower(), ""), searched.title),
    }


@pytest.mark.parametrize("make", [letter, with_files, lambda identifier: letter(identifier, **{"Auto-Submitted": "auto-replied"})])
def test_a_letter_of_a_batch_is_stored_as_one_that_comes_by_itself(cast, make):
    box = account(cast)
    alone = services.ingest(make("<1@x.example>"), account=box).id
    assert take_in([make("<2@x.example>"), make("<3@x.example>")], box) == ["stored", "stored"]
    one = everything(alone)
    one["search"] = one["search"][:-1]
    for conversation in Conversation.objects.exclude(pk=alone).values_list("pk", flat=True):
        other = everything(conversation)
        assert other["search"][-1] == Subject.objects.get(pk=conversation).number
        other["search"] = other["search"][:-1]
        assert other == one
    if make is with_files:
        assert len(one["files"]) == 1
        assert "run.exe" in str(one["message"])


def test_a_known_customer_is_found_for_each(cast, signed_in):
    words = {"name": "张伟", "emails": "zhang@home.example"}
    made = signed_in(cast.agent).post("/api/v1/customers", words, content_type="application/json").json()["id"]
    take_in([letter("<1@x.example>"), letter("<2@x.example>", From="other@home.example")], account(cast))
    assert sorted(Contact.objects.values_list("customer_id", "name"), key=str) == sorted([(made, "张伟"), (None, "")], key=str)


def test_letters_of_a_batch_that_name_each_other_find_their_conversation_and_none_is_doubled(cast):
    box = account(cast)
    known = services.ingest(letter("<0@x.example>"), account=box).id
    batch = [
        letter("<1@x.example>"),
        letter("<2@x.example>", **{"In-Reply-To": "<1@x.example>"}),
        letter("<1@x.example>"),
        b"\x00\xff rubbish \x80",
        letter("<3@x.example>", **{"In-Reply-To": "<0@x.example>"}),
        letter("<4@x.example>", References="<0@x.example> <3@x.example>"),
        letter("<5@x.example>", From="service@kefu.example"),
        letter("<6@x.example>", text="好\x00的"),
    ]
    results = ["stored", "stored", "known", "quarantined", "stored", "stored", "quarantined", "stored"]
    assert take_in(batch, box) == results
    talks = dict(Message.objects.values_list("foreign_id", "conversation_id"))
    assert talks["<1@x.example>"] == talks["<2@x.example>"] != known
    assert talks["<3@x.example>"] == talks["<4@x.example>"] == known
    assert (len(talks), Conversation.objects.count()) == (6, 3)
    assert set(take_in(batch, box)) == {"known", "quarantined"}
    assert Message.objects.count() == 6


def test_what_stops_a_batch_is_put_aside_alone(cast, monkeypatch):
    box = account(cast)
    plain = services.talks.receive

    def together(**_words):
        raise IntegrityError("another process was quicker")

    def alone(**words):
        if words["incoming"].foreign_id == "<1@x.example>":
            raise ValueError("cannot be stored")
        return plain(**words)

    monkeypatch.setattr(services.beginnings, "begin", together)
    monkeypatch.setattr(services.talks, "receive", alone)
    assert take_in([letter(f"<{number}@x.example>") for number in range(3)], box) == ["stored", "quarantined", "stored"]


def test_many_are_read_by_a_process_beside_and_by_this_one_if_it_dies(cast, monkeypatch):
    monkeypatch.setattr(asking, "MANY", 1)
    batch = [letter("<1@x.example>"), with_files("<2@x.example>"), b"", letter("<3@x.example>")]

    def told(letters):
        return [{**one.as_json(), "files": [file.content() for file in one.attachments]} if one else None for one in letters]

    with asking._reading(len(batch)) as reading:
        assert reading.ask(batch)
        assert reading.ask(batch[:1])  # it need not wait for the answer to the first
        found = reading.answer(4)
        arrived = services._incoming(found[1], account(cast))
        assert arrived.cut == cut.beforehand(cut.of_message(arrived.title, arrived.reply))
        assert len(reading.answer(1)) == 1
        monkeypatch.setattr(asking, "BATCH_BYTES", 100)
        assert not reading.ask(batch)
        monkeypatch.undo()
    assert told(found) == told([services.reading.read(one) if one else None for one in batch])
    with beside.reader() as helper:
        dying = asking.Reading(helper)
        assert dying.ask(batch)
        helper.process.kill()
        helper.process.wait()
        assert len(dying.answer(4)) == 4
        assert not dying.ask(batch)
        assert dying.answer(4) == [None] * 4
