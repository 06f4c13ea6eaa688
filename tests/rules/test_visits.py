"""Source 004, part 2: how a visitor is received and seen off."""

import pytest

from kefu.engines.clock.models import Obligation
from kefu.kit import moment
from kefu.touch.channels.visits import services
from kefu.touch.contacts.models import Contact
from tests.property_centre import MINUTE, NOW


@pytest.mark.clause("R-04-2.1", "R-04-2.4")
def test_the_wait_runs_from_the_door_to_the_chair(cast):
    visit = services.arrive(actor=cast.actor(cast.receptionist))
    with moment.frozen(NOW + 3 * MINUTE):
        services.call(actor=cast.actor(cast.agent), id=visit.pk, window="2号窗口")
        assert services.serve(actor=cast.actor(cast.agent), id=visit.pk).served_at == NOW + 3 * MINUTE
    row = Obligation.objects.get(subject=visit.pk, code="visit.wait")
    assert (row.state, row.due_at, row.met_at) == ("met", NOW + 10 * MINUTE, NOW + 3 * MINUTE)
    contact = Contact.objects.get(pk=visit.pk)
    assert (contact.agent, contact.answered_at) == (cast.agent, NOW + 3 * MINUTE)


@pytest.mark.clause("R-04-2.5")
def test_a_visitor_is_seen_off_and_asked_for_an_opinion(cast):
    agent = cast.actor(cast.agent)
    visit = services.arrive(actor=agent, received=True)
    left = services.leave(actor=agent, id=visit.pk, opinion="窗口太少")
    assert (left.left_at, left.opinion) == (NOW, "窗口太少")
