"""A reply on any channel: written once, the clock met, and who wrote it told when it does not arrive."""

import io
import re

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.files import services as files
from kefu.engines.notify.models import Notice
from kefu.kit.errors import Conflict, Invalid, NotAllowed
from kefu.touch.conversations import handling, queries, services
from kefu.touch.conversations.choices import Delivery, State
from kefu.touch.conversations.models import Conversation
from kefu.touch.conversations.registry import Outlet, outlets
from tests.conversations.makers import letter, written


@pytest.fixture
def sent(monkeypatch):
    """What a channel that always takes everything was given."""
    given = []
    monkeypatch.setitem(outlets._items, "email", Outlet("email", lambda message: given.append(message.pk), most_text=100, most_bytes=50))
    return given


def test_a_reply_goes_out_and_meets_the_first_reply(cast, sent):
    talk, agent = written(cast), cast.actor(cast.agent)
    proof = files.add(actor=agent, upload=io.BytesIO("水费单".encode()), name="水费单.txt")
    made = handling.reply(actor=agent, id=talk.pk, text=" 维修师傅上午到。\n", files=[proof.pk])
    talk = Conversation.objects.select_related("contact").get(pk=talk.pk)
    assert (sent, made.text, made.delivery) == ([made.pk], "维修师傅上午到。", "queued")
    assert (talk.state, talk.contact.agent_id, talk.first_reply_at) == ("pending", agent.id, made.at)
    assert Obligation.objects.get(subject_id=talk.pk).state == "met"
    assert [one["file__name"] for one in queries.messages(talk.pk)[-1]["files"]] == ["水费单.txt"]
    services.receive(account=talk.account, incoming=letter(2), conversation_id=talk.pk)
    assert Conversation.objects.get(pk=talk.pk).state == "open"


@pytest.mark.parametrize(
    ("words", "field"), [({"text": " "}, "text"), ({"text": "长" * 101}, "text"), ({"text": "好", "files": True}, "files")]
)
def test_what_the_channel_does_not_take_is_refused_and_nothing_goes_out(cast, sent, words, field):
    talk, agent = written(cast), cast.actor(cast.agent)
    if "files" in words:
        words = {**words, "files": [files.add(actor=agent, upload=io.BytesIO(b"much " * 20), name="a.txt").pk]}
    with pytest.raises(Invalid) as refused:
        handling.reply(actor=agent, id=talk.pk, **words)
    assert set(refused.value.fields) == {field}
    assert (sent, len(queries.messages(talk.pk))) == ([], 1)


def test_what_hinders_the_channel_is_told(cast, monkeypatch):
    talk = written(cast)
    shut = Outlet("email", lambda message: None, hindrance=lambda account: "no server")
    monkeypatch.setitem(outlets._items, "email", shut)
    with pytest.raises(Conflict) as refused:
        handling.reply(actor=cast.actor(cast.agent), id=talk.pk, text="好")
    assert refused.value.message() == "no server"


def test_a_colleague_does_not_answer_for_another(cast, sent):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    with pytest.raises(NotAllowed):
        handling.reply(actor=cast.actor(cast.receptionist), id=talk.pk, text="好")
    assert sent == []


def test_what_did_not_arrive_is_told_once_and_sent_again(cast, sent):
    talk, agent = written(cast), cast.actor(cast.agent)
    made = handling.reply(actor=agent, id=talk.pk, text="好")
    assert "resend" not in handling.policies.allowed(agent, queries.facts(queries.get(agent, talk.pk)))
    for _twice in range(2):
        services.delivered(made.pk, Delivery.FAILED, "550 no such user")
    notice = Notice.objects.get(kind="conversation.undelivered")
    assert (notice.recipient_id, queries.messages(talk.pk)[-1]["trouble"]) == (agent.id, "550 no such user")
    assert queries.undelivered(agent, talk.pk) == [(made.pk, "好")]
    handling.resend(actor=agent, id=talk.pk, message_id=made.pk)
    services.delivered(made.pk, Delivery.SENT)
    assert (sent, queries.messages(talk.pk)[-1]["delivery"]) == ([made.pk, made.pk], "sent")
    with pytest.raises(Conflict):
        handling.resend(actor=agent, id=talk.pk, message_id=made.pk)


def test_a_turn_is_added_to_the_page_with_what_it_changed(cast, signed_in, sent):
    talk = written(cast)
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    client = signed_in(cast.agent)
    whole = client.get(f"/inbox/{talk.pk}").content.decode()
    (last,) = re.findall(r'id="turns-after" name="after" value="(\d+)"', whole)
    handling.reply(actor=cast.actor(cast.agent), id=talk.pk, text="师傅一小时内到")
    added = client.get(f"/inbox/{talk.pk}/turns?after={last}").content.decode()
    assert "师傅一小时内到" in added
    assert "厨房水管漏水" not in added
    assert 'id="conversation-head" hx-swap-oob="true"' in added
    assert str(State.PENDING.label) in added
    (further,) = re.findall(r'id="turns-after" name="after" value="(\d+)"', added)
    assert int(further) > int(last)
    again = client.get(f"/inbox/{talk.pk}/turns?after={further}").content.decode()
    assert "<article" not in again
    assert f'value="{further}"' in again
    assert signed_in(cast.crew).get(f"/inbox/{talk.pk}/turns?after=0").status_code in (403, 404)
