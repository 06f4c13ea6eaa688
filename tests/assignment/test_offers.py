"""A waiting chat is offered to one person at a time until somebody takes it; it has exactly one owner."""

from datetime import timedelta

import pytest

from kefu.engines.notify.models import Notice
from kefu.kit import moment
from kefu.kit.errors import Conflict, NotFound
from kefu.touch.assignment import handling, queries, services
from kefu.touch.assignment.choices import Outcome
from kefu.touch.assignment.models import Offer
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations.choices import State
from kefu.touch.conversations.models import Conversation
from kefu.touch.presence import handling as presence
from tests.assignment.makers import chat_account, chatted, ready
from tests.property_centre import NOW

SECOND = timedelta(seconds=1)


def turn(seconds: float) -> int:
    with moment.frozen(NOW + seconds * SECOND):
        return services.turn()


def asked() -> list[int]:
    return list(Offer.objects.filter(ended_at=None).values_list("staff_id", flat=True))


def test_an_offer_passes_on_after_its_limit_and_is_taken_once(cast):
    ready(cast, cast.agent, cast.receptionist)
    one = chatted(cast)
    assert (turn(0), turn(1)) == (1, 0)
    assert asked() == [cast.agent.pk]
    assert Notice.objects.filter(recipient_id=cast.agent.pk, kind="conversation.offered", subject_id=one.pk).count() == 1
    assert turn(21) == 1
    assert asked() == [cast.receptionist.pk]
    with moment.frozen(NOW + 22 * SECOND):
        talks.take(actor=cast.actor(cast.receptionist), id=one.pk)
        with pytest.raises(Conflict):
            talks.take(actor=cast.actor(cast.agent), id=one.pk)
    assert turn(23) == 0
    assert list(Offer.objects.order_by("id").values_list("outcome", flat=True)) == [Outcome.PASSED, Outcome.TAKEN]


def test_who_passes_on_is_not_asked_again_at_once_and_nobody_beyond_the_room(cast):
    ready(cast, cast.agent)
    one = chatted(cast)
    turn(0)
    handling.pass_on(actor=cast.actor(cast.agent), id=one.pk)
    with pytest.raises(Conflict):
        handling.pass_on(actor=cast.actor(cast.agent), id=one.pk)
    assert (turn(5), turn(61)) == (0, 1)
    for number in range(2, 6):
        chatted(cast, number)
    turn(62)
    assert len(asked()) == 3


def test_work_of_who_loses_the_connection_is_offered_to_another(cast):
    ready(cast, cast.agent)
    one = chatted(cast)
    turn(0)
    talks.take(actor=cast.actor(cast.agent), id=one.pk)
    Conversation.objects.filter(pk=one.pk).update(first_reply_at=NOW)
    with moment.frozen(NOW + 200 * SECOND):
        ready(cast, cast.receptionist)
        assert presence.sign_off_disconnected() == 1
    assert turn(201) == 1
    assert asked() == [cast.receptionist.pk]
    assert Conversation.objects.get(pk=one.pk).contact.agent_id is None


def test_a_chat_given_to_who_is_not_here_is_offered_on_and_a_letter_lies_until_she_comes(cast):
    ready(cast, cast.agent)
    one = chatted(cast)
    turn(0)
    talks.take(actor=cast.actor(cast.agent), id=one.pk)
    Conversation.objects.filter(pk=one.pk).update(first_reply_at=NOW)
    presence.change(actor=cast.actor(cast.receptionist), id=cast.receptionist.pk, state="ready")
    presence.change(actor=cast.actor(cast.receptionist), id=cast.receptionist.pk, state="offline")
    with moment.frozen(NOW + 5 * SECOND):
        talks.transfer(actor=cast.actor(cast.agent), id=one.pk, agent_id=cast.receptionist.pk, reason="请接手")
    assert turn(20) == 0, "as long as an offer is held, she may still come"
    assert turn(26) == 1
    assert asked() == [cast.agent.pk]
    with moment.frozen(NOW + 30 * SECOND):
        talks.take(actor=cast.actor(cast.receptionist), id=one.pk)
    assert turn(300) == 0
    assert Conversation.objects.get(pk=one.pk).contact.agent_id == cast.receptionist.pk, "who takes it without signing in keeps it"


def test_skilled_people_are_asked_first_and_a_lead_sets_the_skill(cast):
    account = chat_account(cast)
    with pytest.raises(NotFound):
        handling.set_skill(actor=cast.actor(cast.agent), id=cast.agent.pk, account_id=account.pk, level=5)
    handling.set_skill(actor=cast.actor(cast.manager), id=cast.receptionist.pk, account_id=account.pk, level=5)
    ready(cast, cast.agent)
    chatted(cast)
    assert (turn(1), turn(61)) == (0, 1)
    handling.set_skill(actor=cast.actor(cast.manager), id=cast.receptionist.pk, account_id=account.pk, level=0)
    assert queries.skilled_accounts() == frozenset()


def test_the_top_bar_shows_what_is_offered(cast, signed_in):
    ready(cast, cast.agent)
    one = chatted(cast)
    services.turn()
    agent = signed_in(cast.agent)
    bar = agent.get("/inbox/offers").content.decode()
    assert f"/inbox/{one.pk}/do/take" in bar
    assert f'data-live="conversation:{one.pk}"' in bar, "what is taken or withdrawn leaves the bar at once"
    assert "/do/take" not in signed_in(cast.receptionist).get("/inbox/offers").content.decode()
    assert agent.post(f"/inbox/{one.pk}/do/take").headers["Location"] == f"/inbox/{one.pk}"
    assert Conversation.objects.get(pk=one.pk).state == State.OPEN
    assert queries.places([one.account_id]) == {}
