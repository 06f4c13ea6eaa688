"""A visit is a talk: whoever waits is offered, and inbox and reception say the same of it."""

from __future__ import annotations

import pytest

from kefu.engines.clock.models import Obligation
from kefu.kit import moment
from kefu.kit.errors import Conflict
from kefu.touch.assignment import handling as skills
from kefu.touch.assignment import services as assignment
from kefu.touch.assignment.models import Offer
from kefu.touch.channels.visits import services
from kefu.touch.channels.visits.models import Visit
from kefu.touch.contacts import queries as contacts
from kefu.touch.conversations import handling as talks
from kefu.touch.conversations import queries
from kefu.touch.conversations.models import Conversation
from tests.assignment.makers import ready, wrote
from tests.browser import Browser
from tests.property_centre import MINUTE, NOW
from tests.visits.test_reception import came


def both(visit):
    """How the talk and the visit stand, and whose it is."""
    talk = Conversation.objects.select_related("contact").get(pk=visit.pk)
    return talk.state, Visit.objects.get(pk=visit.pk).state, talk.contact.agent_id


def test_who_comes_waits_in_the_inbox_with_one_clock_and_not_on_the_desk(cast, signed_in):
    visit = came(cast, name="张伟", phone="13812345678", purpose="电梯投诉")
    talk = Conversation.objects.get()
    assert (talk.title, talk.account.address, both(visit)) == ("A001 电梯投诉", "counter:A", ("waiting", "waiting", None))
    assert Obligation.objects.get().code == "visit.wait"
    assert contacts.open_contacts(cast.actor(cast.agent), but=queries.is_conversation()) == []
    page = signed_in(cast.agent).get(f"/inbox/{talk.pk}").content.decode()
    assert all(word in page for word in ("A001", f"/visits/{talk.pk}/do/serve"))
    assert 'id="reply-text"' not in page
    assert "13812345678" not in page


def test_it_is_offered_to_who_serves_the_counter_one_at_a_time(cast):
    first = came(cast, purpose="一")
    came(cast, purpose="二")
    ready(cast, cast.agent, cast.receptionist)
    account = Conversation.objects.get(pk=first.pk).account_id
    skills.set_skill(actor=cast.actor(cast.manager), id=cast.receptionist.pk, account_id=account, level=5)
    with moment.frozen(NOW + MINUTE):
        assert assignment.turn() == 1  # an agent has room for one visitor
    assert Offer.objects.values_list("conversation_id", "staff_id").get() == (first.pk, cast.receptionist.pk)


def test_taken_in_the_inbox_the_number_is_called_and_received_it_is_answered(cast, signed_in):
    visit = came(cast, purpose="电梯")
    agent = cast.actor(cast.agent)
    talks.take(actor=agent, id=visit.pk)
    assert both(visit) == ("open", "called", cast.agent.pk)
    with pytest.raises(Conflict) as refused:
        talks.reply(actor=agent, id=visit.pk, text="您好")
    assert refused.value.code == "no_way_out"
    with pytest.raises(Conflict):
        talks.close(actor=agent, id=visit.pk, wrap_up="answered")
    assert signed_in(cast.agent).get(f"/desk/{visit.pk}").status_code == 200  # the record: the visitor sits down
    assert both(visit) == ("open", "serving", cast.agent.pk)
    assert Conversation.objects.get().first_reply_at == NOW
    assert Obligation.objects.get(code="visit.wait").state == "met"


def test_called_at_the_reception_it_is_taken_and_who_receives_has_it(cast):
    visit = came(cast)
    services.call_next(actor=cast.actor(cast.receptionist), window="1号")
    assert both(visit) == ("open", "called", cast.receptionist.pk)
    services.serve(actor=cast.actor(cast.agent), id=visit.pk)
    assert both(visit) == ("open", "serving", cast.agent.pk)


def test_who_leaves_or_is_turned_away_unreceived_ends_the_talk(cast):
    gone, refused = came(cast), came(cast)
    agent = cast.actor(cast.agent)
    services.leave(actor=agent, id=gone.pk)
    services.refuse(actor=agent, id=refused.pk, refusal="insurance")
    assert (both(gone)[:2], both(refused)[:2]) == (("closed", "left"), ("closed", "refused"))


def test_who_was_received_leaves_the_record_to_the_agent_until_it_is_finished(cast, signed_in):
    visit = came(cast, purpose="问停车")
    services.serve(actor=cast.actor(cast.agent), id=visit.pk)
    services.leave(actor=cast.actor(cast.agent), id=visit.pk, opinion="好")
    assert both(visit) == ("open", "left", cast.agent.pk)
    Browser(signed_in(cast.agent)).send(f"/desk/{visit.pk}", action="settle", answer="已告知收费标准")
    assert both(visit)[0] == "closed"


def test_who_is_received_at_once_is_in_hand_at_once(cast):
    visit = services.arrive(actor=cast.actor(cast.agent), received=True)
    assert both(visit) == ("open", "serving", cast.agent.pk)


def test_a_visitor_is_offered_before_what_lay_there_longer(cast):
    wrote(cast, "email")
    with moment.frozen(NOW + MINUTE):
        visit = came(cast)
        ready(cast, cast.agent)
        assignment.turn()
    assert Offer.objects.get().conversation_id == visit.pk
