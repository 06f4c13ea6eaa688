"""What is asked of answers to what customers write."""

from datetime import timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.engines.clock.ticker import tick
from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Invalid
from kefu.touch.assignment import services as assignment
from kefu.touch.assignment.models import Offer
from kefu.touch.conversations import handling
from kefu.touch.conversations.services import Incoming, receive
from tests.assignment.makers import chatted, ready
from tests.conversations.makers import written
from tests.property_centre import HOUR, MINUTE, NOW


@pytest.mark.clause("R-03-7.2.3")
def test_a_letter_is_answered_within_a_day(cast):
    talk = written(cast)
    owed = Obligation.objects.get(subject_id=talk.pk)
    assert (owed.code, owed.due_at - owed.started_at) == ("conversation.first_reply", 24 * HOUR)
    assert {"R-03-7.2.3", "R-01-3.1a"} == set(owed.clauses)


@pytest.mark.clause("R-03-8.1.2a")
def test_a_chat_is_warned_at_60_and_90_seconds_and_offered_to_another_at_120(cast):
    def after(seconds: int):
        return moment.frozen(NOW + timedelta(seconds=seconds))

    ready(cast, cast.agent)
    talk = chatted(cast)
    assignment.turn()
    handling.take(actor=cast.actor(cast.agent), id=talk.pk)
    told = Notice.objects.filter(subject_id=talk.pk, kind__startswith="clock.").order_by("id").values_list("recipient_id", "kind")
    for seconds, warned in ((59, 0), (60, 1), (89, 1), (90, 2), (119, 2)):
        with after(seconds):
            tick()
            assignment.turn()
        assert [who for who, _kind in told.all()] == [cast.agent.pk] * warned, seconds
    with after(120):
        ready(cast, cast.receptionist)
    with after(121):
        tick()
        assert assignment.turn() == 1
    assert (cast.manager.pk, "clock.escalated") in list(told.all())
    assert list(Offer.objects.filter(ended_at=None).values_list("staff_id", flat=True)) == [cast.receptionist.pk]
    owed = Obligation.objects.get(subject_id=talk.pk)
    assert (owed.code, owed.overdue_at is not None, owed.clauses) == ("conversation.chat_reply", True, ["R-03-8.1.2a", "R-01-3.1a"])


@pytest.mark.clause("R-03-8.1.2a")
def test_each_next_question_in_a_chat_is_answered_within_two_minutes(cast):
    talk, agent = chatted(cast), cast.actor(cast.agent)
    handling.reply(actor=agent, id=talk.pk, text="您好")
    for number in (2, 3):
        incoming = Incoming(foreign_id=f"v1:{number}", sender="visitor:1", text="还在吗", reply="还在吗")
        with moment.frozen(NOW + number * MINUTE):
            receive(account=talk.account, incoming=incoming, conversation_id=talk.pk)
    owed = Obligation.objects.get(subject_id=talk.pk, code="conversation.chat_next_reply")
    assert owed.due_at == NOW + 4 * MINUTE
    with moment.frozen(NOW + 5 * MINUTE):
        handling.reply(actor=agent, id=talk.pk, text="在的")
    owed.refresh_from_db()
    assert owed.state == "late"


@pytest.mark.clause("R-01-4.2")
@pytest.mark.parametrize("words", ["你是白痴吗", "你 真 是，白-痴", "Don't be STUPID, sir"])
def test_no_vulgar_or_offensive_word_goes_out(cast, words):
    talk, agent = chatted(cast), cast.actor(cast.agent)
    with pytest.raises(Invalid) as refused:
        handling.reply(actor=agent, id=talk.pk, text=words)
    assert set(refused.value.fields) == {"text"}
    assert handling.reply(actor=agent, id=talk.pk, text="不用白费力，这很简单；no stupidity.").delivery == "sent"
