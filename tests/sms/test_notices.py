"""Residents are told how their order goes, once, in waking hours, if they want it."""

from datetime import timedelta

import pytest

from kefu.engines.jobs import queue
from kefu.flows import tell_customers
from kefu.kit import moment
from kefu.timeline import feed
from kefu.timeline.models import Event
from kefu.touch.channels.sms import handling
from kefu.touch.channels.sms.models import Blocked, Followed, Text
from tests import cases
from tests.sms.makers import gateway, line


@pytest.fixture
def told(cast, monkeypatch):
    """A template is approved. A test is one open transaction, whose events PostgreSQL does not hand out: here it does."""
    monkeypatch.setattr(feed, "_AFTER", {vendor: sql.replace(feed._SETTLED, "true") for vendor, sql in feed._AFTER.items()})
    text = "您的工单{number}已受理，{unit}客服{hotline}。"
    made = handling.write(actor=cast.actor(cast.manager), name="接单通知", occasion="order.accepted", text=text, vendor_code="T1")
    handling.approve(actor=cast.actor(cast.boss), id=made.pk)
    tell_customers.follow()
    return made


def test_an_accepted_order_is_told_once(cast, told):
    with gateway() as there:
        line(cast, there.port, hotline="4008001234")
        order = cases.accepted(cast)
        assert tell_customers.follow() > 0
        tell_customers.follow()
        Followed.objects.update(bookmark="0-0")
        tell_customers.follow()
        queue.drain()
    number = order.subject.number
    assert [one["text"] for one in there.taken] == [f"【绿洲物业】您的工单{number}已受理，绿洲物业客服4008001234。"]
    assert (there.taken[0]["template"], Text.objects.get().state) == ("T1", "sent")
    assert Event.objects.filter(subject_id=order.pk, kind="sms.noticed").count() == 1


def test_nobody_is_woken_and_who_wants_none_gets_none(cast, told):
    line(cast)
    night = moment.now().replace(hour=23, minute=0)
    order = cases.accepted(cast)
    with moment.frozen(night):
        tell_customers.follow()
    assert Text.objects.get().next_at == night + timedelta(hours=9)
    Text.objects.all().delete()
    Blocked.objects.create(number=order.phone)
    Followed.objects.update(bookmark="0-0")
    tell_customers.follow()
    assert not Text.objects.exists()


def test_without_a_template_nothing_goes_out_later_either(cast, told):
    line(cast)
    handling.retire(actor=cast.actor(cast.manager), id=told.pk)
    cases.accepted(cast)
    tell_customers.follow()
    again = handling.change(actor=cast.actor(cast.manager), id=told.pk, name="接单", occasion="order.accepted", text="工单{number}已受理。")
    handling.approve(actor=cast.actor(cast.boss), id=again.pk)
    assert tell_customers.follow() >= 0
    assert not Text.objects.exists()
