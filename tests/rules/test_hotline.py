"""The clause of 002C on orders that the 12345 hotline passes on."""

import pytest

from kefu.cases.workorders.models import WorkOrder
from kefu.engines.clock.models import Obligation
from kefu.flows import open_passed_on
from kefu.touch.channels.hotline import declares, handling, services
from tests.property_centre import DAY, NOW


@pytest.mark.clause("R-02C-2d")
def test_an_order_of_the_hotline_keeps_its_number_and_limit_and_is_returned_at_most_once(cast):
    agent, dispatcher = cast.actor(cast.agent), cast.actor(cast.dispatcher)
    for _again in range(2):
        passed_on = services.take_in(actor=agent, number="12345-1", content="路灯不亮", due_at=NOW + 2 * DAY).order
    open_passed_on.open_order(actor=agent, id=passed_on.pk, order_type="repair.public.water")
    order = WorkOrder.objects.get()
    assert order.outside_number == "12345-1"
    assert Obligation.objects.get(subject=order.pk, code="hotline12345.result").due_at == NOW + 2 * DAY
    handling.ask_return(actor=dispatcher, id=passed_on.pk, reason="not_ours", text="市政设施", way="platform")
    handling.decide(actor=dispatcher, id=passed_on.pk, verdict="refused")
    assert "ask_return" not in declares.allowed(dispatcher, passed_on.pk)
