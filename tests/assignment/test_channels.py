"""Talks of every written channel are offered, each at the pace of its channel."""

from datetime import timedelta

import pytest

from kefu.engines.clock.models import Obligation
from kefu.kit import moment
from kefu.touch.assignment import services
from kefu.touch.assignment.models import Offer
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations.choices import Auto, State
from kefu.touch.conversations.models import Conversation
from kefu.touch.presence import handling as presence
from tests.assignment.makers import chatted, ready, wrote
from tests.property_centre import NOW

SECOND = timedelta(seconds=1)


def turn(seconds: float) -> int:
    with moment.frozen(NOW + seconds * SECOND):
        return services.turn()


def offered() -> list[tuple[int, int]]:
    return list(Offer.objects.filter(ended_at=None).order_by("id").values_list("conversation_id", "staff_id"))


@pytest.mark.parametrize(
    ("channel", "seconds", "code"),
    [
        ("social", 20, "social_reply"),
        ("sms", 60, "sms_reply"),
        ("email", 60, "first_reply"),
        ("fax", 60, "other_reply"),
        ("api", 60, "other_reply"),
    ],
)
def test_every_written_channel_is_offered_and_carries_its_clock(cast, channel, seconds, code):
    talk = wrote(cast, channel)
    ready(cast, cast.agent)
    assert turn(0) == 1
    offer = Offer.objects.get(conversation=talk)
    assert (offer.staff_id, offer.until - offer.at) == (cast.agent.pk, seconds * SECOND)
    assert Obligation.objects.get(subject_id=talk.pk).code == f"conversation.{code}"


def test_letters_are_offered_one_by_one_and_hide_no_chat(cast):
    letters = [wrote(cast, "email", number) for number in range(12)]
    ready(cast, cast.agent)
    assert (turn(0), turn(1)) == (1, 0)
    chat = chatted(cast)
    assert turn(2) == 1
    assert offered() == [(letters[0].pk, cast.agent.pk), (chat.pk, cast.agent.pk)]
    for one in letters[:10]:
        talks.take(actor=cast.actor(cast.agent), id=one.pk)
    Offer.objects.all().delete()
    talks.take(actor=cast.actor(cast.agent), id=chat.pk)
    assert turn(3) == 0
    for one in (chat, *letters[:4]):
        talks.pend(actor=cast.actor(cast.agent), id=one.pk, reason="other")
    assert turn(4) == 1
    assert offered() == [(letters[10].pk, cast.agent.pk)]


def test_what_only_machines_wrote_is_offered_to_nobody(cast):
    ready(cast, cast.agent)
    wrote(cast, "email", auto=Auto.LIST)
    assert turn(0) == 0


def test_a_letter_waits_half_an_hour_for_who_signed_off_and_a_wechat_two_minutes_for_an_answer(cast):
    agent = cast.actor(cast.agent)
    ready(cast, cast.agent)
    letter, person = wrote(cast, "email"), wrote(cast, "social")
    for one in (letter, person):
        talks.take(actor=agent, id=one.pk)
    turn(119)
    assert set(Conversation.objects.values_list("state", flat=True)) == {State.OPEN}
    turn(121)
    assert dict(Conversation.objects.values_list("account__channel", "state")) == {"email": State.OPEN, "social": State.WAITING}
    with moment.frozen(NOW + 200 * SECOND):
        presence.change(actor=agent, id=cast.agent.pk, state="offline")
        ready(cast, cast.receptionist)
    Conversation.objects.filter(pk=person.pk).update(state=State.OPEN)
    assert turn(200 + 1799) == 0
    assert turn(200 + 1801) == 1
    assert offered() == [(letter.pk, cast.receptionist.pk)]
