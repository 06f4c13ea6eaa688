"""What arrives becomes a conversation once, and its turns decide whose turn it is."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from kefu.engines.clock.models import Obligation
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kefu.people.models import Staff
from kefu.touch.contacts.choices import Outcome
from kefu.touch.contacts.models import Contact
from kefu.touch.conversations import handling, queries, services
from kefu.touch.conversations.choices import Auto, State
from kefu.touch.conversations.models import Conversation, Message
from kefu.touch.conversations.services import Enclosed
from kefu.touch.customers.models import ContactPoint
from tests import cases
from tests.conversations.makers import account, letter, written
from tests.property_centre import DAY, NOW


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(made, "PNG")
    return made.getvalue()


def test_the_same_letter_twice_is_one_contact(cast):
    one, new = services.receive(account=account(cast), incoming=letter())
    again, second = services.receive(account=account(cast), incoming=letter(title="anders"))
    assert (new, second, one.pk) == (True, False, again.pk)
    assert (Contact.objects.count(), Conversation.objects.count(), Message.objects.count()) == (1, 1, 1)
    contact = one.conversation.contact
    assert (contact.name, contact.content, contact.channel, contact.subject.title) == ("张伟", "厨房水管漏水", "email", "水管漏水")
    assert contact.subject.unit_path == cast.centre.path


def test_two_mailboxes_keep_their_own_copy(cast):
    services.receive(account=account(cast), incoming=letter())
    _message, new = services.receive(account=account(cast, "repair@kefu.example", cast.repair), incoming=letter())
    assert new
    assert Conversation.objects.count() == 2


def test_an_overlong_identifier_is_known_again(cast):
    services.receive(account=account(cast), incoming=letter(foreign_id="x" * 900))
    _message, new = services.receive(account=account(cast), incoming=letter(foreign_id="x" * 900))
    assert not new


def test_the_customer_is_known_by_the_address(cast):
    resident = cases.resident(cast, name="张大伟")
    ContactPoint.objects.create(customer=resident, kind="email", value="zhang@home.example")
    contact = written(cast).contact
    assert (contact.customer_id, contact.name, contact.address) == (resident.pk, "张大伟", "3栋1201")


def test_one_address_of_two_customers_is_nobodys(cast):
    for name, number in (("张一", "13800000001"), ("张二", "13800000002")):
        ContactPoint.objects.create(customer=cases.resident(cast, name, number), kind="email", value="zhang@home.example")
    assert written(cast).contact.customer_id is None


def test_files_are_kept_and_what_is_refused_is_named(cast):
    program = Enclosed("setup.exe", lambda: b"MZ" + b"\0" * 200)
    made, _new = services.receive(
        account=account(cast), incoming=letter(files=[Enclosed("漏水.png", picture, cid="p1"), program])
    )  # fmt: skip
    (kept,) = queries.attachments([made.pk])[made.pk]
    assert (kept["file__name"], kept["cid"]) == ("漏水.png", "p1")
    assert "setup.exe" in made.trouble


def test_nul_and_endless_text_are_stored(cast):
    made, _new = services.receive(account=account(cast), incoming=letter(text="a\x00b" * 600_000, reply="a\x00b", title="x\x00" * 300))
    assert (len(made.text), made.reply, len(made.conversation.title)) == (services.MOST_TEXT, "ab", 200)


def test_who_takes_it_has_it(cast):
    talk = written(cast)
    agent = cast.actor(cast.agent)
    taken = handling.take(actor=agent, id=talk.pk)
    assert (taken.state, taken.contact.agent_id, taken.contact.subject.owner_id) == (State.OPEN, cast.agent.pk, cast.agent.pk)
    with pytest.raises(Conflict):
        handling.take(actor=cast.actor(cast.receptionist), id=talk.pk)
    with pytest.raises(NotAllowed):
        handling.pend(actor=cast.actor(cast.receptionist), id=talk.pk, reason="等客户")
    assert [row["contact_id"] for row in queries.rows(agent, tab="mine").rows] == [talk.pk]
    assert queries.rows(agent, tab="waiting").rows == []


def test_the_customer_writes_again(cast):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.pend(actor=cast.actor(cast.agent), id=talk.pk, reason="等客户发照片")
    assert Obligation.objects.get(subject_id=talk.pk).state == "paused"
    services.receive(account=account(cast), incoming=letter(2, reply="照片来了"), conversation_id=talk.pk)
    talk.refresh_from_db()
    assert talk.state == State.OPEN
    assert Obligation.objects.get(subject_id=talk.pk).state == "running"
    assert Notice.objects.filter(recipient=cast.agent, kind="conversation.answered").count() == 1
    assert [row["reply"] for row in queries.messages(talk.pk)] == ["厨房水管漏水", "照片来了"]


def test_a_machine_changes_no_turn(cast):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="answered")
    services.receive(account=account(cast), incoming=letter(2, auto=Auto.AUTO_REPLY), conversation_id=talk.pk)
    talk.refresh_from_db()
    assert (talk.state, Notice.objects.count(), len(queries.messages(talk.pk))) == (State.CLOSED, 0, 2)
    listed, _new = services.receive(account=account(cast), incoming=letter(3, auto=Auto.LIST))
    assert not Obligation.objects.filter(subject_id=listed.conversation_id).exists()


@pytest.mark.parametrize("days", [0, 7])
def test_an_answer_within_days_opens_the_closed_one(cast, days):
    talk = written(cast)
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talk.pk)
    handling.close(actor=agent, id=talk.pk, wrap_up="answered")
    assert Contact.objects.get(pk=talk.pk).outcome == Outcome.SETTLED
    with moment.frozen(NOW + days * DAY):
        made, _new = services.receive(account=account(cast), incoming=letter(2), conversation_id=talk.pk)
    talk.refresh_from_db()
    assert (made.conversation_id, talk.state, talk.closed_at, talk.wrap_up) == (talk.pk, State.OPEN, None, "")
    assert Contact.objects.get(pk=talk.pk).outcome == Outcome.OPEN


def test_later_a_new_one_follows_it(cast):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="answered")
    with moment.frozen(NOW + 7 * DAY + timedelta(seconds=1)):
        made, _new = services.receive(account=account(cast), incoming=letter(2), conversation_id=talk.pk)
    assert (made.conversation.follows_id, made.conversation.state) == (talk.pk, State.WAITING)
    assert made.conversation.pk != talk.pk


def test_whose_agent_has_left_waits_for_another(cast):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.pend(actor=cast.actor(cast.agent), id=talk.pk, reason="等客户")
    Staff.objects.filter(pk=cast.agent.pk).update(is_active=False)
    services.receive(account=account(cast), incoming=letter(2), conversation_id=talk.pk)
    talk.refresh_from_db()
    assert (talk.state, talk.contact.agent_id) == (State.WAITING, None)


@pytest.mark.parametrize(("wrap_up", "outcome", "state"), [("answered", "settled", "met"), ("junk", "void", "void")])
def test_closing_ends_the_contact_and_its_clock(cast, wrap_up, outcome, state):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up=wrap_up)
    assert Contact.objects.get(pk=talk.pk).outcome == outcome
    assert Obligation.objects.get(subject_id=talk.pk).state == state
    with pytest.raises(Invalid):
        handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="whatever")


def test_transfer_to_a_colleague_and_to_a_unit(cast):
    talk = written(cast)
    agent = cast.actor(cast.agent)
    handling.take(actor=agent, id=talk.pk)
    moved = handling.transfer(actor=agent, id=talk.pk, agent_id=cast.receptionist.pk, reason="她认识客户")
    assert (moved.state, moved.contact.agent_id) == (State.OPEN, cast.receptionist.pk)
    assert Obligation.objects.get(subject_id=talk.pk).owner_id == cast.receptionist.pk
    assert Notice.objects.filter(recipient=cast.receptionist, kind="conversation.given").count() == 1
    with pytest.raises(NotAllowed):
        handling.transfer(actor=agent, id=talk.pk, unit_id=cast.repair.pk)
    moved = handling.transfer(actor=cast.actor(cast.receptionist), id=talk.pk, unit_id=cast.repair.pk)
    assert (moved.state, moved.contact.agent_id, moved.contact.subject.unit_path) == (State.WAITING, None, cast.repair.path)
    for wrong in ({}, {"agent_id": cast.agent.pk, "unit_id": cast.repair.pk}, {"agent_id": cast.crew.pk}, {"unit_id": 999_999}):
        with pytest.raises(Invalid):
            handling.transfer(actor=agent, id=talk.pk, **wrong)


def test_a_note_and_a_mention_are_for_colleagues(cast):
    talk = written(cast)
    handling.note(actor=cast.actor(cast.receptionist), id=talk.pk, text="上周也来过信")
    handling.mention(actor=cast.actor(cast.receptionist), id=talk.pk, staff_id=cast.agent.pk, text="请看一下")
    assert [row["direction"] for row in queries.messages(talk.pk)] == ["in", "note", "note"]
    assert Notice.objects.get(recipient=cast.agent).kind == "conversation.mentioned"
    with pytest.raises(Invalid):
        handling.note(actor=cast.actor(cast.agent), id=talk.pk, text=" \x00 ")
    with pytest.raises(Invalid):
        handling.mention(actor=cast.actor(cast.agent), id=talk.pk, staff_id=cast.crew.pk, text="请看一下")


def test_reopened_by_hand(cast):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    handling.close(actor=cast.actor(cast.agent), id=talk.pk, wrap_up="junk")
    again = handling.reopen(actor=cast.actor(cast.receptionist), id=talk.pk, reason="不是垃圾邮件")
    assert (again.state, again.contact.agent_id, again.contact.outcome) == (State.OPEN, cast.receptionist.pk, Outcome.OPEN)


def test_a_crew_sees_none_of_it(cast):
    talk = written(cast)
    with pytest.raises(NotFound):
        queries.get(cast.actor(cast.crew), talk.pk)
    with pytest.raises(NotFound):
        handling.take(actor=cast.actor(cast.crew), id=talk.pk)
    assert queries.rows(cast.actor(cast.crew)).rows == []
