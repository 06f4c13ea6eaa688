"""A number that a visitor leaves at night stands masked before colleagues, is revealed for a reason, and stays hers to read."""

from __future__ import annotations

import pytest

from kefu.engines.privacy import services as privacy
from kefu.engines.privacy.models import RevealLog
from kefu.kit import moment, phone
from kefu.kit.errors import NotAllowed, NotFound
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling, services
from kefu.touch.conversations.models import Conversation, Message
from tests.chat.makers import Browser, widget
from tests.conversations.makers import account, letter
from tests.property_centre import NOW

NUMBER, TURN = "13900002222", "13900002222\n下午打给我"


@pytest.fixture
def guest(cast):
    widget(cast, robot=True)
    return Browser().start(name="张伟")


@pytest.fixture
def left(cast, guest):
    """A talk with words first, and a number left with it afterwards."""
    with moment.frozen(NOW.replace(hour=18)):
        guest.send("转人工", "id-000001")
        assert guest.ask("leave", talk=True, phone=NUMBER, text="下午打给我", id="id-000002").status_code == 200
    return Message.objects.get(text=TURN)


def test_colleagues_read_it_masked_and_the_visitor_reads_it_whole(cast, guest, left, signed_in):
    talk = left.conversation_id
    agent = signed_in(cast.agent)
    for url in (f"/inbox/{talk}", f"/inbox/{talk}/turns?after={left.pk - 1}", "/inbox?tab=waiting", f"/contacts/{talk}"):
        page = agent.get(url)
        assert page.status_code == 200, url
        assert NUMBER not in page.content.decode(), url
    assert "139****2222" in agent.get(f"/inbox/{talk}/turns?after={left.pk - 1}").content.decode()
    told = agent.get(f"/api/v1/conversations/{talk}").json()["messages"]
    assert [one["text"] for one in told if one["id"] == left.pk] == ["139****2222\n下午打给我"]
    assert all(NUMBER not in f"{one['text']}{one['reply']}" for one in told)
    assert TURN in [text for own, text in guest.turns() if own]


def test_it_is_revealed_with_the_right_and_a_reason_and_that_is_logged(cast, left, signed_in):
    talk, field = left.conversation_id, f"turn{left.pk}"
    assert f"/privacy/reveal/{talk}/{field}" in signed_in(cast.manager).get(f"/inbox/{talk}").content.decode()
    assert privacy.reveal(actor=cast.actor(cast.manager), subject_id=talk, field=field, reason="回电") == NUMBER
    assert list(RevealLog.objects.values_list("subject_id", "field", "field_class")) == [(talk, field, "phone")]
    for person, refusal in ((cast.employee, NotAllowed), (cast.crew_leader, NotFound)):  # without the right; without sight of the talk
        with pytest.raises(refusal):
            privacy.reveal(actor=cast.actor(person), subject_id=talk, field=field, reason="回电")
    first = Message.objects.filter(conversation_id=talk).earliest("pk")
    for other in (f"turn{first.pk}", "turn0", "turn", "turnx", "turn99999999999999999999"):
        with pytest.raises(NotFound):
            privacy.reveal(actor=cast.actor(cast.manager), subject_id=talk, field=other, reason="回电")
    assert privacy.reveal(actor=cast.actor(cast.manager), subject_id=talk, field="phone", reason="回电") == "+8613900002222"


def test_a_turn_of_another_talk_is_not_revealed_by_this_one(cast, guest, left):
    other, _new = services.receive(account=account(cast), incoming=letter())
    with pytest.raises(NotFound):
        privacy.reveal(actor=cast.actor(cast.manager), subject_id=other.conversation_id, field=f"turn{left.pk}", reason="回电")


def test_a_talk_that_begins_by_a_number_is_not_named_by_it(cast, guest, signed_in):
    with moment.frozen(NOW.replace(hour=18)):
        assert guest.ask("leave", talk=True, phone=NUMBER, text="", id="id-000001").status_code == 200
    talk = Conversation.objects.select_related("contact__subject").get()
    assert (talk.title, talk.contact.content, talk.contact.subject.title) == ("139****2222",) * 3
    assert Contact.objects.get().phone == "+8613900002222"
    agent = signed_in(cast.agent)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    for url in ("/inbox", f"/inbox/{talk.pk}", f"/contacts/{talk.pk}", "/desk"):
        page = agent.get(url)
        assert page.status_code == 200, url
        assert NUMBER not in page.content.decode(), url


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13900002222\n下午", "13900002222"),
        ("+86 139 0000 2222", "+86 139 0000 2222"),
        ("0571-87654321", "0571-87654321"),
        ("(010) 62345678", "(010) 62345678"),
        ("+4915112345678", "+4915112345678"),
        ("我的表号\n13900002222", ""),
        ("330188812345", ""),
        ("12345", ""),
        ("2026112300012345", ""),
        ("139000022223", ""),
        ("", ""),
    ],
)
def test_only_a_number_alone_in_the_first_line_is_one(text, number):
    assert phone.leading(text) == number
