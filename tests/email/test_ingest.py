"""A letter from the pipe to the conversation: once, in its thread, and never lost."""

import io
import json
import sys

import pytest
from django.db import OperationalError

from kefu.entry.cli import main
from kefu.flows import erase_people
from kefu.kit.errors import Conflict, Invalid, NotFound
from kefu.touch.channels.email import handling, services
from kefu.touch.channels.email.models import Quarantined
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations import queries
from kefu.touch.conversations.models import Conversation, Message
from tests.conversations.makers import account
from tests.email.letters import letter


def test_a_letter_becomes_a_conversation_once(cast):
    account(cast)
    first, again = services.ingest(letter()), services.ingest(letter())
    assert (first.result, again.result, first.id) == ("stored", "known", again.id)
    talk = Conversation.objects.get()
    assert (talk.title, talk.address, talk.contact.name) == ("水管漏水", "zhang@home.example", "张伟")
    assert [row["reply"] for row in queries.messages(talk.pk)] == ["厨房水管漏水，请派人。"]


@pytest.mark.parametrize(
    "how",
    [
        {"In-Reply-To": "<1@home.example>"},
        {"References": "<0@elsewhere.example> <1@home.example> <9@elsewhere.example>"},
    ],
)
def test_an_answer_finds_its_conversation(cast, how):
    account(cast)
    first = services.ingest(letter())
    second = services.ingest(letter("<2@home.example>", "还没有人来", **how))
    assert (second.result, second.id) == ("stored", first.id)
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("place", ["subject", "to"])
def test_the_thread_word_is_enough(cast, place):
    account(cast)
    first = services.ingest(letter())
    word = Conversation.objects.get().thread
    told = {"Subject": f"Re: x [#{word}]"} if place == "subject" else {"To": f"Service+{word.lower()}@kefu.example"}
    assert services.ingest(letter("<2@other.example>", "补充", **told)).id == first.id


def test_a_stranger_who_guesses_no_word_begins_anew(cast):
    account(cast)
    first = services.ingest(letter())
    assert services.ingest(letter("<2@x.example>", "补充", Subject="Re: [#AAAAAAAAAAAAAAAA]")).id != first.id


def test_the_mailbox_is_told_by_the_addresses(cast):
    account(cast)
    account(cast, "repair@kefu.example", cast.repair)
    made = services.ingest(letter(To="Repair@Kefu.example"))
    assert Conversation.objects.get(pk=made.id).contact.subject.unit_path == cast.repair.path


def test_a_letter_to_nobody_waits_and_is_taken_in_by_hand(cast):
    box = account(cast)
    account(cast, "repair@kefu.example", cast.repair)
    kept = services.ingest(letter(To="somebody@kefu.example"))
    assert (kept.result, Message.objects.count()) == ("quarantined", 0)
    lead = cast.actor(cast.manager)
    with pytest.raises(Invalid):
        handling.take_in(actor=lead, id=kept.id)
    conversation = handling.take_in(actor=lead, id=kept.id, account_id=box.pk)
    assert Conversation.objects.get().pk == conversation
    assert Quarantined.objects.get().settled == "taken"
    with pytest.raises(NotFound):
        handling.lay_aside(actor=cast.actor(cast.agent), id=kept.id, reason="广告")


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 50, b"no header at all\n", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_letter_is_kept_word_for_word(cast, signed_in, data):
    account(cast)
    kept = services.ingest(data)
    services.ingest(data)
    row = Quarantined.objects.get()
    assert (kept.result, row.tries, row.file.size) == ("quarantined", 2, len(data))
    client = signed_in(cast.manager)
    assert client.get(f"/settings/mailboxes/quarantine/{row.pk}/raw").content == data
    assert client.get(f"/settings/mailboxes/quarantine/{row.pk}").status_code == 200
    handling.lay_aside(actor=cast.actor(cast.manager), id=row.pk, reason="广告")
    assert client.get("/api/v1/quarantine").json()["items"] == []


def test_a_letter_is_laid_aside_for_a_reason_that_stands_with_it_and_in_the_trail(cast, signed_in):
    kept = services.ingest(b"rubbish")
    client, page = signed_in(cast.manager), f"/settings/mailboxes/quarantine/{kept.id}"
    for nothing in ("", "  ", "\0"):
        refused = client.post(f"{page}/do/lay_aside", {"reason": nothing}, headers={"HX-Request": "true"})
        assert "lay_aside" in refused.content.decode(), nothing
        assert Quarantined.objects.get().settled == ""
    with pytest.raises(Invalid):
        handling.lay_aside(actor=cast.actor(cast.manager), id=kept.id, reason=" ")
    api = f"/api/v1/quarantine/{kept.id}/commands/lay_aside"
    assert client.post(api, {}, content_type="application/json").status_code == 422
    assert client.post(api, {"reason": "x" * 501}, content_type="application/json").status_code == 422
    client.post(f"{page}/do/lay_aside", {"reason": "群发广告，非客户来信"})
    row = Quarantined.objects.get()
    assert (row.settled, row.reason, row.settled_by_id) == ("aside", "群发广告，非客户来信", cast.manager.pk)
    shown = client.get(page).content.decode()
    assert "群发广告，非客户来信" in shown
    assert cast.manager.name in shown
    assert client.post(api, {"reason": "再次"}, content_type="application/json").status_code == 409
    with pytest.raises(Invalid):
        handling.take_in(actor=cast.actor(cast.manager), id=kept.id)
    row.refresh_from_db()
    assert (row.settled, row.reason) == ("aside", "群发广告，非客户来信"), "what still cannot be taken in stays where it is"
    services.ingest(b"rubbish")
    row.refresh_from_db()
    assert (row.settled, row.reason, row.tries) == ("", "", 2), "what comes again is looked at again"


def test_a_letter_that_was_laid_aside_is_found_and_taken_in_after_all(cast, signed_in):
    box, lead = account(cast), cast.actor(cast.manager)
    account(cast, "repair@kefu.example", cast.repair)
    kept = services.ingest(letter(To="somebody@kefu.example", Subject="忘了写门牌"))
    handling.lay_aside(actor=lead, id=kept.id, reason="以为是广告")
    client = signed_in(cast.manager)
    assert "忘了写门牌" not in client.get("/settings/mailboxes").content.decode()
    listed = client.get("/settings/mailboxes?letters=aside").content.decode()
    assert f"/settings/mailboxes/quarantine/{kept.id}" in listed
    assert "忘了写门牌" in listed
    conversation = handling.take_in(actor=lead, id=kept.id, account_id=box.pk)
    assert Conversation.objects.get().pk == conversation
    assert Quarantined.objects.get().settled == "taken"
    assert "忘了写门牌" not in client.get("/settings/mailboxes?letters=aside").content.decode()
    with pytest.raises(Conflict):
        handling.take_in(actor=lead, id=kept.id)


def test_what_was_erased_is_taken_in_no_more(cast):
    account(cast)
    account(cast, "repair@kefu.example", cast.repair)
    kept = services.ingest(letter(To="somebody@kefu.example"))
    erase_people.erase_quarantined([kept.id])
    with pytest.raises(Conflict):
        handling.take_in(actor=cast.actor(cast.manager), id=kept.id)
    assert Quarantined.objects.get().settled == "aside"


def test_a_letter_that_breaks_its_reader_stops_no_other(cast, monkeypatch):
    account(cast)
    plain = services.reading.read

    def reader(data):
        if b"evil" in data:
            raise RecursionError("too deep")
        return plain(data)

    monkeypatch.setattr(services.reading, "read", reader)
    results = [services.ingest(letter(f"<{n}@x.example>", text)).result for n, text in enumerate(("gut", "evil", "gut"))]
    assert results == ["stored", "quarantined", "stored"]


def test_a_database_that_is_away_keeps_the_letter_with_the_sender(cast, monkeypatch):
    def away(**_words):
        raise OperationalError("database is locked")

    account(cast)
    monkeypatch.setattr(services.talks, "receive", away)
    with pytest.raises(OperationalError):
        services.ingest(letter())
    assert Quarantined.objects.count() == 0


def test_a_bounce_stands_with_its_conversation_and_changes_no_turn(cast):
    account(cast)
    first = services.ingest(letter())
    talks.take(actor=cast.actor(cast.agent), id=first.id)
    talks.close(actor=cast.actor(cast.agent), id=first.id, wrap_up="answered")
    bounce = letter("<b@mx.example>", "Returned", From="MAILER-DAEMON@mx.example", Subject="Undelivered Mail Returned to Sender",
                    **{"In-Reply-To": "<1@home.example>", "Auto-Submitted": "auto-replied"})  # fmt: skip
    assert services.ingest(bounce).id == first.id
    assert Conversation.objects.get().state == "closed"
    assert [row["auto"] for row in queries.messages(first.id)] == ["", "bounce"]


def pipe(monkeypatch, data: bytes, *words: str) -> int:
    class Standard:
        buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Standard())
    return main(["mail", "ingest", *words])


def test_the_pipe_says_what_became_of_it(cast, monkeypatch, capsysbinary):
    account(cast)
    assert pipe(monkeypatch, letter()) == 0
    assert json.loads(capsysbinary.readouterr().out)["result"] == "stored"
    assert pipe(monkeypatch, b"rubbish") == 0
    assert json.loads(capsysbinary.readouterr().out)["result"] == "quarantined"
    assert pipe(monkeypatch, letter("<3@x.example>"), "--to", "Service@kefu.example") == 0
    assert pipe(monkeypatch, letter("<4@x.example>"), "--to", "nobody@kefu.example") == 67


def test_the_pipe_asks_to_be_tried_again(cast, monkeypatch, capsysbinary):
    def away(*_words, **_more):
        raise OperationalError("database is locked")

    account(cast)
    monkeypatch.setattr(services, "_take_in", away)
    assert pipe(monkeypatch, letter()) == 75
